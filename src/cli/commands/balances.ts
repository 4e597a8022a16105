import type { AmountUnit } from '../../money/amount-text';
import { asUsage, EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { Register } from '../program';
import { momentOptions, type MomentOptions, scopeOptions, type ScopeOptions, unit } from './question-options';

interface Options extends ScopeOptions, MomentOptions {
  readonly unit: AmountUnit;
}

export const registerBalances: Register = (line) =>
  void line.add<Options>({
    name: 'balances',
    zh: '余额：按部门、区划、县、村、项目、渠道、指标或文号',
    en: 'balances by department, division, county, village, project, channel, line or document',
    example: 'yichi balances --by county --as-of 2024-06-30 --unit 万元',
    configure: (command, say) =>
      momentOptions(scopeOptions(command, say), say).option(
        '--unit <unit>',
        say('显示单位：元|万元|亿元', 'unit shown: 元|万元|亿元'),
        unit,
        '元' as AmountUnit,
      ),
    run: async (context, _args, options) => {
      const { parseScope } = await import('../../balances/balances-query');
      const { readMoment } = await import('../../balances/moment-request');
      const scope = asUsage(() => parseScope(options));
      asUsage(() => readMoment(options));
      const { balances, balancesJson } = await import('../../balances/balances');
      const answer = await withLedger(context, async (ledger) => {
        await catchUp(ledger, context);
        return balances(ledger.readModel, { ...scope, ...(await ledger.moment(options)) });
      });
      const { renderBalances } = await import('../table');
      context.terminal.data(
        () => renderBalances(answer, { language: context.terminal.language, unit: options.unit }),
        () => balancesJson(answer),
      );
      return EXIT.done;
    },
  });
