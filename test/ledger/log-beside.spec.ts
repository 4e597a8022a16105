import { existsSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Ledger } from '../../src/ledger/ledger';

const ACTOR = { id: '张三', role: 'finance', division: '' };

describe('a data directory whose log is gone', () => {
  let dataDir: string;
  let file: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'yichi-beside-'));
    file = join(dataDir, 'log.sqlite');
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const open = (): Promise<Ledger> => Ledger.open({ dataDir, eventLog: `sqlite:${file}` });
  const removeLog = (): void => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  };
  const begun = async (work: (ledger: Ledger) => Promise<unknown>): Promise<void> => {
    const ledger = await open();
    const request = { commandId: '0190f3c2-7b1e-7a55-9d0e-3f6f1c2b7a11', correlationId: 'x', causationId: null };
    await ledger.desk.registerPurpose({ purposeCode: 'A', name: '甲', parentPurpose: null }, '2024-01-01', {
      ...request,
      actor: ACTOR,
    });
    await work(ledger);
    await ledger.close();
  };

  it.each([
    ['its read model', (ledger: Ledger) => ledger.catchUp(), ['read.sqlite']],
    ['its checkpoints', (ledger: Ledger) => ledger.checkpoints.make(), ['checkpoints']],
  ])('is told by %s, and no new log is begun', async (_, work, traces) => {
    await begun(work);
    removeLog();
    await expect(open()).rejects.toMatchObject({ kind: 'unavailable', code: 'LOG_MISSING', parameters: { traces } });
    expect(existsSync(file)).toBe(false);
  });

  it('is told of an empty file and of another, empty log as well', async () => {
    await begun((ledger) => ledger.catchUp());
    removeLog();
    const elsewhere = mkdtempSync(join(tmpdir(), 'yichi-beside-'));
    await (await Ledger.open({ dataDir: elsewhere, eventLog: `sqlite:${file}` })).close();
    rmSync(elsewhere, { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: 'LOG_EMPTIED' });
    removeLog();
    await expect(open()).rejects.toMatchObject({ code: 'LOG_MISSING' });
    await Ledger.open({ dataDir: join(dataDir, 'new'), eventLog: `sqlite:${file}` }).then((ledger) => ledger.close());
    truncateSync(file, 0);
    await expect(open()).rejects.toMatchObject({ kind: 'unavailable', code: 'LOG_EMPTIED' });
  });

  it('is none where nothing was ever stored', async () => {
    const first = await open();
    await first.catchUp();
    await first.checkpoints.make();
    await first.close();
    await (await open()).close();
  });
});
