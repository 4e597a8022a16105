import { ACCOUNT_KIND } from '../../projecting/account-kind';
import type { AccountRow } from '../../balances/facts';
import { type LineMovements, type MoneyMovement, type Whereabouts, whereabouts } from './money-movement';

export interface FollowedMoney {
  /** Where the followed money is after the last movement. */
  readonly holdings: readonly { readonly at: Whereabouts; readonly fen: number }[];
  /** Positions of the events that moved it. */
  readonly positions: ReadonlySet<number>;
}

/** Some of a movement's money, counted from its first fen. */
interface Span {
  readonly movement: MoneyMovement;
  readonly offset: number;
  readonly fen: number;
}

/** A span that has been taken on, and the span that it has become. */
interface Link {
  readonly offset: number;
  readonly fen: number;
  readonly next: MoneyMovement;
  readonly nextOffset: number;
}

/** What came into an account and what left it, each in the order of time. */
interface Account {
  readonly came: MoneyMovement[];
  readonly left: MoneyMovement[];
}

/**
 * Follows the money of some movements of one quota line to where it is now. Only what stands is followed: entries that
 * were taken back, and what took them back, move nothing here.
 *
 * Within one line and account one fen is as good as another, so which of them a later movement takes is a convention:
 * first in, first out, by business date and, within a day, by position in the log. In other words, the n-th fen that
 * ever left an account is the n-th that ever came in. One thing comes before: a payment that says which voucher it
 * repays takes what came back of that voucher. Money in project accounts that is held or paid is kept apart by voucher,
 * and recalled money by where it came from, so that a returned payment gives back the very money that the voucher had
 * paid.
 *
 * Because only what stands is followed, what an entry brings may leave, by the dates, before it came: it stands in for
 * money of an entry that was taken back since. What such money did in a circle before it was taken back leaves nothing.
 *
 * A day may end well and yet be impossible in the order of its entries, when something was recorded late with an early
 * date. Then the whole line is followed by position alone, which is always possible, because the ledger never let an
 * account be overdrawn when it recorded.
 */
export const followMoney = (
  { standing, reversed, reversals }: LineMovements,
  followed: ReadonlySet<number>,
): FollowedMoney => {
  const isByDay = isPossible([...standing, ...reversed, ...reversals].sort(byDay));
  const links = linksOf([...standing].sort(isByDay ? byDay : byPosition));
  const holdings = new Map<string, { readonly at: Whereabouts; fen: number }>();
  const positions = new Set<number>();
  const rest = ({ movement, fen }: Span): void => {
    const at = whereabouts(movement, movement.to, movement.from);
    if (at === null || fen === 0) return;
    const key = holdingKey(movement, movement.to, movement.from, at);
    const holding = holdings.get(key) ?? { at, fen: 0 };
    holding.fen += fen;
    holdings.set(key, holding);
  };
  const pending: Span[] = standing
    .filter(({ id }) => followed.has(id))
    .map((movement) => ({ movement, offset: 0, fen: movement.fen }));
  for (let span = pending.pop(); span !== undefined; span = pending.pop()) {
    positions.add(span.movement.position);
    let left = span.fen;
    for (const on of onward(links.get(span.movement.id) ?? [], span)) {
      left -= on.fen;
      positions.add(on.movement.position);
      // Money of another followed movement is followed from there.
      if (!followed.has(on.movement.id)) pending.push(on);
    }
    rest({ ...span, fen: left });
  }
  return { holdings: [...holdings.values()], positions };
};

const byPosition = (left: MoneyMovement, right: MoneyMovement): number => left.id - right.id;
const byDay = (left: MoneyMovement, right: MoneyMovement): number => left.day - right.day || byPosition(left, right);

/** Whether no account ever gives what it does not have. */
const isPossible = (inOrder: readonly MoneyMovement[]): boolean => {
  const balances = new Map<string, number>();
  const change = (movement: MoneyMovement, here: AccountRow, there: AccountRow, fen: number): number => {
    const at = whereabouts(movement, here, there);
    if (at === null) return 0;
    const key = holdingKey(movement, here, there, at);
    const balance = (balances.get(key) ?? 0) + fen;
    balances.set(key, balance);
    return balance;
  };
  return inOrder.every((movement) => {
    const { from, to, fen } = movement;
    const left = change(movement, from, to, -fen);
    change(movement, to, from, fen);
    return left >= 0;
  });
};

/** The parts of a span that were taken on, as the movements took them. */
const onward = (links: readonly Link[], { offset, fen }: Span): readonly Span[] =>
  links.flatMap((link) => {
    const from = Math.max(link.offset, offset);
    const common = Math.min(link.offset + link.fen, offset + fen) - from;
    return common <= 0 ? [] : [{ movement: link.next, offset: link.nextOffset + from - link.offset, fen: common }];
  });

/** By the id of the movement that brought the money. */
const linksOf = (inOrder: readonly MoneyMovement[]): ReadonlyMap<number, readonly Link[]> => {
  const accounts = new Map<string, Account>();
  const accountOf = (movement: MoneyMovement, here: AccountRow, there: AccountRow): Account | null => {
    const at = whereabouts(movement, here, there);
    if (at === null) return null;
    const key = holdingKey(movement, here, there, at);
    let account = accounts.get(key);
    if (account === undefined) {
      account = { came: [], left: [] };
      accounts.set(key, account);
    }
    return account;
  };
  for (const movement of inOrder) {
    accountOf(movement, movement.from, movement.to)?.left.push(movement);
    accountOf(movement, movement.to, movement.from)?.came.push(movement);
  }
  const links = new Map<number, Link[]>();
  for (const account of accounts.values()) matchAccount(account, links);
  return links;
};

/** The end of a movement's money that is not matched yet. */
interface Unmatched {
  readonly movement: MoneyMovement;
  offset: number;
}

const leftOf = ({ movement, offset }: Unmatched): number => movement.fen - offset;

/** Says of everything that left an account which money it was. */
const matchAccount = ({ came, left }: Account, links: Map<number, Link[]>): void => {
  const match = (bringing: Unmatched, taking: Unmatched): void => {
    const fen = Math.min(leftOf(bringing), leftOf(taking));
    if (fen === 0) return;
    const known = links.get(bringing.movement.id) ?? [];
    known.push({ offset: bringing.offset, fen, next: taking.movement, nextOffset: taking.offset });
    links.set(bringing.movement.id, known);
    bringing.offset += fen;
    taking.offset += fen;
  };
  const bringings = came.map((movement) => ({ movement, offset: 0 }));
  const takings = left.map((movement) => ({ movement, offset: 0 }));
  for (const taking of takings) {
    const { repays } = taking.movement;
    if (repays === null) continue;
    for (const bringing of bringings) if (cameBackOf(bringing.movement, repays)) match(bringing, taking);
  }
  let next = 0;
  for (const taking of takings) {
    while (leftOf(taking) > 0) {
      const bringing = bringings[next];
      if (bringing === undefined) return;
      match(bringing, taking);
      if (leftOf(bringing) === 0) next += 1;
    }
  }
};

/** A return (退回): out of what the voucher had paid. */
const cameBackOf = ({ from, entryNo }: MoneyMovement, voucherNo: string): boolean =>
  from.kind === ACCOUNT_KIND.projectPaid && entryNo === voucherNo;

/** Accounts that several entries share only by name are kept apart by entry. */
const holdingKey = (movement: MoneyMovement, here: AccountRow, there: AccountRow, at: Whereabouts): string => {
  switch (here.kind) {
    case ACCOUNT_KIND.projectHeld:
    case ACCOUNT_KIND.projectPaid:
      return `${here.id} ${at.voucherNo ?? ''}`;
    case ACCOUNT_KIND.recalled:
      return `${here.id} ${there.id}`;
    case ACCOUNT_KIND.carried:
      return `${here.id} ${movement.entryNo ?? ''}`;
    default:
      return String(here.id);
  }
};
