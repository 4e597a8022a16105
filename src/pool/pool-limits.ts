import { fen, type Fen } from '../money/fen';
import { addBroughtIn, type BroughtIn } from './brought-in';
import type { Pool } from './pool';
import { documentTooLarge, poolTooLarge } from './pool-errors';
import type { PoolMatter } from './pool-command';
import type { PoolEvent } from './pool-event';
import type { DecidePool } from './pool-rules';

/**
 * 10 万亿元: what may ever come into one pool, and as much again of cash. Several times the budget of any province, so
 * that only a wrong unit gets there. Counted is everything that came in, also what was reversed since: then no sum within
 * one pool, at any moment, of any account, measure, day or line, of what moved there and back, is more than a few times
 * as much, and 2^53 fen, up to which folds add exactly, is nine times as much.
 */
export const MOST_OF_POOL = fen(1_000_000_000_000_000);

/**
 * A decision that brings no more into the pool than it may hold, and that is not asked for amounts of which nobody could
 * add up the sum.
 * @throws DomainError DOCUMENT_TOO_LARGE, POOL_TOO_LARGE
 */
export const withinLimits =
  <Command extends PoolMatter>(decide: DecidePool<Command>): DecidePool<Command> =>
  (decision) => {
    requireDocumentWithinLimit(decision.command);
    const events = decide(decision);
    requirePoolWithinLimit(decision.pool, events);
    return events;
  };

/** No document moves more than ever comes into a pool. */
const requireDocumentWithinLimit = (command: PoolMatter & { readonly lines?: readonly { readonly amount: Fen }[] }) => {
  let asked = 0;
  for (const { amount } of command.lines ?? []) asked += amount;
  if (asked <= MOST_OF_POOL) return;
  throw documentTooLarge(
    (command.lines ?? []).reduce((sum, { amount }) => sum + BigInt(amount), 0n),
    MOST_OF_POOL,
  );
};

const requirePoolWithinLimit = (pool: Pool, events: readonly PoolEvent[]): void => {
  const { quota, cash } = pool.broughtIn;
  const after: BroughtIn = { quota, cash };
  for (const event of events) addBroughtIn(after, event);
  if (after.quota > quota && after.quota > MOST_OF_POOL)
    throw poolTooLarge(pool, 'quota', quota, after.quota - quota, MOST_OF_POOL);
  if (after.cash > cash && after.cash > MOST_OF_POOL)
    throw poolTooLarge(pool, 'cash', cash, after.cash - cash, MOST_OF_POOL);
};
