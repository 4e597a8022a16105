import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const BIN = join(ROOT, 'bin', 'yichi.js');

/** One command of the page, where it is typed, and what the page says it prints. */
interface Step {
  readonly host: 'office' | 'auditor';
  readonly command: string;
  readonly shown: readonly string[];
}

const PROMPT = /^(office|auditor)\$ (.+)$/;

/** The commands in the order of the page; every line of a console block belongs to one. */
const stepsOf = (page: string): readonly Step[] =>
  [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => {
    const steps: { host: Step['host']; command: string; shown: string[] }[] = [];
    for (const line of block.trimEnd().split('\n')) {
      const [, host, command] = PROMPT.exec(line) ?? [];
      if (host !== undefined && command !== undefined) steps.push({ host: host as Step['host'], command, shown: [] });
      else steps.at(-1)?.shown.push(line);
    }
    return steps;
  });

/** `…` alone in a line stands for any lines, within a line for any text: keys, signatures, hashes, times. */
const patternOf = (shown: readonly string[]): RegExp => {
  const lines = shown.map((line) =>
    line === '…'
      ? '(?:[^\\n]*\\n)*?'
      : `${line
          .split('…')
          .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
          .join('[^\\n]+')}\\n`,
  );
  return new RegExp(`^${lines.join('')}$`);
};

/** What the page uses beside Node and `yichi`; where something is missing it cannot be followed. */
const isThere = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const describeWithPrograms = ['bash', 'unzip', 'cmp'].every(isThere) ? describe : describe.skip;

describeWithPrograms.each(['auditor-walkthrough.zh-CN.md', 'auditor-walkthrough.md'])('%s', (file) => {
  const steps = stepsOf(readFileSync(join(ROOT, 'docs', file), 'utf8'));
  let place: string;

  /** Two machines that share nothing but what is carried over; `yichi` is on both, the demonstration on the office's. */
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'yichi-walkthrough-'));
    for (const folder of ['bin', 'office', 'auditor']) mkdirSync(join(place, folder));
    cpSync(join(ROOT, 'data'), join(place, 'office', 'data'), { recursive: true });
    const yichi = join(place, 'bin', 'yichi');
    writeFileSync(yichi, `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
    chmodSync(yichi, 0o755);
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  const type = ({ host, command }: Step) => {
    return spawnSync('bash', ['-c', command], {
      cwd: join(place, host),
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: [join(place, 'bin'), process.env['PATH'] ?? ''].join(delimiter),
        HOME: join(place, host),
        LC_ALL: 'C.UTF-8',
        // The auditor's machine has no ledger, and the office's is not among the files that people look at.
        ...(host === 'office' ? { YICHI_DATA: join(place, 'ledger') } : {}),
      },
      maxBuffer: 16 * 1024 * 1024,
    });
  };

  it('goes from the question to a bundle that is verified elsewhere', () => {
    const commands = steps.map(({ command }) => command).join('\n');
    for (const word of ['trace', 'provenance', 'balances', 'proof', 'checkpoint', 'verify', 'evidence export']) {
      expect(commands).toContain(`yichi ${word}`);
    }
    expect(
      steps
        .filter(({ host }) => host === 'auditor')
        .map(({ command }) => command)
        .join('\n'),
    ).toContain('yichi evidence verify');
    expect(steps.length).toBeGreaterThan(18);
  });

  it('every command prints what the page shows', () => {
    for (const step of steps) {
      const { stdout, stderr } = type(step);
      const printed = stdout === '' || stdout.endsWith('\n') ? stdout : `${stdout}\n`;
      const trimmed = printed.replace(/\n+$/, '\n');
      const matches = patternOf(step.shown).test(step.shown.length === 0 ? printed : trimmed);
      if (!matches) {
        throw new Error(
          `${step.host}$ ${step.command}\nshown:\n${step.shown.join('\n')}\nprinted:\n${stdout}\n${stderr}`,
        );
      }
    }
  }, 300_000);
});
