import { fen, type Fen } from '../money/fen';
import { ACCOUNT_KIND, isPoolKind, isProjectKind } from '../projecting/account-kind';
import { assertNever } from '../platform/domain-error';
import type { AccountRow } from './facts';
import type { MutableMeasures } from './measures';

/** Whether what is in an account is anybody's balance; what is outside, recalled or carried is nobody's. */
export const holdsBalance = ({ kind }: AccountRow): boolean =>
  isPoolKind(kind) || isProjectKind(kind) || kind === ACCOUNT_KIND.transit;

/**
 * Books one side of a movement into the figures of whoever has the account: `amount` enters `here`, or leaves it when
 * it is negative, and `there` is the other side.
 *
 * @param pool the pool that recorded the movement
 */
export const bookHalf = (
  cell: MutableMeasures,
  pool: number,
  here: AccountRow,
  there: AccountRow,
  amount: number,
): void => {
  addBalance(cell, here, amount);
  if (here.kind !== ACCOUNT_KIND.transit) addFlow(cell, pool, here, there, amount);
};

/** Whether both are accounts of one project and place in one pool. */
export const isWithinHome = (from: AccountRow, to: AccountRow): boolean =>
  from.home !== 0 && from.home === to.home && from.pool === to.pool;

/**
 * Books both sides of a movement within a home at once, which nearly all movements are: the same as bookHalf for each
 * side, but what leaves and comes back in one measure is not touched, and flows there are none.
 */
export const bookWithinHome = (cell: MutableMeasures, from: AccountRow, to: AccountRow, amount: number): void => {
  if (from.kind === ACCOUNT_KIND.projectHeld) cell.held = plus(cell.held, -amount);
  else if (to.kind === ACCOUNT_KIND.projectHeld) cell.held = plus(cell.held, amount);
  if (to.kind === ACCOUNT_KIND.projectPaid) {
    cell.unspent = plus(cell.unspent, -amount);
    cell.paid = plus(cell.paid, amount);
  } else if (from.kind === ACCOUNT_KIND.projectPaid) {
    cell.unspent = plus(cell.unspent, amount);
    cell.paid = plus(cell.paid, -amount);
  }
};

const addBalance = (cell: MutableMeasures, { kind }: AccountRow, amount: number): void => {
  switch (kind) {
    case ACCOUNT_KIND.received:
      cell.unintegrated = plus(cell.unintegrated, amount);
      return;
    case ACCOUNT_KIND.available:
      cell.available = plus(cell.available, amount);
      return;
    case ACCOUNT_KIND.transit:
      cell.inTransit = plus(cell.inTransit, amount);
      return;
    case ACCOUNT_KIND.projectAvailable:
      cell.unspent = plus(cell.unspent, amount);
      return;
    case ACCOUNT_KIND.projectHeld:
      cell.unspent = plus(cell.unspent, amount);
      cell.held = plus(cell.held, amount);
      return;
    case ACCOUNT_KIND.projectPaid:
      cell.paid = plus(cell.paid, amount);
      return;
    case ACCOUNT_KIND.source:
    case ACCOUNT_KIND.recalled:
    case ACCOUNT_KIND.carried:
      return;
    default:
      return assertNever(kind);
  }
};

const addFlow = (cell: MutableMeasures, pool: number, here: AccountRow, there: AccountRow, amount: number): void => {
  switch (there.kind) {
    case ACCOUNT_KIND.source:
      cell.appropriated = plus(cell.appropriated, amount);
      return;
    case ACCOUNT_KIND.transit:
      if (there.pool === pool) cell.transferredOut = plus(cell.transferredOut, -amount);
      else cell.transferredIn = plus(cell.transferredIn, amount);
      return;
    case ACCOUNT_KIND.received:
    case ACCOUNT_KIND.available:
      if (isProjectKind(here.kind)) cell.allocated = plus(cell.allocated, amount);
      return;
    case ACCOUNT_KIND.projectAvailable:
    case ACCOUNT_KIND.projectHeld:
    case ACCOUNT_KIND.projectPaid:
      if (isProjectKind(here.kind) && here.home !== there.home) cell.allocated = plus(cell.allocated, amount);
      return;
    case ACCOUNT_KIND.recalled:
      cell.recalled = plus(cell.recalled, -amount);
      return;
    case ACCOUNT_KIND.carried:
      if (there.pool === pool) cell.carriedOver = plus(cell.carriedOver, -amount);
      return;
    default:
      return assertNever(there.kind);
  }
};

const plus = (sum: Fen, amount: number): Fen => fen(sum + amount);
