import { poolHandler, PoolMessage } from '../pool-message';

export class CarryOverFundsMessage extends PoolMessage<'CarryOverFunds'> {}

export const CarryOverFundsHandler = poolHandler('CarryOverFunds', CarryOverFundsMessage);
