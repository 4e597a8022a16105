import { ledgerHandler, LedgerMessage } from '../http/ledger-handler';
import { todayInShanghai } from '../platform/business-date';
import type { RegisteredProject } from './register-project.dto';

export class RegisterProjectMessage extends LedgerMessage<RegisteredProject> {}

export const RegisterProjectHandler = ledgerHandler(
  RegisterProjectMessage,
  (ledger, { particulars, milestones }, request) =>
    ledger.desk.registerProject(particulars, milestones, milestones.enteredOn ?? todayInShanghai(new Date()), request),
);
