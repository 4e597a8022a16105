import { poolHandler, PoolMessage } from '../pool-message';

export class TransferFundsMessage extends PoolMessage<'TransferFunds'> {}

export const TransferFundsHandler = poolHandler('TransferFunds', TransferFundsMessage);
