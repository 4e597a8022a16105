import type Database from 'better-sqlite3';

import type { Position } from '../event-log/event';
import { readModelDamaged } from './read-model-failure';

/** How far the tables have come; one row, or somebody has altered it. */
export const SELECT_REACHED_POSITION = 'SELECT position FROM checkpoint';

/**
 * @param rows all that SELECT_REACHED_POSITION gives, plucked
 * @throws DomainError(unavailable) READ_MODEL_DAMAGED
 */
export const reachedPosition = (rows: readonly unknown[]): Position => {
  const [position] = rows;
  if (rows.length === 1 && Number.isSafeInteger(position) && (position as number) >= 0) return position as Position;
  if (rows.length === 0) throw readModelDamaged('没有记着它到了哪个位置', 'it does not say at which position it is');
  const found = rows.map(String).join(', ');
  throw readModelDamaged(`它所到的位置读作 ${found}`, `the position that it is at reads ${found}`);
};

export const moveReachedPosition = (database: Database.Database, from: Position, to: Position): void => {
  const { changes } = database.prepare('UPDATE checkpoint SET position = ? WHERE position = ?').run(to, from);
  if (changes !== 1) throw new Error(`the read database is not at ${from} any more`);
};
