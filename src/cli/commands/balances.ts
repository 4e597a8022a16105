import { InvalidArgumentError } from 'commander';

import type { AmountUnit } from '../../money/amount-text';
import { asUsage, EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { Register } from '../program';

interface Options {
  readonly by: string;
  readonly under?: string;
  readonly year?: string;
  readonly asOf?: string;
  readonly at?: string;
  readonly unit: AmountUnit;
}

const unit = (text: string): AmountUnit => {
  if (text === '元' || text === '万元' || text === '亿元') return text;
  throw new InvalidArgumentError('元|万元|亿元');
};

export const registerBalances: Register = (line) =>
  void line.add<Options>({
    name: 'balances',
    zh: '余额：按部门、区划、县、村、项目、渠道、指标或文号',
    en: 'balances by department, division, county, village, project, channel, line or document',
    example: 'yichi balances --by county --as-of 2024-06-30 --unit 万元',
    configure: (command, say) =>
      command
        .requiredOption(
          '--by <dimension>',
          say('维度：', 'dimension: ') + 'department|division|county|village|project|channel|line|document',
        )
        .option('--under <division>', say('只看该区划及以下', 'only this division and below'))
        .option('--year <fiscalYear>', say('只看该年度的池', 'only pools of this fiscal year'))
        .option('--as-of <date>', say('业务日期（含当日）', 'business date, inclusive'))
        .option('--at <position>', say('总账位置', 'position of the ledger'))
        .option('--unit <unit>', say('显示单位：元|万元|亿元', 'unit shown: 元|万元|亿元'), unit, '元' as AmountUnit),
    run: async (context, _args, options) => {
      const { parseBalancesRequest } = await import('../../balances/balances-query');
      const query = asUsage(() => parseBalancesRequest(options));
      const { balances, balancesJson } = await import('../../balances/balances');
      const answer = await withLedger(context, async (ledger) => {
        await catchUp(ledger, context);
        return balances(ledger.readModel, query);
      });
      const { renderBalances } = await import('../table');
      context.terminal.data(
        () => renderBalances(answer, { language: context.terminal.language, unit: options.unit }),
        () => balancesJson(answer),
      );
      return EXIT.done;
    },
  });
