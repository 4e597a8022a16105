import { dateOfDay, dayNumber, LAST_DAY } from '../projecting/day-number';
import type { ReadSnapshot } from '../projecting/read-database';
import type { DomainError } from '../platform/domain-error';
import type { Moment } from './moment-request';
import { invalid } from './parsing';

/** Up to which rows of the facts a question looks, both inclusive. */
export interface FactLimit {
  readonly day: number;
  readonly position: number;
}

/**
 * What a moment means for the facts. A moment that cannot be answered is refused: an empty or incomplete answer must
 * not pass for one.
 *
 * @throws DomainError(input) POSITION_NOT_REACHED, BEFORE_FIRST_EVENT, DATE_BEFORE_FIRST_EVENT
 */
export const factLimit = (snapshot: ReadSnapshot, { at, asOf }: Moment): FactLimit => {
  if (at !== null && at > snapshot.position) throw positionNotReached(at, snapshot.position);
  const limit = { day: asOf === null ? LAST_DAY : dayNumber(asOf), position: at ?? snapshot.position };
  if (at === null && asOf === null) return limit;
  const [firstDay] =
    snapshot.first<readonly [number]>(
      'SELECT effective_on FROM first_day WHERE position <= ? ORDER BY position DESC LIMIT 1',
      limit.position,
    ) ?? [];
  requireAfterFirstEvent(firstDay !== undefined);
  if (firstDay !== undefined && limit.day < firstDay) throw dateBeforeFirstEvent(asOf ?? '', dateOfDay(firstDay));
  return limit;
};

export const positionNotReached = (at: number, position: number): DomainError =>
  invalid(
    'POSITION_NOT_REACHED',
    `位置 ${at} 尚未到达，目前为 ${position}。`,
    `Position ${at} has not been reached; the newest is ${position}.`,
    '请用不大于目前位置的 at，或稍后再试。',
    'Use an `at` that is not greater, or try again later.',
    { at, position },
  );

/** @throws DomainError(input) BEFORE_FIRST_EVENT */
export const requireAfterFirstEvent = (hasEvents: boolean): void => {
  if (hasEvents) return;
  throw invalid(
    'BEFORE_FIRST_EVENT',
    '该时点之前总账中没有任何事件，无从回答。',
    'The ledger knew no event at that moment, so that there is nothing to answer from.',
    '请用第一个事件（位置 1）或其后的位置；总账为空时先入账。',
    'Use the position of the first event (1) or a later one; where the ledger is empty, enter something first.',
    {},
  );
};

const dateBeforeFirstEvent = (asOf: string, firstDay: string): DomainError =>
  invalid(
    'DATE_BEFORE_FIRST_EVENT',
    `${asOf} 早于当时总账中最早的业务日期 ${firstDay}，无从回答。`,
    `${asOf} is before ${firstDay}, the earliest business date that the ledger knew then.`,
    `请用 ${firstDay} 或以后的日期；更早的资料请先入账。`,
    `Use ${firstDay} or a later date, or enter what happened before.`,
    { asOf, firstDay },
  );
