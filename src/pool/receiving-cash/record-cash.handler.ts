import { poolHandler, PoolMessage } from '../pool-message';

export class RecordCashMessage extends PoolMessage<'RecordCash'> {}

export const RecordCashHandler = poolHandler('RecordCash', RecordCashMessage);
