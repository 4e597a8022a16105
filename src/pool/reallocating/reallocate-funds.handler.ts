import { poolHandler, PoolMessage } from '../pool-message';

export class ReallocateFundsMessage extends PoolMessage<'ReallocateFunds'> {}

export const ReallocateFundsHandler = poolHandler('ReallocateFunds', ReallocateFundsMessage);
