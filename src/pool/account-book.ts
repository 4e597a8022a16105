import { fen, type Fen, ZERO_FEN } from '../money/fen';

/** What one business date changed in one account of one line. */
export interface DayChange {
  readonly on: string;
  readonly change: Fen;
}

/**
 * One account of one quota line through business time: the balance at the end of each day on which it changed.
 * Days come in any order (back-dated entries); a pool of one year has at most a few hundred of them, so a back-dated
 * entry costs that many additions and an entry on the newest day costs one.
 */
class Timeline {
  readonly #days: string[] = [];
  readonly #balances: number[] = [];

  add(on: string, change: Fen): void {
    let index = this.#days.length;
    while (index > 0 && (this.#days[index - 1] as string) > on) index -= 1;
    if (index === 0 || this.#days[index - 1] !== on) {
      const before = index === 0 ? 0 : (this.#balances[index - 1] as number);
      // Nearly every new day is the newest, and putting it in at the end as if it were anywhere copies all others.
      if (index === this.#days.length) {
        this.#days.push(on);
        this.#balances.push(before);
      } else {
        this.#days.splice(index, 0, on);
        this.#balances.splice(index, 0, before);
      }
    } else {
      index -= 1;
    }
    for (let later = index; later < this.#balances.length; later += 1) {
      this.#balances[later] = fen((this.#balances[later] as number) + change);
    }
  }

  /** The lowest end-of-day balance from a day on, and the first day it is reached. */
  lowestFrom(on: string): { readonly balance: Fen; readonly on: string } {
    let index = this.#days.length - 1;
    if (index < 0) return { balance: ZERO_FEN, on };
    let lowest = this.#balances[index] as number;
    let day = this.#days[index] as string;
    while (index >= 0 && (this.#days[index] as string) > on) {
      const balance = this.#balances[index] as number;
      if (balance <= lowest) {
        lowest = balance;
        day = this.#days[index] as string;
      }
      index -= 1;
    }
    const onTheDay = index < 0 ? 0 : (this.#balances[index] as number);
    return onTheDay <= lowest ? { balance: fen(onTheDay), on } : { balance: fen(lowest), on: day };
  }

  latest(): Fen {
    return (this.#balances.at(-1) ?? ZERO_FEN) as Fen;
  }

  /** By how much each day changed it, oldest first; a day whose entries cancel out changed nothing. */
  changes(): readonly DayChange[] {
    return this.#days
      .map((on, index) => ({ on, change: fen((this.#balances[index] as number) - (this.#balances[index - 1] ?? 0)) }))
      .filter(({ change }) => change !== 0);
  }
}

/** Balances of every line in every account of one pool, on every business date. */
export class AccountBook<Line extends string, Account extends string> {
  readonly #lines = new Map<Line, Map<Account, Timeline>>();
  /** The line that was asked for last: one entry asks for its line a dozen times. */
  #lastLine: Line | null = null;
  #lastAccounts: Map<Account, Timeline> | undefined;

  add(line: Line, account: Account, on: string, change: Fen): void {
    let accounts = this.#accounts(line);
    if (accounts === undefined) {
      accounts = new Map();
      this.#lines.set(line, accounts);
      this.#lastAccounts = accounts;
    }
    let timeline = accounts.get(account);
    if (timeline === undefined) {
      timeline = new Timeline();
      accounts.set(account, timeline);
    }
    timeline.add(on, change);
  }

  /** What can leave the account on a day without making that day or any later one negative. */
  lowestFrom(line: Line, account: Account, on: string): { readonly balance: Fen; readonly on: string } {
    return this.#accounts(line)?.get(account)?.lowestFrom(on) ?? { balance: ZERO_FEN, on };
  }

  /** Balance with everything that is recorded, whatever its date. */
  latest(line: Line, account: Account): Fen {
    return this.#accounts(line)?.get(account)?.latest() ?? ZERO_FEN;
  }

  /** Whether nothing of a line is left in any account, with everything that is recorded. */
  isEmpty(line: Line): boolean {
    for (const timeline of this.#accounts(line)?.values() ?? []) if (timeline.latest() !== 0) return false;
    return true;
  }

  /** Accounts that a line has ever been in, in the order in which it first got there. */
  accountsOf(line: Line): readonly Account[] {
    return [...(this.#accounts(line)?.keys() ?? [])];
  }

  /** By how much each day changed an account of a line. */
  changesOf(line: Line, account: Account): readonly DayChange[] {
    return this.#accounts(line)?.get(account)?.changes() ?? [];
  }

  #accounts(line: Line): Map<Account, Timeline> | undefined {
    if (line !== this.#lastLine) {
      this.#lastAccounts = this.#lines.get(line);
      this.#lastLine = line;
    }
    return this.#lastAccounts;
  }
}
