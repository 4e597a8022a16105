import { DomainError } from '../../platform/domain-error';
import { EXIT, UsageError } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { CommandContext, Register } from '../program';

interface Options {
  readonly output?: string;
  readonly from?: string;
  readonly to?: string;
}

/** A proof as it is printed or written, what is told of a written one, and its parts for programs. */
interface Printed {
  readonly text: string;
  readonly written: { readonly zh: string; readonly en: string };
  readonly parts: object;
}

export const registerProof: Register = (line) =>
  void line.add<Options>({
    name: 'proof',
    zh: '证明某事件在账中，或较晚的账以较早的账为开头（可离线核验）',
    en: 'prove that an event is in the log, or that the log began as an earlier one (can be verified offline)',
    example:
      'yichi proof 3f0c3a52-6c0e-5d0b-9e5e-0c1d2e3f4a5b -o 支付.tlog-proof\n  yichi proof --from 230 -o 230以来.proof',
    configure: (command, say) =>
      command
        .argument('[eventId]', say('事件编号：C2SP tlog-proof', 'id of the event: a C2SP tlog-proof'))
        .option(
          '--from <size>',
          say('较早的条数，例如手中检查点的：一致性证明', 'an earlier number of events, as in a checkpoint you hold'),
        )
        .option(
          '--to <size>',
          say('较晚的条数（默认最新检查点的）', 'a later number of events (default: that of the newest checkpoint)'),
        )
        .option('-o, --output <file>', say('写入文件，不覆盖已有文件', 'write to a file that is not there yet')),
    run: async (context, [eventId], { output, from, to }) => {
      if ((eventId === undefined) === (from === undefined)) throw oneOfBoth();
      if (to !== undefined && from === undefined) throw oneOfBoth();
      const proof = from === undefined ? await ofEvent(context, eventId ?? '') : await ofGrowth(context, from, to);
      const { terminal } = context;
      if (output !== undefined) {
        const { writeNewFile } = await import('../../importing/write-new-file');
        await writeNewFile(output, Buffer.from(proof.text, 'utf8'));
        terminal.message(`已写入 ${output}：${proof.written.zh}`, `Wrote ${output}: ${proof.written.en}`);
        if (!terminal.json) return EXIT.done;
      }
      terminal.data(
        () => proof.text.trimEnd(),
        () => ({ proof: proof.parts }),
      );
      return EXIT.done;
    },
  });

const ofEvent = async (context: CommandContext, eventId: string): Promise<Printed> => {
  const { proveEvent } = await import('../../audit/checkpoints/prove-event');
  const { inclusionJson } = await import('../../audit/checkpoints/proof-answer');
  const proof = await withLedger(context, async (ledger) => {
    // Only a log that does not know its events by their ids needs the read model.
    if (ledger.log.tree?.leafOfEvent === undefined) await catchUp(ledger, context);
    return proveEvent(ledger, eventId);
  });
  const { index, checkpoint } = proof;
  return {
    text: proof.text,
    written: {
      zh: `第 ${index + 1} 条，检查点共 ${checkpoint.size} 条`,
      en: `number ${index + 1} of the ${checkpoint.size} under the checkpoint`,
    },
    parts: { eventId: eventId.toLowerCase(), ...inclusionJson(proof) },
  };
};

const ofGrowth = async (context: CommandContext, from: string, to: string | undefined): Promise<Printed> => {
  const { growthText, proveGrowth } = await import('../../audit/checkpoints/prove-growth');
  const answer = await withLedger(context, (ledger) => proveGrowth(ledger, { from, to }));
  return {
    text: growthText(answer),
    written: {
      zh: `${answer.to} 条的账以 ${answer.from} 条的账为开头`,
      en: `the log of ${answer.to} events begins with that of ${answer.from}`,
    },
    parts: answer,
  };
};

const oneOfBoth = (): UsageError =>
  new UsageError(
    new DomainError('input', {
      code: 'USAGE',
      message: '写明要证明什么：一个事件编号，或 --from 较早的条数（可加 --to）。',
      messageEn: 'Say what to prove: the id of an event, or --from an earlier number of events (and --to).',
      remedy: '参见 yichi proof --help。',
      remedyEn: 'See yichi proof --help.',
    }),
  );
