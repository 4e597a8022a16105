import { addFen, fen, type Fen } from '../money/fen';
import { ACCOUNT_KIND, isPoolKind, isProjectKind } from '../projecting/account-kind';
import type { ReadSnapshot } from '../projecting/read-database';
import { assertNever } from '../platform/domain-error';
import type { BalancesQuery } from './balances-query';
import { type AccountRow, Facts, type Pool, type PoolLine } from './facts';
import { type MutableMeasures, noMeasures } from './measures';
import { factLimit } from './moment';

const COUNTY_LENGTH = 6;

/**
 * Balances summed from the facts: any dimension, any restriction, any moment.
 *
 * What a question is restricted to:
 * - `year`: the fiscal year of the pool that has the money;
 * - `under` with villages or projects: money at places under the division, whichever pool it comes from;
 * - `under` with any other dimension: money of the pools under the division. Below the county there are rarely pools,
 *   so for a township or village money at places under it counts as well.
 */
export const balancesFromFacts = (snapshot: ReadSnapshot, query: BalancesQuery): Map<string, MutableMeasures> =>
  new FactBalances(snapshot, query).sum();

class FactBalances {
  readonly #facts: Facts;
  readonly #query: BalancesQuery;
  readonly #limit: ReturnType<typeof factLimit>;
  readonly #pools: ReadonlyMap<number, Pool>;
  readonly #placesOnly: boolean;
  readonly #cells = new Map<string, MutableMeasures>();

  constructor(snapshot: ReadSnapshot, query: BalancesQuery) {
    this.#facts = new Facts(snapshot);
    this.#query = query;
    this.#limit = factLimit(snapshot, query);
    this.#pools = this.#facts.pools();
    this.#placesOnly = query.by === 'village' || query.by === 'project';
  }

  sum(): Map<string, MutableMeasures> {
    const pools = this.#poolsToRead();
    for (const pool of pools) {
      this.#facts.preloadAccounts(pool);
      for (const line of this.#facts.linesOf(pool)) {
        for (const [from, to, amount] of this.#facts.movementsOfLine(line.id, this.#limit)) {
          this.#addMovement(line, from, to, amount);
        }
        this.#addCash(line);
      }
    }
    if (!this.#placesOnly) this.#addTakenInElsewhere(pools);
    return this.#cells;
  }

  /** Money in transit is the giver's, but the pool that takes it in records the movement. */
  #addTakenInElsewhere(pools: ReadonlySet<number>): void {
    for (const pool of pools) {
      for (const [lineId, from, to, amount] of this.#facts.movementsTakenIn(pool, this.#limit)) {
        const line = this.#facts.line(lineId);
        if (!pools.has(line.pool)) this.#addMovement(line, from, to, amount);
      }
    }
  }

  #poolsToRead(): ReadonlySet<number> {
    const { under, year } = this.#query;
    const withPlaces =
      under !== null && (this.#placesOnly || under.length > COUNTY_LENGTH)
        ? this.#facts.poolsOfPlacesUnder(under)
        : new Set<number>();
    const chosen = new Set<number>();
    for (const pool of this.#pools.values()) {
      if (year !== null && pool.fiscalYear !== year) continue;
      const isUnder = under === null || (pool.division.startsWith(under) && !this.#placesOnly);
      if (isUnder || withPlaces.has(pool.id)) chosen.add(pool.id);
    }
    return chosen;
  }

  #addMovement(line: PoolLine, fromId: number, toId: number, amount: number): void {
    const from = this.#facts.account(fromId);
    const to = this.#facts.account(toId);
    this.#addHalf(line, from, to, -amount);
    this.#addHalf(line, to, from, amount);
  }

  /** One side of a movement: `amount` enters `here`, or leaves it when it is negative. */
  #addHalf(line: PoolLine, here: AccountRow, there: AccountRow, amount: number): void {
    const holdsBalance = isPoolKind(here.kind) || isProjectKind(here.kind) || here.kind === ACCOUNT_KIND.transit;
    if (!holdsBalance || !this.#isInScope(here)) return;
    const key = this.#keyOf(line, here);
    if (key === null) return;
    const cell = this.#cell(key);
    addBalance(cell, here, amount);
    if (here.kind !== ACCOUNT_KIND.transit) addFlow(cell, line.pool, here, there, amount);
  }

  #addCash(line: PoolLine): void {
    const pool = this.#pools.get(line.pool);
    if (pool === undefined || this.#placesOnly || !this.#isPoolInScope(pool)) return;
    const key = this.#keyOfPoolMoney(line, pool);
    if (key === null) return;
    for (const amount of this.#facts.cashOfLine(line.id, this.#limit)) {
      const cell = this.#cell(key);
      cell.cashReceived = addFen(cell.cashReceived, fen(amount));
    }
  }

  #isInScope(account: AccountRow): boolean {
    const pool = this.#poolOf(account);
    const { under, year } = this.#query;
    if (year !== null && pool.fiscalYear !== year) return false;
    if (under === null) return true;
    if (account.place !== null && (this.#placesOnly || under.length > COUNTY_LENGTH)) {
      return account.place.startsWith(under);
    }
    return pool.division.startsWith(under);
  }

  #isPoolInScope(pool: Pool): boolean {
    const { under, year } = this.#query;
    return (year === null || pool.fiscalYear === year) && (under === null || pool.division.startsWith(under));
  }

  #keyOf(line: PoolLine, account: AccountRow): string | null {
    switch (this.#query.by) {
      case 'village':
        return account.place;
      case 'project':
        return account.projectCode;
      default:
        return this.#keyOfPoolMoney(line, this.#poolOf(account));
    }
  }

  #keyOfPoolMoney(line: PoolLine, pool: Pool): string | null {
    switch (this.#query.by) {
      case 'village':
      case 'project':
        return null;
      case 'division':
        return pool.division;
      case 'county':
        return pool.division.length === COUNTY_LENGTH ? pool.division : null;
      case 'department':
        return line.departmentCode;
      case 'channel':
        return line.channelCode;
      case 'line':
        return line.quotaLine;
      case 'document':
        return line.documentNo;
      default:
        return assertNever(this.#query.by);
    }
  }

  #poolOf(account: AccountRow): Pool {
    const pool = this.#pools.get(account.pool);
    if (pool === undefined) throw new Error(`pool ${account.pool} of ${account.path} is not in the read database`);
    return pool;
  }

  #cell(key: string): MutableMeasures {
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = noMeasures();
      this.#cells.set(key, cell);
    }
    return cell;
  }
}

const addBalance = (cell: MutableMeasures, { kind }: AccountRow, amount: number): void => {
  switch (kind) {
    case ACCOUNT_KIND.received:
      cell.unintegrated = plus(cell.unintegrated, amount);
      return;
    case ACCOUNT_KIND.available:
      cell.available = plus(cell.available, amount);
      return;
    case ACCOUNT_KIND.transit:
      cell.inTransit = plus(cell.inTransit, amount);
      return;
    case ACCOUNT_KIND.projectAvailable:
      cell.unspent = plus(cell.unspent, amount);
      return;
    case ACCOUNT_KIND.projectHeld:
      cell.unspent = plus(cell.unspent, amount);
      cell.held = plus(cell.held, amount);
      return;
    case ACCOUNT_KIND.projectPaid:
      cell.paid = plus(cell.paid, amount);
      return;
    case ACCOUNT_KIND.source:
    case ACCOUNT_KIND.recalled:
    case ACCOUNT_KIND.carried:
      return;
    default:
      return assertNever(kind);
  }
};

/** @param pool the pool that recorded the movement */
const addFlow = (cell: MutableMeasures, pool: number, here: AccountRow, there: AccountRow, amount: number): void => {
  switch (there.kind) {
    case ACCOUNT_KIND.source:
      cell.appropriated = plus(cell.appropriated, amount);
      return;
    case ACCOUNT_KIND.transit:
      if (there.pool === pool) cell.transferredOut = plus(cell.transferredOut, -amount);
      else cell.transferredIn = plus(cell.transferredIn, amount);
      return;
    case ACCOUNT_KIND.received:
    case ACCOUNT_KIND.available:
      if (isProjectKind(here.kind)) cell.allocated = plus(cell.allocated, amount);
      return;
    case ACCOUNT_KIND.projectAvailable:
    case ACCOUNT_KIND.projectHeld:
    case ACCOUNT_KIND.projectPaid:
      if (isProjectKind(here.kind) && (here.projectCode !== there.projectCode || here.place !== there.place)) {
        cell.allocated = plus(cell.allocated, amount);
      }
      return;
    case ACCOUNT_KIND.recalled:
      cell.recalled = plus(cell.recalled, -amount);
      return;
    case ACCOUNT_KIND.carried:
      if (there.pool === pool) cell.carriedOver = plus(cell.carriedOver, -amount);
      return;
    default:
      return assertNever(there.kind);
  }
};

const plus = (sum: Fen, amount: number): Fen => fen(sum + amount);
