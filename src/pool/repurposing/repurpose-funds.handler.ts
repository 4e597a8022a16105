import { poolHandler, PoolMessage } from '../pool.handler';

export class RepurposeFundsMessage extends PoolMessage<'RepurposeFunds'> {}

export const RepurposeFundsHandler = poolHandler('RepurposeFunds', RepurposeFundsMessage);
