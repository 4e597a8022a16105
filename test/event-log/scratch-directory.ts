import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

/** A new directory that goes away after the tests of the file. */
export const scratchDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-log-'));
  made.push(directory);
  return directory;
};

afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});
