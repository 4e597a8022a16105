import { poolHandler, PoolMessage } from '../pool.handler';

export class ReallocateFundsMessage extends PoolMessage<'ReallocateFunds'> {}

export const ReallocateFundsHandler = poolHandler('ReallocateFunds', ReallocateFundsMessage);
