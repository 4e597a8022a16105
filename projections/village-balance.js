'use strict';

/*
 * Balances of every place that money is meant for: a village, or the township or county where it is not meant for one
 * village. A place holds only what was allocated to it.
 */

/** @type {ProjectionHandler} */
const byPlace = moneyBy({
  ofDivision: () => null,
  ofPlace: (_state, _quotaLine, _division, path) => placeOf(path),
});

fromCategory('pool').foreachStream().when({
  $init: emptyState,
  FundsAppropriated: byPlace,
  CashReceived: byPlace,
  FundsIntegrated: byPlace,
  TransferIssued: byPlace,
  TransferReceived: byPlace,
  FundsAllocated: byPlace,
  FundsReallocated: byPlace,
  FundsRepurposed: byPlace,
  PaymentRequested: byPlace,
  PaymentExecuted: byPlace,
  PaymentReturned: byPlace,
  PaymentCancelled: byPlace,
  FundsRecalled: byPlace,
  FundsCarriedOver: byPlace,
  CarryOverReceived: byPlace,
  EntryReversed: byPlace,
});
