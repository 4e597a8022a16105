import { poolHandler, PoolMessage } from '../pool.handler';

export class RequestPaymentMessage extends PoolMessage<'RequestPayment'> {}

export const RequestPaymentHandler = poolHandler('RequestPayment', RequestPaymentMessage);

export class ApprovePaymentMessage extends PoolMessage<'ApprovePayment'> {}

export const ApprovePaymentHandler = poolHandler('ApprovePayment', ApprovePaymentMessage);

export class ExecutePaymentMessage extends PoolMessage<'ExecutePayment'> {}

export const ExecutePaymentHandler = poolHandler('ExecutePayment', ExecutePaymentMessage);

export class RecordPaymentMessage extends PoolMessage<'RecordPayment'> {}

export const RecordPaymentHandler = poolHandler('RecordPayment', RecordPaymentMessage);

export class CancelPaymentMessage extends PoolMessage<'CancelPayment'> {}

export const CancelPaymentHandler = poolHandler('CancelPayment', CancelPaymentMessage);

export class ReturnPaymentMessage extends PoolMessage<'ReturnPayment'> {}

export const ReturnPaymentHandler = poolHandler('ReturnPayment', ReturnPaymentMessage);
