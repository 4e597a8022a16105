import { invalid } from '../../balances/parsing';
import { MOST_EVENTS_PER_ROW } from './diff';

const COUNT = /^\d{1,4}$/;

/** @throws DomainError(input) EVENTS_INVALID */
export const parseEventsPerRow = (text: string): number => {
  const count = COUNT.test(text) ? Number(text) : Number.NaN;
  if (count <= MOST_EVENTS_PER_ROW) return count;
  throw invalid(
    'EVENTS_INVALID',
    `events=${text} 无效。`,
    `events=${text} is not valid.`,
    `写 0 到 ${MOST_EVENTS_PER_ROW} 之间的整数；全部事件见 yichi history。`,
    `Write a whole number from 0 to ${MOST_EVENTS_PER_ROW}; all events are in yichi history.`,
    { events: text },
  );
};
