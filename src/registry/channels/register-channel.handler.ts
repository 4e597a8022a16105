import { ledgerHandler, LedgerMessage } from '../../http/ledger-handler';
import { todayInShanghai } from '../../platform/business-date';
import type { Channel } from './channels';

export class RegisterChannelMessage extends LedgerMessage<Channel> {}

export const RegisterChannelHandler = ledgerHandler(RegisterChannelMessage, (ledger, channel, request) =>
  ledger.desk.registerChannel(channel, todayInShanghai(new Date()), request),
);
