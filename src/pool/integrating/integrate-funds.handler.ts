import { poolHandler, PoolMessage } from '../pool.handler';

export class IntegrateFundsMessage extends PoolMessage<'IntegrateFunds'> {}

export const IntegrateFundsHandler = poolHandler('IntegrateFunds', IntegrateFundsMessage);
