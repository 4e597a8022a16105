import { EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { Register } from '../program';

interface Options {
  readonly output?: string;
}

export const registerProof: Register = (line) =>
  void line.add<Options>({
    name: 'proof',
    zh: '证明某事件在账中（C2SP tlog-proof，可离线核验）',
    en: 'prove that an event is in the log (C2SP tlog-proof, can be verified offline)',
    example: 'yichi proof 3f0c3a52-6c0e-5d0b-9e5e-0c1d2e3f4a5b -o 支付.tlog-proof',
    configure: (command, say) =>
      command
        .argument('<eventId>', say('事件编号', 'id of the event'))
        .option('-o, --output <file>', say('写入文件，不覆盖已有文件', 'write to a file that is not there yet')),
    run: async (context, [eventId = ''], { output }) => {
      const { proveEvent } = await import('../../audit/checkpoints/prove-event');
      const { inclusionJson } = await import('../../audit/checkpoints/proof-answer');
      const proof = await withLedger(context, async (ledger) => {
        // Only a log that does not know its events by their ids needs the read model.
        if (ledger.log.tree?.leafOfEvent === undefined) await catchUp(ledger, context);
        return proveEvent(ledger, eventId);
      });
      const { terminal } = context;
      if (output !== undefined) {
        const { writeNewFile } = await import('../../importing/write-new-file');
        await writeNewFile(output, Buffer.from(proof.text, 'utf8'));
        terminal.message(
          `已写入 ${output}：第 ${proof.index + 1} 条，检查点共 ${proof.checkpoint.size} 条`,
          `Wrote ${output}: number ${proof.index + 1} of the ${proof.checkpoint.size} under the checkpoint`,
        );
        if (!terminal.json) return EXIT.done;
      }
      terminal.data(
        () => proof.text.trimEnd(),
        () => ({ proof: { eventId: eventId.toLowerCase(), ...inclusionJson(proof) } }),
      );
      return EXIT.done;
    },
  });
