import type { ClosingAnswer } from '../../ledger/closing';
import { EXIT } from '../exit-code';
import { withLedger } from '../open-ledger';
import { periodArguments, type PeriodOptions, periodRequest, type PoolPeriod, readPoolPeriod } from '../period-options';
import type { CommandContext, Register } from '../program';

interface Options extends PeriodOptions {
  readonly number?: string;
}

export const registerClose: Register = (line) =>
  void line.add<Options>({
    name: 'close',
    zh: '月结或年度关账：该期间不再接受记账，并出具检查点封存',
    en: 'close a month or a year: it takes no entries any more, and a checkpoint seals it',
    example: 'yichi close 630222 2024-03',
    configure: (command, say) =>
      periodArguments(command, say).option(
        '--number <closingNo>',
        say(
          '结账编号（默认 YJ-区划-月份 或 NJ-区划-年度）',
          'number of the closing (default YJ-division-month, NJ-division-year)',
        ),
      ),
    run: async (context, args, options) => {
      const closing = await readPoolPeriod(args, options);
      const { pool, period, isYear } = closing;
      const closingNo = options.number ?? `${isYear ? 'NJ' : 'YJ'}-${pool.division}-${period}`;
      const request = await periodRequest(options);
      const answer = await withLedger(context, (ledger) =>
        isYear
          ? ledger.closePeriod('CloseYear', { ...yearOf(closing), closingNo }, request)
          : ledger.closePeriod('CloseMonth', { ...pool, closingNo, month: period }, request),
      );
      show(context, closing, closingNo, answer);
      return EXIT.done;
    },
  });

/** The year that is closed is the pool's own. */
const yearOf = ({ pool, period }: PoolPeriod): PoolPeriod['pool'] => ({ ...pool, fiscalYear: Number(period) });

const show = ({ terminal }: CommandContext, closing: PoolPeriod, closingNo: string, answer: ClosingAnswer): void => {
  const { division, fiscalYear } = closing.pool;
  const { period } = closing;
  const { checkpoint, notSealed, eventIds, position, unchanged } = answer;
  const zh = `${division} 的 ${fiscalYear} 年资金池：${period} ${unchanged ? '早已结账' : '已结账'}（${closingNo}，位置 ${position}）`;
  const en = `Pool of ${division}, ${fiscalYear}: ${period} ${unchanged ? 'was closed already' : 'is closed'} (${closingNo}, position ${position})`;
  const sealed =
    checkpoint === null
      ? ''
      : terminal.say(
          `\n检查点：${checkpoint.size} 个事件，树根 ${checkpoint.root}`,
          `\nCheckpoint: ${checkpoint.size} events, root ${checkpoint.root}`,
        );
  terminal.data(
    () => terminal.say(zh, en) + sealed,
    () => ({
      close: {
        division,
        fiscalYear,
        period,
        closingNo,
        eventIds,
        position: String(position),
        unchanged,
        checkpoint,
        notSealed,
      },
    }),
  );
  if (notSealed !== null) {
    terminal.message(
      `${notSealed.message}\n办法：${notSealed.remedy}`,
      `${notSealed.messageEn}\nRemedy: ${notSealed.remedyEn}`,
    );
  }
};
