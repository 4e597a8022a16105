import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 2;

/**
 * Lets a program of Node work until it is killed with -9 and gives what it had said in whole lines of JSON. It speaks
 * into a file: a pipe whose reader is slow refuses a synchronous write, and the program would end by itself.
 *
 * @param begun whether it has so long to live from its first line on, or from its start
 */
export const saidUntilKilled = async <Line>(
  args: readonly string[],
  lifeMs: number,
  begun: boolean,
): Promise<readonly Line[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-killed-'));
  const file = join(directory, 'said');
  const output = openSync(file, 'w');
  try {
    const child = spawn(process.execPath, args, { stdio: ['ignore', output, 'pipe'] });
    const complained: Buffer[] = [];
    child.stderr?.on('data', (data: Buffer) => complained.push(data));
    const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    while (begun && child.exitCode === null && statSync(file).size === 0) await pause(LOOK_EVERY_MS);
    const timer = setTimeout(() => child.kill('SIGKILL'), lifeMs);
    const [, signal] = await closed;
    clearTimeout(timer);
    if (signal !== 'SIGKILL') throw new Error(`it ended by itself: ${Buffer.concat(complained).toString()}`);
    const text = readFileSync(file, 'utf8');
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
  } finally {
    closeSync(output);
    rmSync(directory, { recursive: true });
  }
};
