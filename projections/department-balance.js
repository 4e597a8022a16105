'use strict';

/*
 * Balances of every department: the owner of a quota line's channel when the line was issued. The event that first
 * brings a line into a pool carries its particulars, and the owner named there stays the line's owner in this pool,
 * until the line is issued anew after nothing of it stood any more.
 */

/** @param {BalanceState} state @param {string} quotaLine @returns {string} */
const ownerOf = (state, quotaLine) => {
  const owner = state.lines[stateKey(quotaLine)];
  if (owner === undefined) throw new Error(`no event has brought this quota line into the pool: ${quotaLine}`);
  return owner;
};

/** @param {BalanceState} state @param {ProjectedLine} line */
const own = (state, line) => {
  const key = stateKey(line.quotaLine);
  touched('lines', key);
  state.lines[key] = line.departmentCode;
};

/** @param {BalanceState} state @param {ProjectedEvent} event */
const learnOwners = (state, event) => {
  const { lines, reissuedLines } = event.data;
  if (lines !== undefined)
    for (const line of lines) if (state.lines[stateKey(line.quotaLine)] === undefined) own(state, line);
  if (reissuedLines !== undefined) for (const line of reissuedLines) own(state, line);
};

const foldDepartments = moneyBy({ ofDivision: ownerOf, ofPlace: ownerOf });

/** @type {ProjectionHandler} */
const byDepartment = (state, event) => {
  learnOwners(state, event);
  return foldDepartments(state, event);
};

fromCategory('pool').foreachStream().when({
  $init: emptyState,
  FundsAppropriated: byDepartment,
  CashReceived: byDepartment,
  FundsIntegrated: byDepartment,
  TransferIssued: byDepartment,
  TransferReceived: byDepartment,
  FundsAllocated: byDepartment,
  FundsReallocated: byDepartment,
  FundsRepurposed: byDepartment,
  PaymentRequested: byDepartment,
  PaymentExecuted: byDepartment,
  PaymentReturned: byDepartment,
  PaymentCancelled: byDepartment,
  FundsRecalled: byDepartment,
  FundsCarriedOver: byDepartment,
  CarryOverReceived: byDepartment,
  EntryReversed: byDepartment,
});
