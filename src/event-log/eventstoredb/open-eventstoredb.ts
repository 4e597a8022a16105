import { DomainError } from '../../platform/domain-error';
import { EventStoreDbEventLog, type EventStoreDbOptions } from './eventstoredb-event-log';
import { PATIENCE } from './patience';
import { explainSilence, parseServerAddress } from './server-address';
import { logServerOutdated, OLDEST_SERVER } from './server-failure';

/** Whoever starts a program waits no longer than this to learn that an address is wrong. */
const OPENING_PATIENCE_MS = 6000;

/**
 * Opens the log in an EventStoreDB after a look at the server: whether it answers, is new enough, and lets this user
 * read. Nothing is written.
 *
 * @param setting `esdb://…` or `esdb+discover://…`
 * @throws DomainError SETTING_INVALID, LOG_UNREACHABLE, LOG_CERTIFICATE, LOG_PASSWORD_REFUSED, LOG_ACCESS_DENIED,
 * LOG_SERVER_OUTDATED
 */
export const openEventStoreDb = async (
  setting: string,
  options: EventStoreDbOptions = {},
): Promise<EventStoreDbEventLog> => {
  const patience = { ...PATIENCE, patienceMs: OPENING_PATIENCE_MS, ...options.patience };
  const probe = new EventStoreDbEventLog(setting, { ...options, patience });
  try {
    const version = await probe.serverVersion();
    if (version === 'unknown') throw logServerOutdated(probe.at, null);
    if (!isNewEnough(version)) throw logServerOutdated(probe.at, version);
    await probe.look();
  } catch (error) {
    throw await explained(error, setting);
  } finally {
    await probe.close();
  }
  return new EventStoreDbEventLog(setting, options);
};

const VERSION = /^(\d+)\.(\d+)/;

/** A version that cannot be read is one of somebody's own building, who will know. */
const isNewEnough = (version: string): boolean => {
  const [, major, minor] = VERSION.exec(version) ?? [];
  const [, oldestMajor, oldestMinor] = VERSION.exec(OLDEST_SERVER) ?? [];
  if (major === undefined) return true;
  return Number(major) === Number(oldestMajor)
    ? Number(minor) >= Number(oldestMinor)
    : Number(major) > Number(oldestMajor);
};

/** A connection of our own tells more of why there is none; where there is one, what the server has said stands. */
const explained = async (error: unknown, setting: string): Promise<unknown> => {
  if (!(error instanceof DomainError) || error.code !== 'LOG_UNREACHABLE') return error;
  const explanation = await explainSilence(parseServerAddress(setting));
  if (explanation !== null) explanation.cause = error;
  return explanation ?? error;
};
