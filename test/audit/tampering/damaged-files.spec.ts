import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { runCliHere } from '../../support/run-cli-here';
import { FileOwner } from './tampered-log';

const EXAMPLE = join(__dirname, '..', '..', 'fixtures', 'examples', '1');
const PAGE_BYTES = 4096;
/** Every so manyth page of a file is damaged; there are some hundred and fifty in both. */
const EVERY_PAGE = 11;
const USER_VERSION_AT = 60;

interface Verified {
  readonly ok: boolean;
  readonly events: number;
  readonly tables: boolean | null;
  readonly rebuilt: string | null;
  readonly findings: readonly { readonly code: string; readonly position: string | null; readonly messageEn: string }[];
}

let directory: string;
let honest: string;
let copies = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-damaged-'));
  honest = join(directory, 'honest');
  const files = readdirSync(EXAMPLE)
    .filter((name) => name.endsWith('.csv'))
    .map((name) => join(EXAMPLE, name));
  expect((await runCliHere('import', ...files, '--data', honest)).status).toBe(0);
  expect((await runCliHere('checkpoint', '--now', '--data', honest)).status).toBe(0);
  expect((await runCliHere('verify', '--data', honest)).status).toBe(0);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Which = 'log.sqlite' | 'read.sqlite';

/** A copy of the whole data directory, whose files nobody has open. */
const copied = (): { readonly data: string; readonly fileOf: (which: Which) => string } => {
  copies += 1;
  const data = join(directory, `copy-${copies}`);
  cpSync(honest, data, { recursive: true, verbatimSymlinks: true });
  return { data, fileOf: (which) => realpathSync(join(data, which)) };
};

const verified = async (data: string): Promise<{ readonly status: number; readonly verify: Verified }> => {
  const { status, stdout } = await runCliHere('verify', '--json', '--data', data);
  return { status, ...(JSON.parse(stdout) as { readonly verify: Verified }) };
};

const damaged = async (which: Which, damage: (bytes: Buffer) => Buffer) => {
  const { data, fileOf } = copied();
  const file = fileOf(which);
  writeFileSync(file, damage(readFileSync(file)));
  const result = await verified(data);
  return { ...result, data, file };
};

const changed = (bytes: Buffer, at: number, value: (before: number) => number): Buffer => {
  const altered = Buffer.from(bytes);
  altered[at] = value(altered[at] ?? 0);
  return altered;
};

/** Ways to damage one page; with the first three nothing of it is left that could be read. */
const WAYS: readonly (readonly [string, 'always' | 'perhaps', (bytes: Buffer, page: number) => Buffer])[] = [
  ['zeros', 'always', (bytes, page) => Buffer.from(bytes).fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES)],
  [
    'noise',
    'always',
    (bytes, page) => {
      const altered = Buffer.from(bytes);
      for (let at = page * PAGE_BYTES; at < (page + 1) * PAGE_BYTES; at += 1)
        altered[at] = (at * 7919 + page * 131) & 0xff;
      return altered;
    },
  ],
  ['an end', 'always', (bytes, page) => bytes.subarray(0, page * PAGE_BYTES + 1000)],
  [
    'another header',
    'perhaps',
    (bytes, page) => changed(bytes, page * PAGE_BYTES + (page === 0 ? 100 : 0) + (page % 8), (byte) => byte ^ 0xff),
  ],
  [
    'a flipped bit',
    'perhaps',
    (bytes, page) =>
      changed(bytes, page * PAGE_BYTES + ((page * 977) % PAGE_BYTES), (byte) => byte ^ (1 << (page % 8))),
  ],
];

describe.each(['log.sqlite', 'read.sqlite'] as const)('a damaged page of %s', (which) => {
  it.each(WAYS)('with %s is found and its place told, or did no harm', async (_, found, damage) => {
    const pages = statSync(join(honest, which)).size / PAGE_BYTES;
    for (let page = which === 'read.sqlite' ? 1 : 0; page < pages; page += EVERY_PAGE) {
      const { status, verify, file } = await damaged(which, (bytes) => damage(bytes, page));
      expect([page, status]).toEqual([page, verify.ok ? 0 : 5]);
      // The last page may hold SQLite's own statistics, whose end is nobody's answer.
      if (found === 'always' && page < pages - 1) expect([page, verify.ok]).toEqual([page, false]);
      const hasPlace = verify.findings.some(
        ({ position, messageEn }) => position !== null || messageEn.includes(which === 'log.sqlite' ? file : which),
      );
      expect([page, hasPlace]).toEqual([page, !verify.ok]);
      if (which === 'read.sqlite') expect([page, verify.events]).toEqual([page, 230]);
    }
  });

  it.each([0, 1, 3, 0xffff_ffff])('with the version %i in its header is found by that number', async (version) => {
    const expected = which === 'log.sqlite' ? 2 : 0;
    const { status, verify } = await damaged(which, (bytes) => {
      const altered = Buffer.from(bytes);
      altered.writeUInt32BE(version, USER_VERSION_AT);
      return altered;
    });
    const told = verify.findings.map(({ messageEn }) => messageEn).join('\n');
    if (version === expected) {
      expect(status).toBe(0);
      return;
    }
    expect(status).toBe(5);
    expect(told).toMatch(/user_version in its header is -?\d+ and not/);
    expect(verify.events).toBe(230);
  });
});

it('a log of which nothing is left is told as cut off, and not as an empty ledger', async () => {
  const { status, verify, file } = await damaged('log.sqlite', () => Buffer.alloc(0));
  expect([status, verify.ok, verify.events]).toEqual([5, false, 0]);
  expect(verify.findings.map(({ messageEn }) => messageEn).join('\n')).toMatch(/it was cut off: it has 0 bytes/);
  expect(statSync(file).size).toBe(0);
});

it('events that cannot be read are told from the first of them on, to the event', async () => {
  const pages = statSync(join(honest, 'log.sqlite')).size / PAGE_BYTES;
  let told = 0;
  for (let page = 3; page < pages; page += EVERY_PAGE) {
    const { verify, file } = await damaged('log.sqlite', (bytes) =>
      Buffer.from(bytes).fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES),
    );
    const unreadable = verify.findings.find(({ code }) => code === 'LOG_UNREADABLE');
    if (unreadable === undefined) continue;
    told += 1;
    const first = Number(unreadable.position);
    const database = new Database(file);
    const read = database.prepare('SELECT canonical FROM event WHERE position = ?').pluck();
    for (let position = 1; position < first; position += 1) expect(read.get(position)).toMatch(/^\{/);
    expect(() => read.get(first)).toThrow();
    database.close();
    expect(verify.events).toBe(first - 1);
    expect(unreadable.messageEn).toContain(file);
  }
  expect(told).toBeGreaterThan(0);
});

describe('a damaged log', () => {
  type Damage = (file: string, pages: number) => void;
  const pageOf =
    (page: number, write: (bytes: Buffer, page: number) => Buffer): Damage =>
    (file) =>
      writeFileSync(file, write(readFileSync(file), page));
  const wayOf = (name: string): ((bytes: Buffer, page: number) => Buffer) =>
    WAYS.find(([way]) => way === name)?.[2] ?? ((bytes) => bytes);
  const overwrite =
    (text: string): Damage =>
    (file) => {
      const owner = new FileOwner(file);
      for (let position = 1; position <= 230; position += 1) owner.overwrite(position, Buffer.from(text));
      owner.close();
    };

  it.each<readonly [string, Damage]>([
    ['whose first page is zeros', pageOf(0, wayOf('zeros'))],
    ['whose first page is noise', pageOf(0, wayOf('noise'))],
    ['whose second page is noise', pageOf(1, wayOf('noise'))],
    ['that is cut in its first page', pageOf(0, wayOf('an end'))],
    ['that is cut in the middle', pageOf(60, wayOf('an end'))],
    [
      'whose later pages are zeros',
      (file, pages) => {
        for (let page = 3; page < pages; page += 2) pageOf(page, wayOf('zeros'))(file, pages);
      },
    ],
    ['that is emptied', (file) => writeFileSync(file, '')],
    ['whose header tells another version', pageOf(0, (bytes) => changed(bytes, USER_VERSION_AT + 3, () => 77))],
    ['whose events are no JSON', overwrite('{')],
    ['whose events are of nothing', overwrite('{"type":"FundsAppropriated"}')],
  ])('%s ends every command that reads its events with 5', async (_, damage) => {
    const lines = (await runCliHere('export', '--data', honest)).stdout.trimEnd().split('\n');
    const { id } = JSON.parse(lines[149] ?? '') as { readonly id: string };
    const { data, fileOf } = copied();
    const file = fileOf('log.sqlite');
    damage(file, statSync(file).size / PAGE_BYTES);
    rmSync(join(data, 'read.sqlite'));
    const output = join(data, 'evidence.zip');
    for (const command of [
      ['verify'],
      ['replay'],
      ['proof', id],
      ['evidence', 'export', '--scope', 'payment:支126', '-o', output],
      ['trace', '支126'],
      ['balances', '--by', 'county'],
      ['rebuild'],
    ]) {
      const { status, stdout } = await runCliHere(...command, '--json', '--data', data);
      expect([command, status]).toEqual([command, 5]);
      expect(() => JSON.parse(stdout) as unknown).not.toThrow();
    }
    // A checkpoint of all events is there already, and is read beside the damage where the log opens at all.
    expect([0, 5]).toContain((await runCliHere('checkpoint', '--now', '--json', '--data', data)).status);
  });

  it('that another program holds, or that is not there, ends them with 6', async () => {
    const { data, fileOf } = copied();
    const other = new Database(fileOf('log.sqlite'));
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN EXCLUSIVE');
    try {
      for (const command of [['replay'], ['checkpoint', '--now']]) {
        expect([command, (await runCliHere(...command, '--json', '--data', data)).status]).toEqual([command, 6]);
      }
    } finally {
      other.close();
    }
    rmSync(join(data, 'log.sqlite'));
    for (const command of [['replay'], ['verify'], ['trace', '支126']]) {
      expect([command, (await runCliHere(...command, '--json', '--data', data)).status]).toEqual([command, 6]);
    }
  });
});

describe('an index of the read tables', () => {
  /** Whoever knows the format changes an amount in the index alone: the table still says what the log says. */
  const indexWithOtherAmount = (data: string, index: string, table: string): void => {
    const owner = new FileOwner(join(data, 'read.sqlite'));
    owner.run(`UPDATE ${table} SET amount = amount + 100 WHERE id = 5`);
    owner.without(index, () => owner.run(`UPDATE ${table} SET amount = amount - 100 WHERE id = 5`));
    owner.close();
  };

  it.each([
    ['movement_by_line', 'movement'],
    ['cash_receipt_by_line', 'cash_receipt'],
  ])('%s that holds another amount than its table is found by verify and by replay', async (index, table) => {
    const { data } = copied();
    indexWithOtherAmount(data, index, table);
    const { status, verify } = await verified(data);
    expect([status, verify.tables]).toEqual([5, false]);
    expect(verify.findings).toContainEqual(
      expect.objectContaining({ code: 'LIVE_TABLES_DAMAGED', messageEn: expect.stringContaining(index) as string }),
    );
    const replayed = await runCliHere('replay', '--json', '--data', data);
    expect([replayed.status, replayed.stdout.includes('LIVE_TABLES_DAMAGED')]).toEqual([5, true]);
    expect((await runCliHere('rebuild', '--data', data)).status).toBe(0);
    expect((await verified(data)).status).toBe(0);
  });
});

describe('read tables', () => {
  it('that cannot be read are left as they are by a verification, and rebuild mends them', async () => {
    const { status, verify, data, file } = await damaged('read.sqlite', (bytes) => bytes.subarray(0, 3 * PAGE_BYTES));
    expect([status, verify.tables, verify.rebuilt]).toEqual([5, false, null]);
    expect(verify.findings.map(({ code }) => code)).toContain('LIVE_TABLES_DAMAGED');
    expect(verify.findings.map(({ messageEn }) => messageEn).join('\n')).toContain('it was cut off');
    expect(statSync(file).size).toBe(3 * PAGE_BYTES);
    expect((await runCliHere('rebuild', '--data', data)).status).toBe(0);
    expect(await verified(data)).toMatchObject({ status: 0, verify: { tables: true, rebuilt: null } });
  });

  it('that are not there, or of another version, are made before they are compared, and that is said', async () => {
    const { data } = copied();
    rmSync(join(data, 'read.sqlite'));
    expect(await verified(data)).toMatchObject({ status: 0, verify: { tables: true, rebuilt: 'missing' } });
    const tables = new Database(join(data, 'read.sqlite'));
    tables.exec("UPDATE meta SET value = 'older' WHERE name = 'version'");
    tables.close();
    const told = await runCliHere('verify', '--data', data);
    expect([told.status, told.stdout]).toEqual([0, expect.stringContaining('核验前已由事件重建')]);
  });
});
