import { poolHandler, PoolMessage } from '../pool-message';

export class AllocateFundsMessage extends PoolMessage<'AllocateFunds'> {}

export const AllocateFundsHandler = poolHandler('AllocateFunds', AllocateFundsMessage);
