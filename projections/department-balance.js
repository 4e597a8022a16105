'use strict';

/*
 * Balances of every department: the owner of a quota line's channel when the line was issued. The event that first
 * brings a line into a pool carries its particulars, and the owner named there stays the line's owner in this pool.
 */

/** @param {BalanceState} state @param {string} quotaLine @returns {string} */
const ownerOf = (state, quotaLine) => {
  const owner = state.lines[stateKey(quotaLine)];
  if (owner === undefined) throw new Error(`no event has brought this quota line into the pool: ${quotaLine}`);
  return owner;
};

/** @param {BalanceState} state @param {ProjectedEvent} event */
const learnOwners = (state, event) => {
  const lines = event.data.lines;
  if (lines === undefined) return;
  for (const line of lines) {
    const key = stateKey(line.quotaLine);
    if (state.lines[key] !== undefined) continue;
    touched('lines', key);
    state.lines[key] = line.departmentCode;
  }
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
