import { dayNumber } from '../projecting/fact-writer';
import type { ReadSnapshot } from '../projecting/read-database';
import { invalid, type Moment } from './balances-query';

/** Up to which rows of the facts a question looks, both inclusive. */
export interface FactLimit {
  readonly day: number;
  readonly position: number;
}

/** Later than every business date. */
const LAST_DAY = 99_991_231;

/**
 * @throws DomainError(input) POSITION_NOT_REACHED when the position is beyond the newest that is read: an empty or
 * incomplete answer must not pass for one
 */
export const factLimit = (snapshot: ReadSnapshot, moment: Moment): FactLimit => {
  if (moment.at !== null && moment.at > snapshot.position) {
    throw invalid(
      'POSITION_NOT_REACHED',
      `位置 ${moment.at} 尚未到达，目前为 ${snapshot.position}。`,
      `Position ${moment.at} has not been reached; the newest is ${snapshot.position}.`,
      '请用不大于目前位置的 at，或稍后再试。',
      'Use an `at` that is not greater, or try again later.',
      { at: moment.at, position: snapshot.position },
    );
  }
  return {
    day: moment.asOf === null ? LAST_DAY : dayNumber(moment.asOf),
    position: moment.at ?? snapshot.position,
  };
};
