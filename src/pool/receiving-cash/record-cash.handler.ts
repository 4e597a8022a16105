import { poolHandler, PoolMessage } from '../pool.handler';

export class RecordCashMessage extends PoolMessage<'RecordCash'> {}

export const RecordCashHandler = poolHandler('RecordCash', RecordCashMessage);
