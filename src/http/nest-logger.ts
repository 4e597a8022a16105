import type { LoggerService } from '@nestjs/common';

import type { Logger } from '../platform/logging';

/** The framework's own messages in our log; how it wires its modules is of no interest. */
export const nestLogger = (logger: Logger): LoggerService => ({
  log: () => undefined,
  debug: () => undefined,
  verbose: () => undefined,
  warn: (message: unknown) => logger.warn(String(message)),
  error: (message: unknown, ...details: unknown[]) => logger.error({ details }, String(message)),
  fatal: (message: unknown, ...details: unknown[]) => logger.fatal({ details }, String(message)),
});
