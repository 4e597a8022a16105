import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Puts a disk of a few bytes at a directory. Needs the right to mount one. */
export const mountSmallDisk = (directory: string, bytes: number): void => {
  mkdirSync(directory, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', directory], { stdio: 'ignore' });
};

export const unmount = (directory: string): void => void execFileSync('umount', [directory]);

const mayMount = (): boolean => {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-disk-'));
  try {
    mountSmallDisk(directory, 4096);
    unmount(directory);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/** `describe` where this process may mount a disk of its own; else its tests are shown as skipped. */
export const describeOnSmallDisk = mayMount() ? describe : describe.skip;
