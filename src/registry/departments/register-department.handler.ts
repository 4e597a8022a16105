import { ledgerHandler, LedgerMessage } from '../../http/ledger-handler';
import { todayInShanghai } from '../../platform/business-date';
import type { Department } from './departments';

export class RegisterDepartmentMessage extends LedgerMessage<Department> {}

export const RegisterDepartmentHandler = ledgerHandler(RegisterDepartmentMessage, (ledger, department, request) =>
  ledger.desk.registerDepartment(department, department.validFrom ?? todayInShanghai(new Date()), request),
);
