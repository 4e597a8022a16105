import { addFen, fen, type Fen, fenFromYuan, sumFen, ZERO_FEN } from '../money/fen';
import type { Movement } from './account';
import type { ProjectPlaces } from './project-places';
import type { QuotaLineId } from './quota-line';

/** Money of a part that came back on a business date; negative where a return was taken back. */
interface Returned {
  readonly on: string;
  readonly amount: Fen;
}

/** One quota line's share of a payment, at one place of one project. A payment has one part for each. */
export interface PaymentPart {
  readonly quotaLine: QuotaLineId;
  readonly projectCode: string;
  readonly place: string;
  readonly amount: Fen;
  readonly returns: readonly Returned[];
}

export interface Payment {
  readonly voucherNo: string;
  readonly status: 'requested' | 'approved' | 'paid' | 'cancelled';
  readonly requestedBy: string | null;
  readonly payee: string;
  readonly parts: readonly PaymentPart[];
  /** How far a cancelled payment had come, which is where a reversed cancellation leads back to. */
  readonly cancelledWhen: 'requested' | 'approved' | null;
  /** Business date of its last step, forwards or back: no later step is dated before it. */
  readonly steppedOn: string;
  /** The entry that brought it, its date and its command's fingerprint: a voucher number is recorded once. */
  readonly recordedAs: 'PaymentRequested' | 'PaymentExecuted';
  readonly recordedOn: string;
  readonly fingerprint: string;
  readonly rebooks: string | null;
}

const NOTHING_RETURNED: readonly Returned[] = [];

const isSamePart = (one: PaymentPart, other: PaymentPart): boolean =>
  one.quotaLine === other.quotaLine && one.projectCode === other.projectCode && one.place === other.place;

/** The parts that movements make up. Logs of earlier versions name the same part in several movements. */
export const partsOf = (
  places: ProjectPlaces,
  movements: readonly Movement[],
  account: 'from' | 'to',
): readonly PaymentPart[] => {
  const parts: PaymentPart[] = [];
  for (const movement of movements) {
    const { projectCode, place } = places.of(movement[account]);
    const { quotaLine } = movement;
    const amount = fenFromYuan(movement.amount);
    const part: PaymentPart = { quotaLine, projectCode, place, amount, returns: NOTHING_RETURNED };
    const index = parts.findIndex((known) => isSamePart(known, part));
    const known = parts[index];
    if (known === undefined) parts.push(part);
    else parts[index] = { ...known, amount: addFen(known.amount, amount) };
  }
  return parts;
};

/** Adds to (or, with −1, takes from) what has come back of a payment, part by part. */
export const withReturns = (payment: Payment, back: readonly PaymentPart[], on: string, sign: 1 | -1): Payment => {
  const parts = [...payment.parts];
  for (const returned of back) {
    const index = parts.findIndex((part) => isSamePart(part, returned));
    const part = parts[index];
    if (part === undefined) throw new Error(`payment ${payment.voucherNo} has no part of ${returned.quotaLine}`);
    parts[index] = { ...part, returns: [...part.returns, { on, amount: fen(sign * returned.amount) }] };
  }
  return { ...payment, parts };
};

/** The most that has come back of a part at the end of a business date or of any later one. */
const mostReturnedFrom = ({ returns }: PaymentPart, on: string): Fen => {
  if (returns.length === 0) return ZERO_FEN;
  const days = new Set([on, ...returns.map((each) => each.on).filter((day) => day > on)]);
  const until = (day: string): Fen => sumFen(returns.filter((each) => each.on <= day).map(({ amount }) => amount));
  return fen(Math.max(...[...days].map(until)));
};

/**
 * What a part of a payment still has out, on a business date and on every later one: all that can come back of it then
 * without more having come back than was paid on any day.
 */
export const stillOut = (part: PaymentPart, on: string): Fen =>
  fen(Math.max(0, part.amount - mostReturnedFrom(part, on)));

/** Whether money of a payment has come back, as far as all entries say. */
export const hasReturns = ({ parts }: Payment): boolean =>
  parts.some(({ returns }) => sumFen(returns.map(({ amount }) => amount)) > 0);

/** Whether on the business date, or on a later one, money of it has come back. */
export const hasReturnsFrom = ({ parts }: Payment, on: string): boolean =>
  parts.some((part) => mostReturnedFrom(part, on) > 0);
