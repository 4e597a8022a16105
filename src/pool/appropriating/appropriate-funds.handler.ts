import { poolHandler, PoolMessage } from '../pool.handler';

export class AppropriateFundsMessage extends PoolMessage<'AppropriateFunds'> {}

export const AppropriateFundsHandler = poolHandler('AppropriateFunds', AppropriateFundsMessage);
