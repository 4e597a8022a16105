import type { ClosingAnswer } from '../../ledger/closing';
import type { PoolCommands } from '../../ledger/pool-decisions';
import { ledgerHandler, LedgerMessage } from '../../http/ledger-handler';

export class CloseMonthMessage extends LedgerMessage<PoolCommands['CloseMonth'], ClosingAnswer> {}

export const CloseMonthHandler = ledgerHandler(CloseMonthMessage, (ledger, content, request) =>
  ledger.closePeriod('CloseMonth', content, request),
);

export class CloseYearMessage extends LedgerMessage<PoolCommands['CloseYear'], ClosingAnswer> {}

export const CloseYearHandler = ledgerHandler(CloseYearMessage, (ledger, content, request) =>
  ledger.closePeriod('CloseYear', content, request),
);
