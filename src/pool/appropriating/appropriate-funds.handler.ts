import { poolHandler, PoolMessage } from '../pool-message';

export class AppropriateFundsMessage extends PoolMessage<'AppropriateFunds'> {}

export const AppropriateFundsHandler = poolHandler('AppropriateFunds', AppropriateFundsMessage);
