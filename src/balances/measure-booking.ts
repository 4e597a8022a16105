import { ACCOUNT_KIND, type AccountKindNumber, isPoolKind, isProjectKind } from '../projecting/account-kind';
import { assertNever } from '../platform/domain-error';
import type { AccountRow } from './facts';
import { COLUMN, type MeasureSums } from './measure-sums';

/** On its way to another pool, and still the giver's. */
const isOnItsWay = ({ kind }: AccountRow): boolean => kind === ACCOUNT_KIND.transit || kind === ACCOUNT_KIND.carried;

/** Whether what is in an account is anybody's balance; what is outside or recalled is nobody's. */
export const holdsBalance = (account: AccountRow): boolean =>
  isPoolKind(account.kind) || isProjectKind(account.kind) || isOnItsWay(account);

/**
 * Books one side of a movement into the figures of whoever has the account: `amount` enters `here`, or leaves it when
 * it is negative, and `there` is the other side.
 *
 * @param pool the pool that recorded the movement
 */
export const bookHalf = (
  sums: MeasureSums,
  row: number,
  pool: number,
  here: AccountRow,
  there: AccountRow,
  amount: number,
): void => {
  addBalance(sums, row, here, amount);
  if (!isOnItsWay(here)) addFlow(sums, row, pool, here, there, amount);
};

/**
 * Books both sides of a movement within a home, one project and place in one pool, at once, which nearly all movements
 * are: the same as bookHalf for each side, but what leaves and comes back in one measure is not touched, and flows there
 * are none.
 */
export const bookWithinHome = (
  sums: MeasureSums,
  row: number,
  from: AccountKindNumber,
  to: AccountKindNumber,
  amount: number,
): void => {
  if (from === ACCOUNT_KIND.projectHeld) sums.add(row, COLUMN.held, -amount);
  else if (to === ACCOUNT_KIND.projectHeld) sums.add(row, COLUMN.held, amount);
  if (to === ACCOUNT_KIND.projectPaid) {
    sums.add(row, COLUMN.unspent, -amount);
    sums.add(row, COLUMN.paid, amount);
  } else if (from === ACCOUNT_KIND.projectPaid) {
    sums.add(row, COLUMN.unspent, amount);
    sums.add(row, COLUMN.paid, -amount);
  }
};

const addBalance = (sums: MeasureSums, row: number, { kind }: AccountRow, amount: number): void => {
  switch (kind) {
    case ACCOUNT_KIND.received:
      sums.add(row, COLUMN.unintegrated, amount);
      return;
    case ACCOUNT_KIND.available:
      sums.add(row, COLUMN.available, amount);
      return;
    case ACCOUNT_KIND.transit:
      sums.add(row, COLUMN.inTransit, amount);
      return;
    case ACCOUNT_KIND.carried:
      // It may leave a project, but until it has arrived it is the division's, and nobody else has it.
      sums.add(row, COLUMN.inTransit, amount);
      sums.add(row, COLUMN.transferredOut, amount);
      return;
    case ACCOUNT_KIND.projectAvailable:
      sums.add(row, COLUMN.unspent, amount);
      return;
    case ACCOUNT_KIND.projectHeld:
      sums.add(row, COLUMN.unspent, amount);
      sums.add(row, COLUMN.held, amount);
      return;
    case ACCOUNT_KIND.projectPaid:
      sums.add(row, COLUMN.paid, amount);
      return;
    case ACCOUNT_KIND.source:
    case ACCOUNT_KIND.recalled:
      return;
    default:
      return assertNever(kind);
  }
};

const addFlow = (
  sums: MeasureSums,
  row: number,
  pool: number,
  here: AccountRow,
  there: AccountRow,
  amount: number,
): void => {
  switch (there.kind) {
    case ACCOUNT_KIND.source:
      sums.add(row, COLUMN.appropriated, amount);
      return;
    case ACCOUNT_KIND.transit:
      if (there.pool === pool) sums.add(row, COLUMN.transferredOut, -amount);
      else sums.add(row, COLUMN.transferredIn, amount);
      return;
    case ACCOUNT_KIND.received:
    case ACCOUNT_KIND.available:
      if (isProjectKind(here.kind)) sums.add(row, COLUMN.allocated, amount);
      return;
    case ACCOUNT_KIND.projectAvailable:
    case ACCOUNT_KIND.projectHeld:
    case ACCOUNT_KIND.projectPaid:
      if (isProjectKind(here.kind) && here.home !== there.home) sums.add(row, COLUMN.allocated, amount);
      return;
    case ACCOUNT_KIND.recalled:
      sums.add(row, COLUMN.recalled, -amount);
      return;
    case ACCOUNT_KIND.carried:
      if (there.pool === pool) sums.add(row, COLUMN.carriedOver, -amount);
      return;
    default:
      return assertNever(there.kind);
  }
};
