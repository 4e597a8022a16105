import { ACCOUNT_KIND } from '../../projecting/account-kind';
import type { AccountRow } from '../../balances/facts';
import { type MoneyMovement, type Whereabouts, whereabouts } from './money-movement';

/** Money of one line that came into an account together. */
interface Parcel {
  fen: number;
  readonly followed: boolean;
  /** The entry that brought it. */
  readonly entryNo: string | null;
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
 * back the very money that the voucher had paid. A reversal takes back what the reversed entry had brought, as far as it
 * is still there. Money that an entry was reversed out of the ledger (back to its
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
      holding.parcels.push({
        fen: parcel.fen,
        followed: parcel.followed || isFollowed,
        entryNo: movement.entryNo,
      });
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

/** The parcels of the account that the movement leaves which it takes; null when they are not enough. */
const takeFrom = (holdings: ReadonlyMap<string, Holding>, movement: MoneyMovement): readonly Parcel[] | null => {
  const at = whereabouts(movement, movement.from, movement.to);
  if (at === null) return [{ fen: movement.fen, followed: false, entryNo: null }];
  const parcels = holdings.get(holdingKey(movement, movement.from, movement.to, at))?.parcels ?? [];
  if (!movement.isReversal) return takeOldest(parcels, movement.fen);
  const isBrought = (parcel: Parcel): boolean => parcel.entryNo === movement.entryNo;
  const brought = parcels.filter(isBrought);
  const others = parcels.filter((parcel) => !isBrought(parcel));
  const broughtFen = brought.reduce((sum, { fen }) => sum + fen, 0);
  const taken = takeOldest(brought, Math.min(broughtFen, movement.fen));
  const more = takeOldest(others, Math.max(0, movement.fen - broughtFen));
  if (taken === null || more === null) return null;
  // What is left keeps its order of arrival.
  const left = new Set([...brought, ...others]);
  parcels.splice(0, parcels.length, ...parcels.filter((parcel) => left.has(parcel)));
  return [...taken, ...more];
};

/** Takes from the front of the parcels, and out of them. */
const takeOldest = (parcels: Parcel[], fen: number): Parcel[] | null => {
  const taken: Parcel[] = [];
  let missing = fen;
  let used = 0;
  while (missing > 0) {
    const oldest = parcels[used];
    if (oldest === undefined) return null;
    if (oldest.fen > missing) {
      oldest.fen -= missing;
      taken.push({ ...oldest, fen: missing });
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
