import type { AccountKindNumber } from '../projecting/account-kind';
import type { ReadSnapshot } from '../projecting/read-database';
import { rowMissing } from '../projecting/read-model-failure';
import type { FactLimit } from './moment';

export interface Pool {
  readonly id: number;
  readonly stream: string;
  readonly division: string;
  readonly fiscalYear: number;
}

/** A quota line as one pool knows it. */
export interface PoolLine {
  readonly id: number;
  readonly pool: number;
  readonly quotaLine: string;
  readonly documentNo: string;
  readonly channelCode: string;
  readonly purposeCode: string;
  readonly departmentCode: string;
}

export interface AccountRow {
  readonly id: number;
  /** Of money in transit: the pool that issued it; of carried money: the pool that it left. */
  readonly pool: number;
  readonly path: string;
  readonly kind: AccountKindNumber;
  readonly projectCode: string | null;
  readonly place: string | null;
  /** Of a project's account: a number for project and place together; 0 for others. */
  readonly home: number;
}

/**
 * What is asked of the accounts of every movement, by account id; all 0 where an account has not been read yet. Packed,
 * because hundreds of thousands of look-ups stay in the processor's cache this way, where the rows do not.
 */
export interface AccountColumns {
  readonly kind: Uint8Array;
  readonly pool: Int32Array;
  readonly home: Int32Array;
}

/** One movement of a line that is known. */
export type MovementRow = readonly [from: number, to: number, amount: number, day: number, position: number];

/** Reads dimensions and facts; what never changes is remembered between questions. */
export class Facts {
  readonly #snapshot: ReadSnapshot;
  /** By id. Particulars of a line never change once it is known. */
  readonly #lines: (PoolLine | undefined)[];
  /** By id. Accounts never change once they exist; each takes about 150 bytes. */
  readonly #accounts: (AccountRow | undefined)[];
  readonly #homes: Map<string, number>;
  /** There is room for every account that exists. */
  readonly accountColumns: AccountColumns;

  constructor(snapshot: ReadSnapshot) {
    this.#snapshot = snapshot;
    this.#lines = remembered(snapshot, 'lines', (): (PoolLine | undefined)[] => []);
    this.#accounts = remembered(snapshot, 'accounts', (): (AccountRow | undefined)[] => []);
    this.#homes = remembered(snapshot, 'homes', () => new Map<string, number>());
    this.accountColumns = this.#columnsWithRoom();
  }

  /** Every pool. There are as many as divisions and years. */
  pools(): ReadonlyMap<number, Pool> {
    const rows = this.#snapshot.all<readonly [number, string, string, number]>(
      'SELECT id, name, division, fiscal_year FROM stream WHERE division IS NOT NULL',
    );
    return new Map(
      rows.map(([id, stream, division, fiscalYear]) => [id, { id, stream, division, fiscalYear }] as const),
    );
  }

  /** Pools that hold money for places under a division. */
  poolsOfPlacesUnder(division: string): ReadonlySet<number> {
    const rows = this.#snapshot.all<readonly [number]>(
      'SELECT DISTINCT pool FROM account WHERE place IS NOT NULL AND place >= ? AND place < ?',
      ...prefixRange(division),
    );
    return new Set(rows.map(([pool]) => pool));
  }

  /** Pools that hold money for a project. */
  poolsOfProject(projectCode: string): ReadonlySet<number> {
    const rows = this.#snapshot.all<readonly [number]>(
      'SELECT DISTINCT pool FROM account WHERE project_code = ?',
      projectCode,
    );
    return new Set(rows.map(([pool]) => pool));
  }

  countOfLines(): number {
    return this.#snapshot.first<readonly [number]>('SELECT count(*) FROM quota_line')?.[0] ?? 0;
  }

  /** Ids are below this. */
  endOf(table: 'account' | 'quota_line'): number {
    return (this.#snapshot.first<readonly [number | null]>(`SELECT max(id) FROM ${table}`)?.[0] ?? 0) + 1;
  }

  linesOf(pool: number): readonly PoolLine[] {
    return this.#snapshot
      .all<LineRow>(`SELECT ${LINE_COLUMNS} FROM quota_line WHERE pool = ? ORDER BY id`, pool)
      .map((row) => this.#rememberLine(row));
  }

  /** Has every account and line at hand before all movements are gone through. */
  preloadAll(): void {
    const loaded = remembered(this.#snapshot, 'preloaded up to', () => ({ account: 0, line: 0 }));
    for (const row of this.#snapshot.each<AccountTuple>(
      `SELECT ${ACCOUNT_COLUMNS} FROM account WHERE id > ?`,
      loaded.account,
    )) {
      const account = this.#remember(row);
      loaded.account = Math.max(loaded.account, account.id);
    }
    for (const row of this.#snapshot.each<LineRow>(
      `SELECT ${LINE_COLUMNS} FROM quota_line WHERE id > ?`,
      loaded.line,
    )) {
      const line = this.#rememberLine(row);
      loaded.line = Math.max(loaded.line, line.id);
    }
  }

  line(id: number): PoolLine {
    const known = this.#lines[id];
    if (known !== undefined) return known;
    const row = this.#snapshot.first<LineRow>(`SELECT ${LINE_COLUMNS} FROM quota_line WHERE id = ?`, id);
    if (row === undefined) throw rowMissing('quota_line', id);
    return this.#rememberLine(row);
  }

  /** The same quota line in every pool that its money has been in. */
  linesNamed(quotaLine: string): readonly PoolLine[] {
    return this.#snapshot
      .all<LineRow>(`SELECT ${LINE_COLUMNS} FROM quota_line WHERE quota_line = ? ORDER BY id`, quotaLine)
      .map(lineOf);
  }

  account(id: number): AccountRow {
    const known = this.#accounts[id];
    if (known !== undefined) return known;
    const row = this.#snapshot.first<AccountTuple>(`SELECT ${ACCOUNT_COLUMNS} FROM account WHERE id = ?`, id);
    if (row === undefined) throw rowMissing('account', id);
    return this.#remember(row);
  }

  /** Has the accounts of a pool at hand before many of them are asked for one by one. */
  preloadAccounts(pool: number): void {
    const preloaded = remembered(this.#snapshot, 'preloaded pools', () => new Set<number>());
    if (preloaded.has(pool)) return;
    for (const row of this.#snapshot.each<AccountTuple>(
      `SELECT ${ACCOUNT_COLUMNS} FROM account WHERE pool = ?`,
      pool,
    )) {
      this.#remember(row);
    }
    preloaded.add(pool);
  }

  movementsOfLine(line: number, limit: FactLimit): readonly MovementRow[] {
    return this.#snapshot.all<MovementRow>(
      `SELECT from_account, to_account, amount, effective_on, position FROM movement
        WHERE line = ? AND effective_on <= ? AND position <= ?`,
      line,
      limit.day,
      limit.position,
    );
  }

  /** Movements that other pools recorded about this pool's money in transit, with their lines. */
  movementsTakenIn(pool: number, limit: FactLimit): readonly (readonly [line: number, ...MovementRow])[] {
    return this.#snapshot.all(
      `SELECT movement.line, movement.from_account, movement.to_account, movement.amount, movement.effective_on,
              movement.position
         FROM taken_in CROSS JOIN movement ON movement.id = taken_in.movement
        WHERE taken_in.pool = ? AND movement.effective_on <= ? AND movement.position <= ?`,
      pool,
      limit.day,
      limit.position,
    );
  }

  cashOfLine(line: number, limit: FactLimit): readonly (readonly [amount: number, day: number, position: number])[] {
    return this.#snapshot.all(
      `SELECT amount, effective_on, position FROM cash_receipt
        WHERE line = ? AND effective_on <= ? AND position <= ?`,
      line,
      limit.day,
      limit.position,
    );
  }

  /** All cash received, in the order of the log. */
  cash(limit: FactLimit): readonly (readonly [line: number, amount: number, day: number, position: number])[] {
    return this.#snapshot.all(
      `SELECT line, amount, effective_on, position FROM cash_receipt
        WHERE effective_on <= ? AND position <= ? ORDER BY id`,
      limit.day,
      limit.position,
    );
  }

  #rememberLine(row: LineRow): PoolLine {
    const line = this.#lines[row[0]] ?? lineOf(row);
    this.#lines[line.id] = line;
    return line;
  }

  #remember([id, pool, path, kind, projectCode, place]: AccountTuple): AccountRow {
    const home = projectCode === null || place === null ? 0 : this.#homeOf(projectCode, place);
    const account: AccountRow = { id, pool, path, kind: kind as AccountKindNumber, projectCode, place, home };
    this.#accounts[id] = account;
    this.accountColumns.kind[id] = kind;
    this.accountColumns.pool[id] = pool;
    this.accountColumns.home[id] = home;
    return account;
  }

  #columnsWithRoom(): AccountColumns {
    const packed = remembered(this.#snapshot, 'account columns', () => ({ columns: accountColumns(0) }));
    const end = this.endOf('account');
    if (packed.columns.kind.length < end) {
      const larger = accountColumns(2 * end);
      larger.kind.set(packed.columns.kind);
      larger.pool.set(packed.columns.pool);
      larger.home.set(packed.columns.home);
      packed.columns = larger;
    }
    return packed.columns;
  }

  /** Two accounts of one home are told by a number, where the texts would be compared for every movement. */
  #homeOf(projectCode: string, place: string): number {
    const name = `${projectCode}:${place}`;
    let home = this.#homes.get(name);
    if (home === undefined) {
      home = this.#homes.size + 1;
      this.#homes.set(name, home);
    }
    return home;
  }
}

const accountColumns = (length: number): AccountColumns => ({
  kind: new Uint8Array(length),
  pool: new Int32Array(length),
  home: new Int32Array(length),
});

/** Codes under a division are those that begin with its own; `:` is the character after `9`. */
export const prefixRange = (division: string): readonly [from: string, before: string] => [division, `${division}:`];

const LINE_COLUMNS = 'id, pool, quota_line, document_no, channel_code, purpose_code, department_code';
type LineRow = readonly [number, number, string, string, string, string, string];
const lineOf = ([id, pool, quotaLine, documentNo, channelCode, purposeCode, departmentCode]: LineRow): PoolLine => ({
  id,
  pool,
  quotaLine,
  documentNo,
  channelCode,
  purposeCode,
  departmentCode,
});

const ACCOUNT_COLUMNS = 'id, pool, path, kind, project_code, place';
type AccountTuple = readonly [number, number, string, number, string | null, string | null];

const remembered = <Value>(snapshot: ReadSnapshot, name: string, create: () => Value): Value => {
  const known = snapshot.memory.get(name);
  if (known !== undefined) return known as Value;
  const created = create();
  snapshot.memory.set(name, created);
  return created;
};
