import type { Position } from '../../event-log/event';

/** Thrown at the first row that differs: what follows in the tables is shifted and says nothing more. */
export class Parted extends Error {
  constructor(
    readonly position: Position | null,
    readonly zh: string,
    readonly en: string,
  ) {
    super(en);
  }
}
