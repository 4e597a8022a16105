import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Command } from 'commander';

import { commandLineIn } from '../../src/cli/program';
import { runCliHere } from '../support/run-cli-here';

const ROOT = join(__dirname, '..', '..');
const EXAMPLE = join(ROOT, 'test', 'fixtures', 'examples', '1');

let place: string;
const inPlace = (...names: string[]): string => join(place, ...names);

/** The id of an event of the ledger. */
let eventId: string;

interface Case {
  readonly args: () => readonly string[];
  /** 0 when it is not said. */
  readonly status?: number;
  /** It answers with a document a line. */
  readonly lines?: true;
  /** It runs until it is told to stop. */
  readonly serves?: true;
}

const exampleFiles = (): readonly string[] =>
  readdirSync(EXAMPLE)
    .filter((name) => name.endsWith('.csv'))
    .map((name) => join(EXAMPLE, name));

/** What each command is asked here, in this order, on one ledger. A command that is missing fails the first test. */
const CASES: Readonly<Record<string, Case>> = {
  import: { args: exampleFiles },
  template: { args: () => ['-o', inPlace('台账.xlsx')] },
  balances: { args: () => ['--by', 'county'] },
  trace: { args: () => ['支126'] },
  diff: { args: () => ['--from', '2024-01-31', '--to', '2024-12-31'] },
  history: { args: () => ['370883'] },
  provenance: { args: () => ['--by', 'county', '--measure', 'paid'] },
  'bookmark set': { args: () => ['年终', '--as-of', '2024-12-31'] },
  'bookmark list': { args: () => [] },
  'bookmark show': { args: () => ['年终'] },
  replay: { args: () => [] },
  'snapshot take': { args: () => ['绩效评价', '--by', 'county'] },
  'snapshot read': { args: () => ['绩效评价'] },
  'snapshot list': { args: () => [] },
  close: { args: () => ['370883', '2020-01', '--year', '2020', '--on', '2020-02-01'] },
  reopen: {
    args: () => ['370883', '2020-01', '--year', '2020', '--approval', '反1号', '--reason', '漏记', '--as', '张三'],
  },
  closings: { args: () => [] },
  export: { args: () => [], lines: true },
  'evidence export': { args: () => ['--scope', 'payment:支126', '-o', inPlace('证据.zip')] },
  'evidence verify': { args: () => [inPlace('证据.zip')] },
  'evidence verifier': { args: () => ['-o', inPlace('核验程序')] },
  checkpoint: { args: () => ['--now'] },
  proof: { args: () => [eventId] },
  // On a server they answer as well, which is tested where a server is.
  'projections deploy': { args: () => [], status: 3 },
  'projections status': { args: () => [], status: 3 },
  'projections compare': { args: () => [], status: 3 },
  'projections remove': { args: () => [], status: 3 },
  verify: { args: () => [] },
  witness: { args: () => ['--dir', inPlace('witness'), '--key'] },
  'scenario run': {
    args: () => [join(ROOT, 'test', 'scenarios', 'every-step.yaml'), '--data', inPlace('scenario')],
  },
  rebuild: { args: () => [] },
  'log copy': {
    args: () => ['--from', `sqlite:${inPlace('data', 'log.sqlite')}`, '--to', `sqlite:${inPlace('copy.sqlite')}`],
  },
  doctor: { args: () => [] },
  serve: { args: () => [], serves: true },
  token: { args: () => ['--actor', '张三'] },
};

/** Names of all commands that are no mere groups of others, as they are typed. */
const commandsOf = (command: Command, path: readonly string[] = []): readonly string[] =>
  command.commands.flatMap((child) => {
    const here = [...path, child.name()];
    return child.commands.length > 0 ? commandsOf(child, here) : [here.join(' ')];
  });

const documents = (stdout: string): readonly object[] => {
  expect(stdout.endsWith('\n')).toBe(true);
  return stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as object);
};

const tellToStopOnceItServes = async (answer: Promise<unknown>): Promise<void> => {
  let ended = false;
  void answer.finally(() => (ended = true));
  while (process.listenerCount('SIGTERM') === 0) {
    if (ended) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  process.emit('SIGTERM');
};

const ask = async (name: string, { args, serves }: Case) => {
  const given = args();
  const data = given.includes('--data') ? [] : ['--data', inPlace('data')];
  const answer = runCliHere(...name.split(' '), ...given, ...data, '--json');
  if (serves === true) await tellToStopOnceItServes(answer);
  return answer;
};

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'yichi-json-'));
  process.env['YICHI_PORT'] = '0';
});
afterAll(() => {
  delete process.env['YICHI_PORT'];
  rmSync(place, { recursive: true, force: true });
});

it('has a case for every command', () => {
  expect(Object.keys(CASES).sort()).toEqual([...commandsOf(commandLineIn('zh').program)].sort());
});

describe('with --json stdout holds one document', () => {
  it.each(Object.entries(CASES))('%s', async (name, each) => {
    const { status, stdout } = await ask(name, each);
    expect({ status, stdout: stdout.slice(0, 200) }).toEqual({
      status: each.status ?? 0,
      stdout: expect.stringMatching(/^[{[]/) as unknown,
    });
    const told = documents(stdout);
    if (each.lines === true) {
      expect(told.length).toBeGreaterThan(200);
      eventId = (told[0] as { readonly id: string }).id;
    } else {
      expect(told).toHaveLength(1);
      if (status !== 0) expect(told[0]).toHaveProperty('error.remedy');
    }
  });

  it.each(Object.keys(CASES))('%s, which says what is wrong with the way it is asked', async (name) => {
    const { status, stdout } = await runCliHere(...name.split(' '), '--no-such-option', '--json');
    expect(status).toBe(2);
    expect(documents(stdout)).toEqual([{ error: expect.objectContaining({ code: 'USAGE' }) as unknown }]);
  });
});
