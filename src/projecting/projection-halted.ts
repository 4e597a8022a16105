import type { Position } from '../event-log/event';
import { DomainError } from '../platform/domain-error';

/** The events themselves contradict what was projected; nothing is taken until somebody has looked at it. */
export class ProjectionHalted extends DomainError {
  constructor(position: Position, zh: string, en: string, cause?: unknown) {
    super('unavailable', {
      code: 'PROJECTION_HALTED',
      message: `读取库停在位置 ${position} 的事件前：${zh}。`,
      messageEn: `The read database has stopped before the event at position ${position}: ${en}.`,
      remedy: '请运行 yichi verify 核验账本，查明之前不要继续入账；若账本完整，运行 yichi rebuild 重建读取库。',
      remedyEn:
        'Run `yichi verify` and enter nothing more until the cause is known; if the log is intact, run `yichi rebuild`.',
      parameters: { position },
    });
    this.name = 'ProjectionHalted';
    if (cause !== undefined) this.cause = cause;
  }
}
