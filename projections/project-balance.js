'use strict';

/*
 * Balances of every project. A project holds only what was allocated to it.
 */

/** @type {ProjectionHandler} */
const byProject = moneyBy({
  ofDivision: () => null,
  ofPlace: (_state, _quotaLine, _division, path) => projectOf(path),
});

fromCategory('pool').foreachStream().when({
  $init: emptyState,
  FundsAppropriated: byProject,
  CashReceived: byProject,
  FundsIntegrated: byProject,
  TransferIssued: byProject,
  TransferReceived: byProject,
  FundsAllocated: byProject,
  FundsReallocated: byProject,
  FundsRepurposed: byProject,
  PaymentRequested: byProject,
  PaymentExecuted: byProject,
  PaymentReturned: byProject,
  PaymentCancelled: byProject,
  FundsRecalled: byProject,
  FundsCarriedOver: byProject,
  CarryOverReceived: byProject,
  EntryReversed: byProject,
});
