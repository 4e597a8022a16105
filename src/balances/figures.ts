import { assertNever } from '../platform/domain-error';
import type { AccountKindNumber } from '../projecting/account-kind';
import { movementBlocks } from '../projecting/movement-columns';
import type { ReadSnapshot } from '../projecting/read-database';
import { rowMissing } from '../projecting/read-model-failure';
import { type BalancesScope, COUNTY_LENGTH } from './balances-query';
import { type AccountColumns, type AccountRow, Facts, type Pool, type PoolLine } from './facts';
import { bookHalf, bookWithinHome, holdsBalance } from './measure-booking';
import { COLUMN, MeasureSums, NO_ROW } from './measure-sums';
import type { Measures } from './measures';
import type { FactLimit } from './moment';

/** Where more than one line in so many is asked for, going through all movements at once is faster than line by line. */
const FEW_LINES = 8;

/**
 * The row that a movement is summed in, or NO_ROW, is asked for here; called for each side of a movement in scope.
 *
 * @param key number of the key in Figures.keys
 * @param position of the event
 * @param day of the event, yyyymmdd
 */
export type RowOf = (key: number, position: number, day: number) => number;

/** Where facts are booked into. */
interface Book {
  readonly sums: MeasureSums;
  readonly rowOf: RowOf;
}

/** Instead of a key's number: nobody's figures, or nobody's who is asked for. */
const NO_KEY = -1;
/** Instead of a key's number: the line that the money is of decides. */
const OF_LINE = -2;
/** Instead of a key's number: it has not been looked up yet. */
const NOT_LOOKED_UP = -3;

/** A movement, or cash received, which has no accounts. */
interface Fact {
  readonly line: PoolLine;
  readonly from: number | null;
  readonly to: number | null;
  readonly amount: number;
  readonly day: number;
  readonly position: number;
}

/**
 * Books facts into figures by any dimension, restricted as asked.
 *
 * What a question is restricted to:
 * - `year`: the fiscal year of the pool that has the money;
 * - `under` with villages or projects: money at places under the division, whichever pool it comes from;
 * - `under` with any other dimension: money of the pools under the division. Below the county there are rarely pools,
 *   so for a township or village money at places under it counts as well.
 */
export class Figures {
  readonly #facts: Facts;
  readonly #accounts: AccountColumns;
  readonly #scope: BalancesScope;
  readonly #key: string | null;
  readonly #pools: ReadonlyMap<number, Pool>;
  readonly #placesOnly: boolean;
  /** Keys are numbered as they are met with: telling figures by a number is several times faster than by a text. */
  readonly keys: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** Numbers of keys by account id; by line id, of money in the line's accounts and of cash received for it. */
  readonly #keyOfAccount: Int32Array;
  readonly #keyOfLine: Int32Array;
  readonly #keyOfCash: Int32Array;

  /** @param key only the figures of this key; null: all */
  constructor(
    readonly snapshot: ReadSnapshot,
    scope: BalancesScope,
    key: string | null = null,
  ) {
    this.#facts = new Facts(snapshot);
    this.#scope = scope;
    this.#key = key;
    this.#accounts = this.#facts.accountColumns;
    this.#pools = this.#facts.pools();
    this.#placesOnly = scope.by === 'village' || scope.by === 'project';
    const lines = this.#facts.endOf('quota_line');
    this.#keyOfAccount = new Int32Array(this.#facts.endOf('account')).fill(NOT_LOOKED_UP);
    this.#keyOfLine = new Int32Array(lines).fill(NOT_LOOKED_UP);
    this.#keyOfCash = new Int32Array(lines).fill(NOT_LOOKED_UP);
  }

  /** Sums up everything up to a limit; event by event in the order of the log where that is asked for. */
  book(limit: FactLimit, sums: MeasureSums, rowOf: RowOf, order: 'any' | 'log' = 'any'): void {
    const book = { sums, rowOf };
    const pools = this.#poolsToRead();
    const lines = this.#linesOf(pools);
    if (lines.length * FEW_LINES > this.#facts.countOfLines()) this.#bookAll(limit, book);
    else if (order === 'any') this.#visitLines(pools, lines, limit, (fact) => this.#fact(fact, book));
    else {
      const facts: Fact[] = [];
      this.#visitLines(pools, lines, limit, (fact) => void facts.push(fact));
      facts.sort((left, right) => left.position - right.position);
      for (const fact of facts) this.#fact(fact, book);
    }
  }

  #bookAll(limit: FactLimit, book: Book): void {
    this.#facts.preloadAll();
    const cash = this.#placesOnly ? [] : this.#facts.cash(limit);
    let next = 0;
    let nextCashAt = cash[0]?.[3] ?? Number.MAX_SAFE_INTEGER;
    const bookCashBefore = (end: number): void => {
      for (let receipt = cash[next]; receipt !== undefined && receipt[3] < end; receipt = cash[next]) {
        const [line, amount, day, position] = receipt;
        this.#cash(line, amount, day, position, book);
        next += 1;
      }
      nextCashAt = cash[next]?.[3] ?? Number.MAX_SAFE_INTEGER;
    };
    for (const { rows, columns } of movementBlocks(this.snapshot, limit)) {
      const { amount, position, line, from, to, day } = columns;
      for (let index = 0; index < rows; index += 1) {
        const at = position[index] as number;
        if (at > limit.position) break;
        const on = day[index] as number;
        if (on > limit.day) continue;
        if (nextCashAt < at) bookCashBefore(at);
        this.#movement(
          line[index] as number,
          from[index] as number,
          to[index] as number,
          amount[index] as number,
          on,
          at,
          book,
        );
      }
    }
    bookCashBefore(Number.MAX_SAFE_INTEGER);
  }

  #visitLines(
    pools: ReadonlySet<number>,
    lines: readonly PoolLine[],
    limit: FactLimit,
    visit: (fact: Fact) => void,
  ): void {
    for (const pool of pools) this.#facts.preloadAccounts(pool);
    for (const line of lines) {
      for (const [from, to, amount, day, position] of this.#facts.movementsOfLine(line.id, limit)) {
        visit({ line, from, to, amount, day, position });
      }
      if (this.#placesOnly) continue;
      for (const [amount, day, position] of this.#facts.cashOfLine(line.id, limit)) {
        visit({ line, from: null, to: null, amount, day, position });
      }
    }
    if (!this.#placesOnly) this.#visitTakenInElsewhere(pools, limit, visit);
  }

  #fact({ line, from, to, amount, day, position }: Fact, book: Book): void {
    if (from === null || to === null) this.#cash(line.id, amount, day, position, book);
    else this.#movement(line.id, from, to, amount, day, position, book);
  }

  /** Money in transit is the giver's, but the pool that takes it in records the movement. */
  #visitTakenInElsewhere(pools: ReadonlySet<number>, limit: FactLimit, visit: (fact: Fact) => void): void {
    for (const pool of pools) {
      for (const [lineId, from, to, amount, day, position] of this.#facts.movementsTakenIn(pool, limit)) {
        const line = this.#facts.line(lineId);
        if (!pools.has(line.pool) && this.#isLineAsked(line)) visit({ line, from, to, amount, day, position });
      }
    }
  }

  #poolsToRead(): ReadonlySet<number> {
    const { by, year } = this.#scope;
    const withPlaces = this.#poolsOfPlaces();
    const chosen = new Set<number>();
    for (const pool of this.#pools.values()) {
      if (year !== null && pool.fiscalYear !== year) continue;
      const isOfKey = this.#key === null || (by !== 'division' && by !== 'county') || pool.division === this.#key;
      if ((this.#isPoolUnder(pool) && isOfKey && !this.#placesOnly) || withPlaces.has(pool.id)) chosen.add(pool.id);
    }
    return chosen;
  }

  /** Pools that have accounts of the places or projects that are asked for. */
  #poolsOfPlaces(): ReadonlySet<number> {
    const { by, under } = this.#scope;
    if (by === 'project' && this.#key !== null) return this.#facts.poolsOfProject(this.#key);
    if (by === 'village' && this.#key !== null) return this.#facts.poolsOfPlacesUnder(this.#key);
    if (this.#placesOnly && under === null) return new Set(this.#pools.keys());
    if (this.#placesOnly) return this.#facts.poolsOfPlacesUnder(under ?? '');
    return under !== null && under.length > COUNTY_LENGTH ? this.#facts.poolsOfPlacesUnder(under) : new Set();
  }

  #isPoolUnder(pool: Pool): boolean {
    return this.#scope.under === null || pool.division.startsWith(this.#scope.under);
  }

  #linesOf(pools: ReadonlySet<number>): readonly PoolLine[] {
    return [...pools].flatMap((pool) => this.#facts.linesOf(pool).filter((line) => this.#isLineAsked(line)));
  }

  /** Where the key is one of the line's own particulars, only lines that have it. */
  #isLineAsked(line: PoolLine): boolean {
    if (this.#key === null) return true;
    const own = keyOfLine(this.#scope.by, line);
    return own === null || own === this.#key;
  }

  #movement(
    line: number,
    from: number,
    to: number,
    amount: number,
    day: number,
    position: number,
    { sums, rowOf }: Book,
  ): void {
    const { kind, pool, home } = this.#accounts;
    const leaving = this.#keyOf(line, from);
    if (home[from] !== 0 && home[from] === home[to] && pool[from] === pool[to]) {
      const row = leaving === NO_KEY ? NO_ROW : rowOf(leaving, position, day);
      if (row !== NO_ROW) {
        bookWithinHome(sums, row, kind[from] as AccountKindNumber, kind[to] as AccountKindNumber, amount);
      }
      return;
    }
    const entering = this.#keyOf(line, to);
    if (leaving !== NO_KEY) this.#half(line, from, to, -amount, rowOf(leaving, position, day), sums);
    if (entering !== NO_KEY) this.#half(line, to, from, amount, rowOf(entering, position, day), sums);
  }

  #half(line: number, here: number, there: number, amount: number, row: number, sums: MeasureSums): void {
    if (row === NO_ROW) return;
    const pool = this.#facts.line(line).pool;
    bookHalf(sums, row, pool, this.#facts.account(here), this.#facts.account(there), amount);
  }

  #cash(line: number, amount: number, day: number, position: number, { sums, rowOf }: Book): void {
    let key = this.#keyOfCash[line] ?? NOT_LOOKED_UP;
    if (key === NOT_LOOKED_UP) {
      key = this.#findCashKey(this.#facts.line(line));
      this.#keyOfCash[line] = key;
    }
    const row = key === NO_KEY ? NO_ROW : rowOf(key, position, day);
    if (row !== NO_ROW) sums.add(row, COLUMN.cashReceived, amount);
  }

  #findCashKey(line: PoolLine): number {
    const pool = this.#poolById(line.pool);
    return this.#isPoolInScope(pool) ? this.#numberOf(this.#keyOfPoolMoney(line, pool)) : NO_KEY;
  }

  /** Whose figures an account's money is in. */
  #keyOf(line: number, account: number): number {
    let key = this.#keyOfAccount[account] ?? NOT_LOOKED_UP;
    if (key === NOT_LOOKED_UP) {
      key = this.#findKey(this.#facts.line(line), this.#facts.account(account));
      this.#keyOfAccount[account] = key;
    }
    return key === OF_LINE ? this.#keyOfItsLine(line) : key;
  }

  #keyOfItsLine(line: number): number {
    let key = this.#keyOfLine[line] ?? NOT_LOOKED_UP;
    if (key === NOT_LOOKED_UP) {
      key = this.#numberOf(keyOfLine(this.#scope.by, this.#facts.line(line)));
      this.#keyOfLine[line] = key;
    }
    return key;
  }

  /** What is the same for all lines in an account; OF_LINE where the line decides. */
  #findKey(line: PoolLine, account: AccountRow): number {
    if (!holdsBalance(account)) return NO_KEY;
    const pool = this.#poolById(account.pool);
    if (!this.#isInScope(account, pool)) return NO_KEY;
    if (keyOfLine(this.#scope.by, line) !== null) return OF_LINE;
    return this.#numberOf(this.#keyInScope(line, account, pool));
  }

  #numberOf(key: string | null): number {
    if (key === null || (this.#key !== null && key !== this.#key)) return NO_KEY;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.keys.push(key) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  #keyInScope(line: PoolLine, account: AccountRow, pool: Pool): string | null {
    switch (this.#scope.by) {
      case 'village':
        return account.place;
      case 'project':
        return account.projectCode;
      default:
        return this.#keyOfPoolMoney(line, pool);
    }
  }

  #keyOfPoolMoney(line: PoolLine, pool: Pool): string | null {
    const { by } = this.#scope;
    if (by === 'division') return pool.division;
    if (by === 'county') return pool.division.length === COUNTY_LENGTH ? pool.division : null;
    return keyOfLine(by, line);
  }

  #isInScope(account: AccountRow, pool: Pool): boolean {
    const { under, year } = this.#scope;
    if (year !== null && pool.fiscalYear !== year) return false;
    if (under === null) return true;
    if (account.place !== null && (this.#placesOnly || under.length > COUNTY_LENGTH)) {
      return account.place.startsWith(under);
    }
    return pool.division.startsWith(under);
  }

  #isPoolInScope(pool: Pool): boolean {
    return (this.#scope.year === null || pool.fiscalYear === this.#scope.year) && this.#isPoolUnder(pool);
  }

  #poolById(id: number): Pool {
    const pool = this.#pools.get(id);
    if (pool === undefined) throw rowMissing('stream', id);
    return pool;
  }
}

/** The key that a line itself has in a dimension; null where the account or its pool decides. */
const keyOfLine = (by: BalancesScope['by'], line: PoolLine): string | null => {
  switch (by) {
    case 'department':
      return line.departmentCode;
    case 'channel':
      return line.channelCode;
    case 'line':
      return line.quotaLine;
    case 'document':
      return line.documentNo;
    case 'division':
    case 'county':
    case 'village':
    case 'project':
      return null;
    default:
      return assertNever(by);
  }
};

/** What each event adds to the figures that are asked for, in the order of the log; events that add nothing are left out. */
export const figuresByEvent = (
  figures: Figures,
  limit: FactLimit,
  visit: (position: number, day: number, change: Measures) => void,
): void => {
  const sums = new MeasureSums();
  const row = sums.newRows();
  let current = 0;
  let currentDay = 0;
  const end = (): void => {
    if (!sums.hasMeasures(row)) return;
    visit(current, currentDay, sums.measures(row));
    sums.clear(row);
  };
  figures.book(
    limit,
    sums,
    (_key, position, day) => {
      if (current !== position) {
        end();
        current = position;
        currentDay = day;
      }
      return row;
    },
    'log',
  );
  end();
};
