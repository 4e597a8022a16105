import { BEFORE_FIRST, type Position, type RecordedEvent, type StoredEvent } from '../event-log/event';
import { isSqliteError } from '../event-log/sqlite/sqlite-failure';
import { ProjectionHalted } from './projection-halted';
import type { ReadModelWriter } from './read-model-writer';

/** @throws ProjectionHalted when a position is not greater than the one before */
export const requireRising = (events: readonly StoredEvent[], after: Position = BEFORE_FIRST): void => {
  let last = after;
  for (const { position, stream } of events) {
    if (position <= last) {
      throw new ProjectionHalted(
        position,
        `流 ${stream} 的这个事件排在位置 ${last} 之后`,
        `this event of ${stream} follows position ${last}`,
      );
    }
    last = position;
  }
};

/** Folds one event into the tables. @throws ProjectionHalted when it cannot be folded */
export const applyEvent = (writer: ReadModelWriter, event: RecordedEvent): void => {
  try {
    writer.apply(event);
  } catch (error) {
    if (isSqliteError(error, '')) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProjectionHalted(
      event.position,
      `流 ${event.stream} 的这个事件无法计入（${reason}）`,
      `this event of ${event.stream} cannot be projected (${reason})`,
      error,
    );
  }
};
