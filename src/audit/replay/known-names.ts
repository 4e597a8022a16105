import { poolOfStream } from '../../pool/pool-stream';
import { type AccountDimensions, accountDimensions } from '../../projecting/account-kind';
import type { ReadSnapshot } from '../../projecting/read-database';
import { Parted } from './parted';

interface Account {
  readonly pool: number;
  readonly path: string;
  isUsed: boolean;
}

/** What the ids in the rows of facts stand for, read from the small tables while the big ones are gone through. */
export class KnownNames {
  readonly #streams = new Map<number, string>();
  readonly #types = new Map<number, string>();
  readonly #lines = new Map<number, string>();
  readonly #issues = new Map<string, number>();
  readonly #accounts = new Map<number, Account>();

  /** Reads the rows that are new. What an account's path says must stand beside it. Throws Parted. */
  learn(snapshot: ReadSnapshot): void {
    for (const [id, name, division, year] of snapshot.all<readonly [number, string, string | null, number | null]>(
      'SELECT id, name, division, fiscal_year FROM stream WHERE id > ?',
      highestId(this.#streams),
    )) {
      const pool = poolOfStream(name);
      if ((pool?.division ?? null) !== division || (pool?.fiscalYear ?? null) !== year) {
        throw new Parted(null, `流 ${name} 的区划或年度`, `division or year of stream ${name}`);
      }
      this.#streams.set(id, name);
    }
    for (const [id, name] of snapshot.all<readonly [number, string]>(
      'SELECT id, name FROM event_type WHERE id > ?',
      highestId(this.#types),
    )) {
      this.#types.set(id, name);
    }
    for (const [id, pool, name] of snapshot.all<readonly [number, number, string]>(
      'SELECT id, pool, quota_line FROM quota_line WHERE id > ?',
      highestId(this.#lines),
    )) {
      const line = `${this.stream(pool) ?? ''} ${name}`;
      const issue = (this.#issues.get(line) ?? 0) + 1;
      this.#issues.set(line, issue);
      this.#lines.set(id, issuedLine(line, issue));
    }
    for (const [id, pool, path, kind, project, place] of snapshot.all<
      readonly [number, number, string, number, string | null, string | null]
    >('SELECT id, pool, path, kind, project_code, place FROM account WHERE id > ?', highestId(this.#accounts))) {
      const said = dimensionsOrNull(path);
      if (said?.kind !== kind || said.projectCode !== project || said.place !== place) {
        throw new Parted(null, `账户 ${path} 的维度`, `dimensions of account ${path}`);
      }
      this.#accounts.set(id, { pool, path, isUsed: false });
    }
  }

  stream(id: number): string | undefined {
    return this.#streams.get(id);
  }

  type(id: number): string | undefined {
    return this.#types.get(id);
  }

  /** Pool and quota line, with a space between, and how many times it was issued; see issuedLine. */
  line(id: number | undefined): string | undefined {
    return id === undefined ? undefined : this.#lines.get(id);
  }

  /** Whether an id stands for the account of a pool; it is used then. */
  isAccount(id: number | undefined, path: string, owner: string): boolean {
    const account = id === undefined ? undefined : this.#accounts.get(id);
    if (account?.path !== path || this.stream(account.pool) !== owner) return false;
    account.isUsed = true;
    return true;
  }

  /** Accounts that a movement has named. */
  usedAccounts(): number {
    let used = 0;
    for (const { isUsed } of this.#accounts.values()) if (isUsed) used += 1;
    return used;
  }
}

/** @param line pool and quota line @param issue 1 for the particulars that came first, 2 for those after it was issued anew … */
export const issuedLine = (line: string, issue: number): string => (issue === 1 ? line : `${line} ${issue}`);

/** Null for what is no account's path: somebody has altered it. */
const dimensionsOrNull = (path: string): AccountDimensions | null => {
  try {
    return accountDimensions(path);
  } catch {
    return null;
  }
};

/** Ids are given from 1 on without gaps. */
const highestId = (map: ReadonlyMap<number, unknown>): number => map.size;
