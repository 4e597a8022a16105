import { randomUUID } from 'node:crypto';

import type { Command } from 'commander';

import type { CommandRequest } from '../ledger/ledger-desk';
import type { PoolMatter } from '../pool/pool-command';
import { asUsage } from './exit-code';
import { commandLineActor } from './open-ledger';

/** What closing and reopening a period have in common. */

export interface PeriodOptions {
  readonly year?: string;
  readonly on?: string;
  readonly as?: string;
}

type Say = (zh: string, en: string) => string;

export const periodArguments = (command: Command, say: Say): Command =>
  command
    .argument('<division>', say('区划编码：哪一级的资金池', 'division whose pool it is'))
    .argument('<period>', say('月份 YYYY-MM，或年度 YYYY', 'a month YYYY-MM, or a year YYYY'))
    .option(
      '--year <fiscalYear>',
      say('资金池的年度（默认为期间所在的年）', 'the pool’s fiscal year (default: that of the period)'),
    )
    .option('--on <date>', say('业务日期（默认今天）', 'business date (default: today)'))
    .option('--as <person>', say('经办人（默认为操作系统用户）', 'who does it (default: the operating system’s user)'));

/** A month or year of one pool. */
export interface PoolPeriod {
  readonly pool: PoolMatter;
  readonly period: string;
  readonly isYear: boolean;
}

/** @throws UsageError when one of them is not written as it must be */
export const readPoolPeriod = async (
  [division = '', period = '']: readonly string[],
  { year, on }: PeriodOptions,
): Promise<PoolPeriod> => {
  const { parsePeriod, parsePoolDivision } = await import('./period-arguments');
  const { parseYear } = await import('../balances/parsing');
  const { requireBusinessDate, todayInShanghai } = await import('../platform/business-date');
  return asUsage(() => {
    parsePeriod(period);
    return {
      pool: {
        division: parsePoolDivision(division),
        fiscalYear: year === undefined ? Number(period.slice(0, 4)) : parseYear(year),
        effectiveOn: on === undefined ? todayInShanghai(new Date()) : requireBusinessDate(on, '--on'),
      },
      period,
      isYear: period.length === 4,
    };
  });
};

/** Who does it: whoever is named, else who sits at the command line. */
export const periodRequest = async ({ as }: PeriodOptions): Promise<CommandRequest> => {
  const actor = await commandLineActor();
  return {
    commandId: randomUUID(),
    correlationId: randomUUID(),
    causationId: null,
    actor: as === undefined ? actor : { ...actor, id: as },
  };
};
