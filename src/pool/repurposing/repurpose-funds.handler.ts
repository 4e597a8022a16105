import { poolHandler, PoolMessage } from '../pool-message';

export class RepurposeFundsMessage extends PoolMessage<'RepurposeFunds'> {}

export const RepurposeFundsHandler = poolHandler('RepurposeFunds', RepurposeFundsMessage);
