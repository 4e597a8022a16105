import { poolHandler, PoolMessage } from '../pool.handler';

export class AllocateFundsMessage extends PoolMessage<'AllocateFunds'> {}

export const AllocateFundsHandler = poolHandler('AllocateFunds', AllocateFundsMessage);
