import { poolHandler, PoolMessage } from '../pool-message';

export class RecallFundsMessage extends PoolMessage<'RecallFunds'> {}

export const RecallFundsHandler = poolHandler('RecallFunds', RecallFundsMessage);
