import { poolHandler, PoolMessage } from '../pool.handler';

export class CloseMonthMessage extends PoolMessage<'CloseMonth'> {}

export const CloseMonthHandler = poolHandler('CloseMonth', CloseMonthMessage);

export class CloseYearMessage extends PoolMessage<'CloseYear'> {}

export const CloseYearHandler = poolHandler('CloseYear', CloseYearMessage);
