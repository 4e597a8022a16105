import type { AmountUnit } from '../../money/amount-text';
import { asUsage, EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { Register } from '../program';
import { momentOptions, type MomentOptions, scopeOptions, type ScopeOptions, unit } from './question-options';

interface Options extends ScopeOptions, MomentOptions {
  readonly key?: string;
  readonly measure: string;
  readonly after: string;
  readonly unit: AmountUnit;
}

/** Events of one page for people and programs alike; the rest is a page further. */
const PAGE = 1000;

export const registerProvenance: Register = (line) =>
  void line.add<Options>({
    name: 'provenance',
    zh: '一个数字的来历：位置、树根、事件数，以及每个事件贡献了多少（合计等于该数字，精确到分）',
    en: 'what a figure rests on: position, tree root, events, and what each contributes; they sum to it to the fen',
    example: 'yichi provenance --by village --key 630222103200 --measure paid --as-of 2024-12-31',
    configure: (command, say) =>
      momentOptions(scopeOptions(command, say), say)
        .option('--key <key>', say('编码；不写为合计', 'key; left out: the total'))
        .requiredOption('--measure <measure>', say('指标量，例如 paid、available', 'measure, such as paid, available'))
        .option('--after <position>', say('接着上一页', 'page on'), '0')
        .option('--unit <unit>', say('显示单位：元|万元|亿元', 'unit shown: 元|万元|亿元'), unit, '元' as AmountUnit),
    run: async (context, _args, options) => {
      const { parseScope } = await import('../../balances/balances-query');
      const { parseKey } = await import('../../balances/parsing');
      const { parsePosition, readMoment } = await import('../../balances/moment-request');
      const { parseMeasure, provenance, provenanceJson } = await import('../../audit/provenance/provenance');
      const { treeHeadAt } = await import('../../audit/bookmarks/tree-head');
      const { readEventsAt } = await import('../../exporting/read-events');
      const scope = asUsage(() => parseScope(options));
      const measure = asUsage(() => parseMeasure(options.measure));
      const after = asUsage(() => parsePosition(options.after));
      asUsage(() => readMoment(options));
      const { answer, tree, events } = await withLedger(context, async (ledger) => {
        await catchUp(ledger, context);
        const moment = await ledger.moment(options);
        const found = provenance(ledger.readModel, {
          scope,
          key: options.key === undefined ? null : parseKey(scope.by, options.key),
          measure,
          moment,
          after,
          limit: PAGE,
        });
        return {
          answer: found,
          tree: await treeHeadAt(ledger.log, found.position),
          events: context.terminal.json
            ? await readEventsAt(
                ledger.log,
                found.rows.map(({ position }) => position),
              )
            : [],
        };
      });
      const { renderProvenance } = await import('../change-text');
      context.terminal.data(
        () => renderProvenance(answer, tree, { language: context.terminal.language, unit: options.unit }),
        () => provenanceJson(answer, tree, events),
      );
      return EXIT.done;
    },
  });
