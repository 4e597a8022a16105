import type { PeriodEntry, PoolClosings } from '../../balances/closings';
import { asUsage, EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { CommandContext, Register } from '../program';
import { momentOptions, type MomentOptions } from './question-options';

interface Options extends MomentOptions {
  readonly year?: string;
}

export const registerClosings: Register = (line) =>
  void line.add<Options>({
    name: 'closings',
    zh: '结账情况：各资金池结到哪个月，哪些期间反结账，哪些是结账后调整',
    en: 'how far the pools are closed, what was opened again, and what was adjusted after closing',
    example: 'yichi closings 630222 --year 2024',
    configure: (command, say) =>
      momentOptions(
        command
          .argument('[division]', say('只看该区划及以下', 'only this division and below'))
          .option('--year <fiscalYear>', say('只看该年度的池', 'only pools of this fiscal year')),
        say,
      ),
    run: async (context, [division], options) => {
      const { parsePoolDivision } = await import('../period-arguments');
      const { parseYear } = await import('../../balances/parsing');
      const { closings } = await import('../../balances/closings');
      const under = division === undefined ? null : asUsage(() => parsePoolDivision(division));
      const { year: yearText } = options;
      const year = yearText === undefined ? null : asUsage(() => parseYear(yearText));
      const answer = await withLedger(context, async (ledger) => {
        await catchUp(ledger, context);
        return closings(ledger.readModel, { under, year }, await ledger.moment(options));
      });
      const { renderTable } = await import('../table');
      context.terminal.data(
        () => table(context, renderTable, answer.pools),
        () => answer,
      );
      return EXIT.done;
    },
  });

type RenderTable = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

const table = ({ terminal }: CommandContext, render: RenderTable, pools: readonly PoolClosings[]): string => {
  if (pools.length === 0) return terminal.say('（没有结账）', '(nothing is closed)');
  const head = terminal
    .say('区划|年度|月结到|反结账的月份|年终|最近一次', 'Division|Year|Closed through|Open again|Year-end|Last change')
    .split('|');
  return render(
    head,
    pools.map(({ division, fiscalYear, closedThrough, reopenedMonths, yearClosed, history }) => [
      division,
      String(fiscalYear),
      closedThrough ?? '',
      reopenedMonths.join(' '),
      yearClosed ? terminal.say('已关账', 'closed') : '',
      lastChange(terminal.say.bind(terminal), history),
    ]),
  );
};

const CHANGES: Readonly<Record<PeriodEntry['change'], readonly [zh: string, en: string]>> = {
  closed: ['结账', 'closed'],
  reopeningRequested: ['申请反结账', 'reopening asked'],
  reopened: ['反结账', 'reopened'],
  adjusted: ['结账后调整', 'adjusted'],
};

const lastChange = (say: (zh: string, en: string) => string, history: readonly PeriodEntry[]): string => {
  const last = history.at(-1);
  if (last === undefined) return '';
  return `${last.effectiveOn} ${say(...CHANGES[last.change])} ${last.period} ${last.documentNo}`;
};
