import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Structured log: one JSON object a line on stderr, because stdout is for data. Requests are logged by route, status
 * and correlation id; their bodies and their tokens are not.
 */
export const createLogger = (level: LogLevel = 'info', destination: DestinationStream = pino.destination(2)): Logger =>
  pino(
    {
      level,
      base: { service: 'yichi' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Nobody logs headers; should anybody ever, the token stays out.
      redact: ['authorization', '*.authorization', 'headers.authorization', 'req.headers.authorization'],
    },
    destination,
  );
