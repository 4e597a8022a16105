import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CLI = join(__dirname, '..', '..', 'dist', 'src', 'cli');

/** A step of as many tenths of a second as its first argument says; the second may be --json. */
const STEP = `
  const { withProgress } = require(${JSON.stringify(join(CLI, 'progress.js'))});
  const { Terminal } = require(${JSON.stringify(join(CLI, 'terminal.js'))});
  const total = Number(process.argv[2]);
  const terminal = new Terminal('zh', process.argv[3] === '--json');
  withProgress(terminal, '核验事件', 'Verifying events', async (update) => {
    for (let done = 1; done <= total; done += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (process.argv[4] === '--positions') update(done * 1000, total * 1000, done);
      else update(done, total);
    }
    if (process.argv[4] === '--fail') throw new Error('the step failed');
  }).then(() => terminal.line('{"done":true}'), () => terminal.line('{"done":false}'));
`;

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'yichi-progress-'));
  writeFileSync(join(place, 'step.cjs'), STEP);
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
}

const run = (command: string, args: readonly string[]): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: place, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
    child.on('error', reject);
    child.on('close', () => resolve({ stdout, stderr }));
  });

const NODE = process.execPath;

/** As a shell does it whose output goes into a file: stderr is the terminal, which `script` plays. */
const onTerminal = async (name: string, ...args: string[]): Promise<Ran> => {
  const command = `'${NODE}' step.cjs ${args.join(' ')} > ${name}.out`;
  const { stdout } = await run('script', ['-qec', command, '/dev/null']);
  return { stdout: readFileSync(join(place, `${name}.out`), 'utf8'), stderr: stdout };
};

const intoPipe = (...args: string[]): Promise<Ran> => run(NODE, ['step.cjs', ...args]);

const DONE = '{"done":true}\n';
const CURSOR_SHOWN = '\u001b[?25h';

// On other systems `script` takes other arguments.
(process.platform === 'linux' ? describe : describe.skip)('progress', () => {
  it('is a bar on a terminal, only for what takes long, and none for programs', async () => {
    const [long, short, json, failed] = await Promise.all([
      onTerminal('long', '26', '-'),
      onTerminal('short', '1', '-'),
      onTerminal('json', '26', '--json'),
      onTerminal('failed', '26', '-', '--fail'),
    ]);
    expect(long.stdout).toBe(DONE);
    expect(long.stderr).toMatch(/核验事件 \[[^\]]*=[^\]]*-[^\]]*\] \d\d% \d+\/26/);
    expect(long.stderr).toMatch(/核验事件 \[=+\] 100% 26\/26/);
    expect(short).toEqual({ stdout: DONE, stderr: '' });
    expect(json).toEqual({ stdout: DONE, stderr: '' });
    // A terminal without its cursor is what a failure leaves behind where nobody takes the bar down.
    expect(failed.stdout).toBe('{"done":false}\n');
    expect(failed.stderr.lastIndexOf(CURSOR_SHOWN)).toBeGreaterThan(failed.stderr.lastIndexOf('核验事件'));
  });

  it('is now and then a line in a file or a pipe, without bar and without colour', async () => {
    const [long, short, json, positions] = await Promise.all([
      intoPipe('26', '-'),
      intoPipe('1', '-'),
      intoPipe('26', '--json'),
      intoPipe('26', '-', '--positions'),
    ]);
    // Positions may be bytes of a server's file, which nobody can count with.
    expect(positions.stderr).toMatch(/^(核验事件 \d+ \(\d+%\)\n){1,2}$/);
    expect(long.stdout).toBe(DONE);
    expect(long.stderr).toMatch(/^(核验事件 \d+\/26\n){1,2}$/);
    expect(short).toEqual({ stdout: DONE, stderr: '' });
    expect(json).toEqual({ stdout: DONE, stderr: '' });
  });
});
