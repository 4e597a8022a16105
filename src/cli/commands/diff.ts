import type { AmountUnit } from '../../money/amount-text';
import { asUsage, EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { Register } from '../program';
import { scopeOptions, type ScopeOptions, unit } from './question-options';

interface Options extends ScopeOptions {
  readonly from: string;
  readonly to: string;
  readonly key?: string;
  readonly events?: string;
  readonly unit: AmountUnit;
}

export const registerDiff: Register = (line) =>
  void line.add<Options>({
    name: 'diff',
    zh: '比较两个时点：哪些余额变了、变了多少、因为哪些事件',
    en: 'compare two moments: which balances changed, by how much, and by which events',
    example: 'yichi diff --from 2024-05-31 --to 2024-06-30 --by county',
    configure: (command, say) =>
      scopeOptions(
        command
          .requiredOption(
            '--from <moment>',
            say('位置、业务日期或书签；两者都给写作 位置@日期', 'position, date or bookmark; both: position@date'),
          )
          .requiredOption('--to <moment>', say('同上', 'as above')),
        say,
        'county',
      )
        .option('--key <key>', say('只看该编码的余额', 'only the balance of this key'))
        .option('--events <number>', say('每个余额列出的事件数', 'events named with each balance'), '10')
        .option('--unit <unit>', say('显示单位：元|万元|亿元', 'unit shown: 元|万元|亿元'), unit, '元' as AmountUnit),
    run: async (context, _args, options) => {
      const { parseScope } = await import('../../balances/balances-query');
      const { parseKey } = await import('../../balances/parsing');
      const { readMoment, readMomentText } = await import('../../balances/moment-request');
      const { diff, diffJson } = await import('../../audit/diff/diff');
      const { parseEventsPerRow } = await import('../../audit/diff/events-per-row');
      const scope = asUsage(() => parseScope(options));
      const eventsPerRow = asUsage(() => parseEventsPerRow(options.events ?? ''));
      const [from, to] = [readMomentText(options.from), readMomentText(options.to)];
      asUsage(() => [from, to].map(readMoment));
      const answer = await withLedger(context, async (ledger) => {
        await catchUp(ledger, context);
        return diff(ledger.readModel, {
          scope,
          key: options.key === undefined ? null : parseKey(scope.by, options.key),
          from: await ledger.moment(from),
          to: await ledger.moment(to),
          eventsPerRow,
        });
      });
      const { renderDiff } = await import('../change-text');
      context.terminal.data(
        () => renderDiff(answer, { language: context.terminal.language, unit: options.unit }),
        () => diffJson(answer),
      );
      return EXIT.done;
    },
  });
