import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Position } from '../event-log/event';
import { logEmptied, logMissing } from '../event-log/log-failure';
import type { Settings } from '../platform/settings';

const SQLITE = 'sqlite:';
const READ_MODEL = 'read.sqlite';
const CHECKPOINTS = 'checkpoints';

/** A checkpoint of any event; that of the empty log is no trace of one. */
const CHECKPOINT_OF_EVENTS = /^(?!0+\.)\d+\.checkpoint$/;

type Place = Pick<Settings, 'dataDir' | 'eventLog'>;

/**
 * A log that is not there is begun anew, which must not happen where one has been: its figures and its signed
 * checkpoints would stand beside an empty ledger, and nobody would be told. Asked before the log is opened, so that no
 * file is begun in the place of the one that is missed.
 *
 * @throws DomainError(unavailable) LOG_MISSING, LOG_EMPTIED
 */
export const requireLogBeside = ({ dataDir, eventLog }: Place): void => {
  if (!eventLog.startsWith(SQLITE)) return;
  const file = eventLog.slice(SQLITE.length);
  if (existsSync(file) && statSync(file).size > 0) return;
  refuseTraces(file, dataDir, existsSync(join(dataDir, READ_MODEL)));
};

/**
 * The same of a log that is there and empty.
 *
 * @param reached position that the read model has come to
 * @throws DomainError(unavailable) LOG_EMPTIED
 */
export const requireNothingMadeFrom = ({ dataDir, eventLog }: Place, reached: Position): void => {
  if (eventLog.startsWith(SQLITE)) refuseTraces(eventLog.slice(SQLITE.length), dataDir, reached > 0);
};

const refuseTraces = (file: string, dataDir: string, hasReadModel: boolean): void => {
  const traces = [...(hasReadModel ? [READ_MODEL] : []), ...(hasCheckpoints(dataDir) ? [CHECKPOINTS] : [])];
  if (traces.length > 0) throw existsSync(file) ? logEmptied(file, traces) : logMissing(file, traces);
};

const hasCheckpoints = (dataDir: string): boolean => {
  const folder = join(dataDir, CHECKPOINTS);
  return existsSync(folder) && readdirSync(folder).some((name) => CHECKPOINT_OF_EVENTS.test(name));
};
