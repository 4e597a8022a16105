import { poolHandler, PoolMessage } from '../pool.handler';

export class RequestReopeningMessage extends PoolMessage<'RequestReopening'> {}

export const RequestReopeningHandler = poolHandler('RequestReopening', RequestReopeningMessage);

export class ApproveReopeningMessage extends PoolMessage<'ApproveReopening'> {}

export const ApproveReopeningHandler = poolHandler('ApproveReopening', ApproveReopeningMessage);
