import { type Fen, fenFromYuan } from '../../money/fen';
import { parseAccount } from '../../pool/account';
import { detached } from './detached';

/** What is wrong with an event's movements. */
export interface MovementFault {
  readonly code: 'MOVEMENT_INVALID' | 'MONEY_NOT_CONSERVED';
  readonly zh: string;
  readonly en: string;
}

interface AccountBalance {
  readonly isSource: boolean;
  fen: number;
  /** The least that it was after an event in which it gave; only kept of a part of a log. */
  least: number;
}

/** What a part of a log does to an account: what comes in on balance, and the least that there is meanwhile. */
export interface AccountSpan {
  readonly quotaLine: string;
  readonly path: string;
  readonly fen: number;
  readonly least: number;
}

/** An account that gave, to be looked at when all of the event's movements are done. */
interface Giver {
  readonly movement: ReadMovement;
  readonly account: AccountBalance;
}

interface ReadMovement {
  readonly quotaLine: string;
  readonly from: string;
  readonly to: string;
  readonly amount: Fen;
}

/**
 * Every quota line's accounts, moved by movement after movement. Each movement takes from one account what it gives to
 * another, so that money can only come from nothing where an account gives what it does not have; sources alone, which
 * are outside, may. From an account to itself, as logs of earlier versions may say, nothing moves, which harms nobody.
 * Names are read with one character for each of their bytes.
 */
export class MovementCheck {
  readonly #lines = new Map<string, Map<string, AccountBalance>>();
  readonly #isPart: boolean;
  /** Whether the last event names an account as giver and taker of the same money. */
  hasIdle = false;

  /** @param isPart the events begin in the middle of a log: what the accounts hold before is known only later */
  constructor(isPart = false) {
    this.#isPart = isPart;
  }

  spans(): readonly AccountSpan[] {
    return [...this.#lines].flatMap(([quotaLine, accounts]) =>
      [...accounts].map(([path, { fen, least }]) => ({ quotaLine, path, fen, least })),
    );
  }

  /** Goes on with a part of the log that was checked by itself; false when an account gives what it does not have. */
  follow(spans: readonly AccountSpan[]): boolean {
    let isSound = true;
    for (const { quotaLine, path, fen, least } of spans) {
      const account = accountIn(this.#accountsOf(quotaLine), path);
      if (!account.isSource && account.fen + least < 0) isSound = false;
      account.fen += fen;
    }
    return isSound;
  }

  /** Faults of one event's movements, after all of which no account but a source may be below zero. */
  apply(movements: unknown): readonly MovementFault[] {
    this.hasIdle = false;
    if (!Array.isArray(movements)) return [invalid('movements 不是列表', 'movements is no list')];
    const faults: MovementFault[] = [];
    const givers: Giver[] = [];
    for (let index = 0; index < movements.length; index += 1) {
      const movement = readMovement(movements[index]);
      if (typeof movement === 'string') {
        faults.push(invalid(`第 ${index + 1} 笔资金变动无效（${movement}）`, `movement ${index + 1}: ${movement}`));
        continue;
      }
      if (movement.from === movement.to) this.hasIdle = true;
      const moved = this.#move(movement);
      if ('fen' in moved) givers.push({ movement, account: moved });
      else faults.push(moved);
    }
    for (const { movement, account } of givers) {
      if (account.isSource || account.fen >= 0) continue;
      if (this.#isPart) {
        if (account.fen < account.least) account.least = account.fen;
        continue;
      }
      const { quotaLine, from } = movement;
      faults.push({
        code: 'MONEY_NOT_CONSERVED',
        zh: `账户 ${shown(from)} 支出了没有的钱（${shown(quotaLine)}，差 ${-account.fen} 分）`,
        en: `account ${shown(from)} gives what it does not have (${shown(quotaLine)}, ${-account.fen} fen short)`,
      });
      // Said once; what follows is judged by itself.
      account.fen = 0;
    }
    return faults;
  }

  /** The account that gave, or what is wrong. */
  #move({ quotaLine, from, to, amount }: ReadMovement): AccountBalance | MovementFault {
    try {
      const accounts = this.#accountsOf(quotaLine);
      const giver = accountIn(accounts, from);
      const taker = accountIn(accounts, to);
      giver.fen -= amount;
      taker.fen += amount;
      return giver;
    } catch {
      const accounts = `${shown(from)} → ${shown(to)}`;
      return invalid(`账户无法识别：${accounts}`, `not accounts: ${accounts}`);
    }
  }

  #accountsOf(quotaLine: string): Map<string, AccountBalance> {
    let accounts = this.#lines.get(quotaLine);
    if (accounts === undefined) {
      accounts = new Map();
      this.#lines.set(detached(quotaLine), accounts);
    }
    return accounts;
  }
}

const accountIn = (accounts: Map<string, AccountBalance>, path: string): AccountBalance => {
  let balance = accounts.get(path);
  if (balance === undefined) {
    balance = { isSource: parseAccount(path).kind === 'source', fen: 0, least: 0 };
    accounts.set(detached(path), balance);
  }
  return balance;
};

/** A name as people read it. */
const shown = (name: string): string => Buffer.from(name, 'latin1').toString('utf8');

const invalid = (zh: string, en: string): MovementFault => ({ code: 'MOVEMENT_INVALID', zh, en });

/** The movement, or what is wrong with it. */
const readMovement = (candidate: unknown): ReadMovement | string => {
  if (typeof candidate !== 'object' || candidate === null) return 'not an object';
  const { quotaLine, from, to, amount } = candidate as Record<string, unknown>;
  if (typeof quotaLine !== 'string' || quotaLine === '') return 'quotaLine';
  if (typeof from !== 'string' || typeof to !== 'string') return 'from, to';
  if (typeof amount !== 'string') return 'amount';
  try {
    const fen = fenFromYuan(amount);
    return fen > 0 ? { quotaLine, from, to, amount: fen } : `amount ${shown(amount)}`;
  } catch {
    return `amount ${shown(amount)}`;
  }
};
