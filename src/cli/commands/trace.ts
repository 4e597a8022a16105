import { asUsage, EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { Register } from '../program';
import { momentOptions, type MomentOptions } from './question-options';

interface Options extends MomentOptions {
  readonly kind?: string;
  readonly mermaid?: boolean;
}

const KINDS = 'event|appropriation|transfer|allocation|payment|project';

export const registerTrace: Register = (line) =>
  void line.add<Options>({
    name: 'trace',
    zh: '追溯：从指标到各村、各收款凭证，或从支付回到各指标，精确到分',
    en: 'trace money both ways: from a document to villages and vouchers, from a payment to its lines, to the fen',
    example: 'yichi trace 支126',
    configure: (command, say) =>
      momentOptions(command, say)
        .argument('<id>', say('文号、凭证号、项目编号或事件编号', 'document, voucher, project code or event id'))
        .option('--kind <kind>', say('号码可能重名时指明：', 'where a number is ambiguous: ') + KINDS)
        .option('--mermaid', say('输出 Mermaid 流向图', 'print a Mermaid flow picture')),
    run: async (context, [id = ''], options) => {
      const { parseTraceKind, trace } = await import('../../audit/lineage/trace');
      const { traceJson } = await import('../../audit/lineage/trace-answer');
      const kind = options.kind === undefined ? undefined : asUsage(() => parseTraceKind(options.kind ?? ''));
      const { readMoment } = await import('../../balances/moment-request');
      asUsage(() => readMoment(options));
      const { renderTrace, renderTraceMermaid } = await import('../trace-text');
      const { nameOf } = await import('../../balances/names');
      const { language } = context.terminal;
      return withLedger(context, async (ledger) => {
        await catchUp(ledger, context);
        const answer = trace(ledger.readModel, { id, kind, moment: await ledger.moment(options) });
        const render = options.mermaid === true ? renderTraceMermaid : renderTrace;
        context.terminal.data(
          () =>
            ledger.readModel.read((snapshot) =>
              render(answer, language, (kindOf, code) => nameOf(snapshot, kindOf, code, answer.asOf, answer.position)),
            ),
          () => traceJson(answer),
        );
        return EXIT.done;
      });
    },
  });
