'use strict';

/*
 * Balances of every pool's own division: counties are the keys of six digits, provinces those of two. What is in
 * transit stands at the division that issued it, also while it is taken in by another one's pool, so that a division's
 * figure is the sum of its key over all pools.
 */

/** @type {ProjectionHandler} */
const byDivision = moneyBy({
  ofDivision: (_state, _quotaLine, division) => division,
  ofPlace: (_state, _quotaLine, division) => division,
});

fromCategory('pool').foreachStream().when({
  $init: emptyState,
  FundsAppropriated: byDivision,
  CashReceived: byDivision,
  FundsIntegrated: byDivision,
  TransferIssued: byDivision,
  TransferReceived: byDivision,
  FundsAllocated: byDivision,
  FundsReallocated: byDivision,
  FundsRepurposed: byDivision,
  PaymentRequested: byDivision,
  PaymentExecuted: byDivision,
  PaymentReturned: byDivision,
  PaymentCancelled: byDivision,
  FundsRecalled: byDivision,
  FundsCarriedOver: byDivision,
  CarryOverReceived: byDivision,
  EntryReversed: byDivision,
});
