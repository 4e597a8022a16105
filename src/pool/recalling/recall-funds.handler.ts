import { poolHandler, PoolMessage } from '../pool.handler';

export class RecallFundsMessage extends PoolMessage<'RecallFunds'> {}

export const RecallFundsHandler = poolHandler('RecallFunds', RecallFundsMessage);
