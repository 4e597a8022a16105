import { existsSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

import { makeDirectory } from '../platform/make-directory';

/** Files that this process is building; those of other processes are known by their process number. */
const underConstruction = new Set<string>();

/**
 * Where the read database is on the disk. `read.sqlite` is a link to the generation that is live, because a rebuild
 * writes a new file and switches by renaming the link: were the file itself renamed, the write-ahead log of the old
 * database, which SQLite finds by name, would be taken for the new one's.
 */
export class ReadFile {
  readonly path: string;

  constructor(dataDirectory: string) {
    this.path = join(dataDirectory, 'read.sqlite');
  }

  exists(): boolean {
    return existsSync(this.path);
  }

  /** Tells one generation from another; null when there is none. */
  identity(): string | null {
    try {
      const { dev, ino } = statSync(this.path);
      return `${dev}:${ino}`;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** A name for a file beside the live one. */
  newGeneration(): string {
    makeDirectory(dirname(this.path));
    const generation = join(dirname(this.path), `read-${process.pid}-${randomUUID().slice(0, 8)}.sqlite`);
    underConstruction.add(generation);
    return generation;
  }

  /** Makes a finished generation the live one, in one step, and drops the one before. */
  switchTo(generation: string): void {
    const before = this.#target();
    const link = `${generation}.link`;
    symlinkSync(basename(generation), link);
    renameSync(link, this.path);
    underConstruction.delete(generation);
    if (before !== null && before !== generation) removeGeneration(before);
  }

  /** Drops what earlier rebuilds left behind when they were cut off. */
  removeAbandoned(): void {
    const live = this.#target();
    const folder = dirname(this.path);
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder)) {
      const builder = /^read-(\d+)-[0-9a-f]{8}\.sqlite(?:\.link)?$/.exec(name)?.[1];
      const file = join(folder, name);
      if (builder === undefined || file === live || isBuilding(file, Number(builder))) continue;
      removeGeneration(file);
    }
  }

  #target(): string | null {
    try {
      return join(dirname(this.path), readlinkSync(this.path));
    } catch {
      return null;
    }
  }
}

export const removeGeneration = (file: string): void => {
  underConstruction.delete(file);
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${suffix}`, { force: true });
};

/** A rebuild of another process may be under way; only files of processes that are gone are left-overs. */
const isBuilding = (file: string, pid: number): boolean => {
  if (pid === process.pid) return underConstruction.has(file);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
