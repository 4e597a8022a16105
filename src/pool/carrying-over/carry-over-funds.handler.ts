import { poolHandler, PoolMessage } from '../pool.handler';

export class CarryOverFundsMessage extends PoolMessage<'CarryOverFunds'> {}

export const CarryOverFundsHandler = poolHandler('CarryOverFunds', CarryOverFundsMessage);
