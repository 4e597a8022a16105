import { poolHandler, PoolMessage } from '../pool-message';

export class IntegrateFundsMessage extends PoolMessage<'IntegrateFunds'> {}

export const IntegrateFundsHandler = poolHandler('IntegrateFunds', IntegrateFundsMessage);
