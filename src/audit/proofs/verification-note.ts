import type { Position } from '../../event-log/event';

/** What a verification tells although nothing is wrong; programs may rely on its codes. */
export interface Note {
  readonly code: 'MOVEMENT_TO_ITSELF';
  /** First position that it concerns. */
  readonly position: Position | null;
  readonly message: string;
  readonly messageEn: string;
}
