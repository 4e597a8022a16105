import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';

const ROOT = join(__dirname, '..', '..');
/** Far more than any of these takes, so that what never ends is a failure. */
const LONGEST_MS = 60_000;
const BIN = join(ROOT, 'bin', 'yichi.js');
const EXAMPLE = join(ROOT, 'test', 'fixtures', 'examples', '1');

type Json = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

describe('yichi and the past', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'yichi-past-'));
    const files = readdirSync(EXAMPLE).filter((name) => name.endsWith('.csv'));
    expect(yichi('import', ...files.map((name) => join(EXAMPLE, name))).status).toBe(0);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const yichi = (...args: string[]) => {
    const env = { ...process.env, YICHI_DATA: join(directory, 'data') };
    return spawnSync(process.execPath, [BIN, ...args], { cwd: directory, encoding: 'utf8', env, timeout: LONGEST_MS });
  };
  const answer = (...args: string[]): Json => {
    const { status, stdout, stderr } = yichi(...args, '--json');
    expect([args, status, stderr]).toEqual([args, 0, '']);
    return JSON.parse(stdout) as Json;
  };

  it('sets a bookmark once, and reads and exports at it', () => {
    const { bookmark } = answer('bookmark', 'set', '2024年中', '--at', '200', '--as-of', '2024-06-30');
    expect(bookmark).toMatchObject({ position: '200', asOf: '2024-06-30', treeSize: 200 });
    expect(yichi('bookmark', 'set', '2024年中').status).toBe(4);
    expect(answer('bookmark', 'list')['bookmarks']).toEqual([bookmark]);
    const there = answer('balances', '--by', 'county', '--at', '2024年中');
    expect(there).toEqual({
      ...answer('balances', '--by', 'county', '--at', '200', '--as-of', '2024-06-30'),
      bookmark,
    });
    const exported = yichi('export', '--leaves', '--at', '2024年中');
    expect(exported.stdout.trimEnd().split('\n')).toHaveLength(200);
    expect(exported.stderr).toContain(bookmark.treeRoot);
  });

  it('compares two moments, shows a balance through time and what it rests on', () => {
    const compared = answer('diff', '--from', '2024-05-31', '--to', '2024-06-30');
    const [row] = compared['rows'] as Json[];
    expect(row?.['key']).toBe('370883');
    const through = answer('history', '370883', '--as-of', '2024-06-30');
    expect((through['rows'] as Json[]).at(-1)?.['balance']).toEqual(row?.['to']);
    const rests = answer(
      'provenance',
      '--by',
      'county',
      '--key',
      '370883',
      '--measure',
      'allocated',
      '--as-of',
      '2024-06-30',
    );
    expect(rests['figure']).toBe(row?.['to'].allocated);
    expect(yichi('diff', '--from', '2024-05-31', '--to', '2024-06-30').stdout).toContain('邹城市');
    expect(yichi('history', '370883', '--lang', 'en').stdout).toContain('Allocated');
  });

  it('freezes an answer and proves it again', () => {
    const { snapshot } = answer('snapshot', 'take', '评估', '--by', 'village', '--under', '370883');
    expect(answer('snapshot', 'read', '评估')).toEqual({
      snapshot,
      ok: true,
      answerHash: snapshot.answerHash,
      problems: [],
    });
  });

  it.each([
    [['balances', '--by', 'county', '--at', '-1'], 2],
    [['trace', '支126', '--at', '999999'], 3],
    [['trace', '支126', '--as-of', '1999-01-01'], 3],
    [['provenance', '--by', 'county', '--measure', 'paid', '--at', '999999'], 3],
    [['closings', '--at', '0'], 3],
    [['export', '--at', '999999'], 3],
    [['export', '--at', '0'], 3],
    [['balances', '--by', 'county', '--at', '999999'], 3],
    [['balances', '--by', 'county', '--as-of', '1999-01-01'], 3],
    [['balances', '--by', 'county', '--at', '没有'], 3],
    [['history', '没有'], 3],
    [['diff', '--from', '1'], 2],
    [['replay', '--to', '999999'], 3],
    [['replay', '--projection', 'nowhere.js'], 2],
    [['snapshot', 'read', '没有'], 3],
  ] as const)('refuses %j with exit code %d', (args, status) => {
    expect(yichi(...args).status).toBe(status);
  });

  it.each([
    ['fails where nobody waits', "(async () => { throw new Error('no'); })();", 3, /^错误 PROJECTION_INVALID/],
    ['imports a module', "void import('node:fs');", 3, /^错误 PROJECTION_INVALID/],
    ['never ends', 'for (;;);', 3, /运行过久，已停止/],
    [
      'gets hold of a rejected import',
      `import('x').catch((e) => e.constructor.constructor('return process')().exit(0));`,
      3,
      /^错误 PROJECTION_INVALID/,
    ],
    ['never ends in one step of the language', '[].indexOf.call({ length: 2 ** 53 - 1 }, 1);', 3, /运行过久，已停止/],
    [
      'makes states that cannot be written',
      `globalThis.JSON = { parse: JSON.parse, stringify: () => '['.repeat(1e5) + ']'.repeat(1e5) };`,
      3,
      /状态嵌套过深/,
    ],
    ['never ends in what it puts off', '(async () => { await null; for (;;); })();', 3, /^错误 PROJECTION_INVALID/],
    ['is not UTF-8', Buffer.from([0x2f, 0x2f, 0xc4, 0xe3]), 2, /^错误 PROJECTION_NOT_UTF8/],
    ['takes no event that there is', '', 0, /^$/],
  ] as const)('a projection that %s is told in one sentence', (_, text, exitCode, told) => {
    const category = text === '' ? 'nothing' : 'pool';
    const source =
      typeof text === 'string'
        ? `fromCategory('${category}').foreachStream().when({ $init: () => ({}), FundsAppropriated: (s) => { ${text} return s; } });`
        : text;
    writeFileSync(join(directory, 'mine.js'), source);
    const { status, stdout, stderr } = yichi('replay', '--projection', join(directory, 'mine.js'));
    // On a busy machine it takes long enough for its progress to be told.
    expect(stderr.replace(/^重放 .*\n/gm, '')).toMatch(told);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(exitCode);
    expect(stdout.includes('mine：账中没有它所取的事件。')).toBe(exitCode === 0);
  });

  it('replays, and ends with 5 where the live tables are not what the log gives', () => {
    expect(answer('replay')['replay']).toMatchObject({ ok: true, compared: true, findings: [] });
    const database = new Database(join(directory, 'data', 'read.sqlite'));
    database.prepare('UPDATE movement SET amount = amount + 1 WHERE position = 158').run();
    database.close();
    const { status, stdout } = yichi('replay', '--json');
    expect(status).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      replay: { ok: false, findings: [{ code: 'LIVE_TABLE_DIFFERS', position: '158' }] },
    });
    expect(yichi('replay').stdout).toContain('158');
  });
});
