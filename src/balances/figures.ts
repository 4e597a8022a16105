import { addFen, fen } from '../money/fen';
import { assertNever } from '../platform/domain-error';
import { visitAllMovements } from '../projecting/movement-columns';
import type { ReadSnapshot } from '../projecting/read-database';
import type { BalancesScope } from './balances-query';
import { type AccountRow, Facts, type Pool, type PoolLine } from './facts';
import { bookHalf, bookWithinHome, holdsBalance, isWithinHome } from './measure-booking';
import { hasMeasures, type Measures, type MutableMeasures, noMeasures } from './measures';
import type { FactLimit } from './moment';

const COUNTY_LENGTH = 6;

/** Where more than one line in so many is asked for, going through all movements at once is faster than line by line. */
const FEW_LINES = 8;

/**
 * The figures that something has changed are asked for here; called for each side of a movement in scope.
 *
 * @param key number of the key in Figures.keys
 * @param position of the event
 * @param day of the event, yyyymmdd
 */
export type CellOf = (key: number, position: number, day: number) => MutableMeasures;

/** Instead of a key's number: nobody's figures, or nobody's who is asked for. */
const NO_KEY = -1;
/** Instead of a key's number: the line that the money is of decides. */
const OF_LINE = -2;

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
  readonly #scope: BalancesScope;
  readonly #key: string | null;
  readonly #pools: ReadonlyMap<number, Pool>;
  readonly #placesOnly: boolean;
  /** Keys are numbered as they are met with: telling figures by a number is several times faster than by a text. */
  readonly keys: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** Numbers of keys by account id and by line id. */
  readonly #keyOfAccount: (number | undefined)[] = [];
  readonly #keyOfLine: (number | undefined)[] = [];

  /** @param key only the figures of this key; null: all */
  constructor(
    readonly snapshot: ReadSnapshot,
    scope: BalancesScope,
    key: string | null = null,
  ) {
    this.#facts = new Facts(snapshot);
    this.#scope = scope;
    this.#key = key;
    this.#pools = this.#facts.pools();
    this.#placesOnly = scope.by === 'village' || scope.by === 'project';
  }

  /** Books everything up to a limit; event by event in the order of the log where that is asked for. */
  book(limit: FactLimit, cellOf: CellOf, order: 'any' | 'log' = 'any'): void {
    const pools = this.#poolsToRead();
    const lines = this.#linesOf(pools);
    if (lines.length * FEW_LINES > this.#facts.countOfLines()) this.#bookAll(limit, cellOf);
    else if (order === 'any') this.#visitLines(pools, lines, limit, (fact) => this.#fact(fact, cellOf));
    else {
      const facts: Fact[] = [];
      this.#visitLines(pools, lines, limit, (fact) => void facts.push(fact));
      facts.sort((left, right) => left.position - right.position);
      for (const fact of facts) this.#fact(fact, cellOf);
    }
  }

  #bookAll(limit: FactLimit, cellOf: CellOf): void {
    this.#facts.preloadAll();
    const cash = this.#placesOnly ? [] : this.#facts.cash(limit);
    let next = 0;
    const bookCashBefore = (end: number): void => {
      for (let receipt = cash[next]; receipt !== undefined && receipt[3] < end; receipt = cash[next]) {
        const [line, amount, day, position] = receipt;
        this.#cash(this.#facts.line(line), amount, day, position, cellOf);
        next += 1;
      }
    };
    visitAllMovements(this.snapshot, limit, (lineId, from, to, amount, day, position) => {
      if (next < cash.length) bookCashBefore(position);
      this.#movement(this.#facts.line(lineId), from, to, amount, day, position, cellOf);
    });
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

  #fact({ line, from, to, amount, day, position }: Fact, cellOf: CellOf): void {
    if (from === null || to === null) this.#cash(line, amount, day, position, cellOf);
    else this.#movement(line, from, to, amount, day, position, cellOf);
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
    line: PoolLine,
    fromId: number,
    toId: number,
    amount: number,
    day: number,
    position: number,
    cellOf: CellOf,
  ): void {
    const from = this.#facts.account(fromId);
    const to = this.#facts.account(toId);
    const leaving = this.#keyOf(line, from);
    if (isWithinHome(from, to)) {
      if (leaving !== NO_KEY) bookWithinHome(cellOf(leaving, position, day), from, to, amount);
      return;
    }
    if (leaving !== NO_KEY) bookHalf(cellOf(leaving, position, day), line.pool, from, to, -amount);
    const entering = this.#keyOf(line, to);
    if (entering !== NO_KEY) bookHalf(cellOf(entering, position, day), line.pool, to, from, amount);
  }

  #cash(line: PoolLine, amount: number, day: number, position: number, cellOf: CellOf): void {
    const pool = this.#poolById(line.pool);
    if (!this.#isPoolInScope(pool)) return;
    const key = this.#numberOf(this.#keyOfPoolMoney(line, pool));
    if (key === NO_KEY) return;
    const cell = cellOf(key, position, day);
    cell.cashReceived = addFen(cell.cashReceived, fen(amount));
  }

  /** Whose figures an account's money is in. */
  #keyOf(line: PoolLine, account: AccountRow): number {
    let key = this.#keyOfAccount[account.id];
    if (key === undefined) {
      key = this.#findKey(line, account);
      this.#keyOfAccount[account.id] = key;
    }
    return key === OF_LINE ? this.#keyOfItsLine(line) : key;
  }

  #keyOfItsLine(line: PoolLine): number {
    let key = this.#keyOfLine[line.id];
    if (key === undefined) {
      key = this.#numberOf(keyOfLine(this.#scope.by, line));
      this.#keyOfLine[line.id] = key;
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
    if (pool === undefined) throw new Error(`pool ${id} is not in the read database`);
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
  let current: { readonly position: number; readonly day: number; readonly cell: MutableMeasures } | null = null;
  const end = (): void => {
    if (current !== null && hasMeasures(current.cell)) visit(current.position, current.day, current.cell);
  };
  figures.book(
    limit,
    (_key, position, day) => {
      if (current?.position !== position) {
        end();
        current = { position, day, cell: noMeasures() };
      }
      return current.cell;
    },
    'log',
  );
  end();
};
