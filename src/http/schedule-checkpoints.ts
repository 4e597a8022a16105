import { CheckpointSchedule } from '../audit/checkpoints/checkpoint-schedule';
import type { Ledger } from '../ledger/ledger';
import type { Logger } from '../platform/logging';
import type { CheckpointSettings } from '../platform/settings';

/**
 * Makes checkpoints as long as the service runs; undefined for a log that keeps no tree or nothing at all.
 *
 * @throws DomainError LOG_KEY_UNUSABLE, KEY_NAME_INVALID: better told at the start than at night
 */
export const scheduleCheckpoints = async (
  { log, checkpoints }: Ledger,
  { events, seconds }: CheckpointSettings,
  logger: Logger,
): Promise<CheckpointSchedule | undefined> => {
  const { tree } = log;
  if (tree === undefined || log.engine === 'memory') return undefined;
  await checkpoints.verifierKey();
  return new CheckpointSchedule({
    desk: { latest: () => checkpoints.latest(), make: (tell) => checkpoints.makeInTurn(tell) },
    tree,
    events,
    seconds,
    onMade: ({ size, root }) => logger.info({ size, root }, 'checkpoint'),
    onTrouble: (trouble) => logger.warn({ code: trouble.code, ...trouble.parameters }, trouble.message),
    onFailure: (error) => logger.error({ err: error }, 'no checkpoint could be made'),
  });
};
