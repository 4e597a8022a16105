import { ACCOUNT_KIND } from '../../projecting/account-kind';
import type { AccountRow } from '../../balances/facts';
import { type MoneyMovement, type Whereabouts, whereabouts } from './money-movement';

/** Money of one line that came into an account together. */
interface Parcel {
  fen: number;
  readonly followed: boolean;
}

interface Holding {
  readonly at: Whereabouts;
  readonly parcels: Parcel[];
}

export interface FollowedMoney {
  /** Where the followed money is after the last movement. */
  readonly holdings: readonly { readonly at: Whereabouts; readonly fen: number }[];
  /** Positions of the events that moved it. */
  readonly positions: ReadonlySet<number>;
}

/**
 * Follows the money of some movements of one quota line to where it is now.
 *
 * Within one line and account one fen is as good as another, so which of them a later movement takes is a convention:
 * first in, first out, by business date and, within a day, by position in the log. Money in project accounts that is
 * held or paid is kept apart by voucher, and recalled money by where it came from, so that a returned payment gives
 * back the very money that the voucher had paid. Money that an entry was reversed out of the ledger (back to its
 * channel) is nowhere and is not counted.
 *
 * A day may end well and yet be impossible in the order of its entries, when something was recorded late with an early
 * date. Then the whole line is followed by position alone, which is always possible, because the ledger never let an
 * account be overdrawn when it recorded.
 */
export const followMoney = (movements: readonly MoneyMovement[], followed: ReadonlySet<number>): FollowedMoney => {
  const byDay = [...movements].sort((left, right) => left.day - right.day || left.id - right.id);
  const answer =
    follow(byDay, followed) ??
    follow(
      [...movements].sort((left, right) => left.id - right.id),
      followed,
    );
  if (answer === null) throw new Error('the movements of a quota line overdraw one of its accounts');
  return answer;
};

const follow = (movements: readonly MoneyMovement[], followed: ReadonlySet<number>): FollowedMoney | null => {
  const holdings = new Map<string, Holding>();
  const positions = new Set<number>();
  for (const movement of movements) {
    const isFollowed = followed.has(movement.id);
    if (isFollowed) positions.add(movement.position);
    const taken = takeFrom(holdings, movement);
    if (taken === null) return null;
    if (taken.some((parcel) => parcel.followed)) positions.add(movement.position);
    const at = whereabouts(movement, movement.to, movement.from);
    if (at === null) continue;
    const key = holdingKey(movement, movement.to, movement.from, at);
    const holding = holdings.get(key) ?? { at, parcels: [] };
    for (const parcel of taken) {
      holding.parcels.push({ fen: parcel.fen, followed: parcel.followed || isFollowed });
    }
    holdings.set(key, holding);
  }
  const where: { readonly at: Whereabouts; readonly fen: number }[] = [];
  for (const { at, parcels } of holdings.values()) {
    const fen = parcels.reduce((sum, parcel) => sum + (parcel.followed ? parcel.fen : 0), 0);
    if (fen > 0) where.push({ at, fen });
  }
  return { holdings: where, positions };
};

/** The oldest parcels of the account that the movement leaves; null when they are not enough. */
const takeFrom = (holdings: ReadonlyMap<string, Holding>, movement: MoneyMovement): readonly Parcel[] | null => {
  const at = whereabouts(movement, movement.from, movement.to);
  if (at === null) return [{ fen: movement.fen, followed: false }];
  const parcels = holdings.get(holdingKey(movement, movement.from, movement.to, at))?.parcels ?? [];
  const taken: Parcel[] = [];
  let missing = movement.fen;
  let used = 0;
  while (missing > 0) {
    const oldest = parcels[used];
    if (oldest === undefined) return null;
    if (oldest.fen > missing) {
      oldest.fen -= missing;
      taken.push({ fen: missing, followed: oldest.followed });
      missing = 0;
    } else {
      taken.push(oldest);
      missing -= oldest.fen;
      used += 1;
    }
  }
  parcels.splice(0, used);
  return taken;
};

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
