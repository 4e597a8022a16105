import { DomainError } from '../../platform/domain-error';
import { EXIT, UsageError } from '../exit-code';
import { withLedger } from '../open-ledger';
import { periodArguments, type PeriodOptions, periodRequest, readPoolPeriod } from '../period-options';
import type { Register } from '../program';

interface Options extends PeriodOptions {
  readonly approval: string;
  readonly reason?: string;
  readonly approve?: boolean;
}

export const registerReopen: Register = (line) =>
  void line.add<Options>({
    name: 'reopen',
    zh: '反结账：一人申请（--reason），另一人批准（--approve）',
    en: 'open a closed month or year again: one person asks (--reason), another approves (--approve)',
    example:
      'yichi reopen 630222 2024-03 --approval 民财〔2024〕反1号 --reason 漏记一笔支付 --as 张三\n' +
      '  yichi reopen 630222 2024-03 --approval 民财〔2024〕反1号 --approve --as 李四',
    configure: (command, say) =>
      periodArguments(command, say)
        .requiredOption('--approval <documentNo>', say('批准文号', 'number of the document that approves it'))
        .option('--reason <text>', say('申请：写明原因', 'ask for it, and say why'))
        .option('--approve', say('批准另一人的申请', 'approve what another person asked for')),
    run: async (context, args, options) => {
      const { approval: approvalNo, reason, approve } = options;
      if ((reason === undefined) === (approve === undefined)) throw eitherOr();
      const { pool, period, isYear } = await readPoolPeriod(args, options);
      const request = await periodRequest(options);
      const person = request.actor.id;
      const matter = isYear ? { ...pool, fiscalYear: Number(period) } : pool;
      const answer = await withLedger(context, ({ desk }) =>
        reason === undefined
          ? desk.pool('ApproveReopening', { ...matter, approvalNo, period, approvedBy: person }, request)
          : desk.pool('RequestReopening', { ...matter, approvalNo, period, requestedBy: person, reason }, request),
      );
      const { terminal } = context;
      const { division, fiscalYear } = matter;
      const { eventIds, position, unchanged } = answer;
      const reopened = reason === undefined;
      const ofPool = terminal.say(
        `${division} 的 ${fiscalYear} 年资金池：${period} `,
        `Pool of ${division}, ${fiscalYear}: ${period} `,
      );
      terminal.data(
        () =>
          ofPool +
          (reopened
            ? terminal.say(
                `已反结账，可以记账（${approvalNo}，批准人 ${person}）`,
                `is open again (${approvalNo}, approved by ${person})`,
              )
            : terminal.say(
                `已申请反结账（${approvalNo}，申请人 ${person}），待另一人批准`,
                `asked to be opened (${approvalNo}, by ${person}); another person approves`,
              )),
        () => ({
          reopen: {
            division,
            fiscalYear,
            period,
            approvalNo,
            reopened,
            eventIds,
            position: String(position),
            unchanged,
          },
        }),
      );
      return EXIT.done;
    },
  });

const eitherOr = (): UsageError =>
  new UsageError(
    new DomainError('input', {
      code: 'USAGE',
      message: '写 --reason（申请）或 --approve（批准）中的一个。',
      messageEn: 'Give either --reason (to ask) or --approve (to approve).',
      remedy: '申请人写 --reason <原因>；批准人写 --approve。',
      remedyEn: 'Who asks gives --reason <text>; who approves gives --approve.',
    }),
  );
