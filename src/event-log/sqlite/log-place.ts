import { accessSync, constants, rmSync, statSync, writeFileSync } from 'node:fs';

import { isNoSpace } from '../../platform/system-error';
import { logDiskFull, logGone, logReadOnly } from '../log-failure';

/** One commit of many callers takes some hundred kilobytes of the write-ahead log. */
const PROBE_BYTES = 256 * 1024;

/**
 * Where the file of a log lies. An open file can be written to when its name is gone, and what is acknowledged then
 * would be looked for in vain after the next start.
 */
export class LogPlace {
  readonly #file: string;
  readonly #identity: string | null;

  constructor(file: string) {
    this.#file = file;
    this.#identity = identityOf(file);
  }

  /** @throws DomainError LOG_FILE_GONE when the file that was opened is not under its name any more */
  requireSame(): void {
    if (identityOf(this.#file) !== this.#identity) throw logGone(this.#file);
  }

  /** @throws DomainError LOG_FILE_GONE, LOG_READ_ONLY, LOG_DISK_FULL */
  requireRoom(): void {
    this.requireSame();
    const probe = `${this.#file}-probe-${process.pid}`;
    try {
      accessSync(this.#file, constants.W_OK);
      writeFileSync(probe, Buffer.alloc(PROBE_BYTES));
    } catch (error) {
      throw isNoSpace(error) ? logDiskFull(this.#file, error) : logReadOnly(this.#file, error);
    } finally {
      rmSync(probe, { force: true });
    }
  }
}

/** Null when there is nothing of that name. */
const identityOf = (file: string): string | null => {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
};
