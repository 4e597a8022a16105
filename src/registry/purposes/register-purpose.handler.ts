import { ledgerHandler, LedgerMessage } from '../../http/ledger-handler';
import { todayInShanghai } from '../../platform/business-date';
import type { Purpose } from './purposes';

export class RegisterPurposeMessage extends LedgerMessage<Purpose> {}

export const RegisterPurposeHandler = ledgerHandler(RegisterPurposeMessage, (ledger, purpose, request) =>
  ledger.desk.registerPurpose(purpose, todayInShanghai(new Date()), request),
);
