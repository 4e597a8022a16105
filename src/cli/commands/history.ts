import type { AmountUnit } from '../../money/amount-text';
import { asUsage, EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { Register } from '../program';
import { momentOptions, type MomentOptions, type ScopeOptions, unit } from './question-options';

interface Options extends Partial<ScopeOptions>, MomentOptions {
  readonly unit: AmountUnit;
}

export const registerHistory: Register = (line) =>
  void line.add<Options>({
    name: 'history',
    zh: '一个余额的历史：每次变化的日期、位置、事件、变化量和变化后的余额',
    en: 'one balance through time: every change with its date, position and event, and the balance then',
    example: 'yichi history 630222103200 --by village --as-of 2024-12-31',
    configure: (command, say) =>
      momentOptions(
        command
          .argument(
            '<key>',
            say('区划、项目、渠道、部门、文号或指标', 'division, project, channel, department, document or line'),
          )
          .option(
            '--by <dimension>',
            say('维度；不写则自动判断：', 'dimension; left out: guessed: ') +
              'department|division|county|village|project|channel|line|document',
          )
          .option('--under <division>', say('只看该区划及以下', 'only this division and below'))
          .option('--year <fiscalYear>', say('只看该年度的池', 'only pools of this fiscal year')),
        say,
      ).option('--unit <unit>', say('显示单位：元|万元|亿元', 'unit shown: 元|万元|亿元'), unit, '元' as AmountUnit),
    run: async (context, [typed = ''], options) => {
      const { parseScope } = await import('../../balances/balances-query');
      const { parseKey } = await import('../../balances/parsing');
      const { readMoment } = await import('../../balances/moment-request');
      const { history, historyJson } = await import('../../audit/history/history');
      const { guessDimension } = await import('../../audit/history/asked-key');
      const asked = asUsage(() => parseScope({ ...options, by: options.by ?? 'county' }));
      const key = parseKey(options.by === undefined ? null : asked.by, typed);
      asUsage(() => readMoment(options));
      const answer = await withLedger(context, async (ledger) => {
        await catchUp(ledger, context);
        const by = options.by ?? guessDimension(ledger.readModel, key);
        const scope = parseScope({ ...options, by });
        return history(ledger.readModel, { scope, key, moment: await ledger.moment(options) });
      });
      const { renderHistory } = await import('../change-text');
      context.terminal.data(
        () => renderHistory(answer, { language: context.terminal.language, unit: options.unit }),
        () => historyJson(answer),
      );
      return EXIT.done;
    },
  });
