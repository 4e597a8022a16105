import { type Command, InvalidArgumentError } from 'commander';

import type { AmountUnit } from '../../money/amount-text';

/** Options that several questions have in common. */

type Say = (zh: string, en: string) => string;

export interface ScopeOptions {
  readonly by: string;
  readonly under?: string;
  readonly year?: string;
}

export interface MomentOptions {
  readonly asOf?: string;
  readonly at?: string;
}

const DIMENSION_LIST = 'department|division|county|village|project|channel|line|document';

export const scopeOptions = (command: Command, say: Say, byDefault?: string): Command => {
  const by = ['--by <dimension>', say('维度：', 'dimension: ') + DIMENSION_LIST] as const;
  return (byDefault === undefined ? command.requiredOption(...by) : command.option(...by, byDefault))
    .option('--under <division>', say('只看该区划及以下', 'only this division and below'))
    .option('--year <fiscalYear>', say('只看该年度的池', 'only pools of this fiscal year'));
};

export const momentOptions = (command: Command, say: Say): Command =>
  command
    .option('--as-of <date>', say('业务日期（含当日）：实际如何', 'business date, inclusive: what was true'))
    .option('--at <position>', say('总账位置或书签名：当时所知', 'position or bookmark: what was known'));

export const unit = (text: string): AmountUnit => {
  if (text === '元' || text === '万元' || text === '亿元') return text;
  throw new InvalidArgumentError('元|万元|亿元');
};
