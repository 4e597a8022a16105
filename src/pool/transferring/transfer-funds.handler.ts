import { poolHandler, PoolMessage } from '../pool.handler';

export class TransferFundsMessage extends PoolMessage<'TransferFunds'> {}

export const TransferFundsHandler = poolHandler('TransferFunds', TransferFundsMessage);
