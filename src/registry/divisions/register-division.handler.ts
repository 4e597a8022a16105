import { ledgerHandler, LedgerMessage } from '../../http/ledger-handler';
import { todayInShanghai } from '../../platform/business-date';
import type { Division } from './divisions';

export class RegisterDivisionMessage extends LedgerMessage<Division> {}

export const RegisterDivisionHandler = ledgerHandler(RegisterDivisionMessage, (ledger, division, request) =>
  ledger.desk.registerDivision(division, division.validFrom ?? todayInShanghai(new Date()), request),
);
