import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { balances } from '../../src/balances/balances';
import { parseBalancesRequest } from '../../src/balances/balances-query';
import type { EventLog } from '../../src/event-log/event-log';
import { MemoryEventLog } from '../../src/event-log/memory/memory-event-log';
import { SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log';
import { Ledger } from '../../src/ledger/ledger';
import { loadScenario, runScenario } from '../../src/scenarios/run-scenario';
import { describeOnServers, newNamespace, type TestServer } from '../support/eventstoredb/servers';
import { TESTER } from '../support/temporary-ledger';

const SCENARIOS = ['a-qinghai', 'b-shandong', 'c-inner-mongolia', 'every-step'];
const RECORDED_AT = new Date('2026-01-05T01:00:00.000Z');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-same-root-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a scenario leaves in a log: the root that is signed over it, and every balance of every pool, place and line. */
const played = async (name: string, log: EventLog): Promise<object> => {
  const ledger = await Ledger.on(log, { dataDir: mkdtempSync(join(directory, 'node-')) }, () => RECORDED_AT);
  try {
    const scenario = await loadScenario(join(__dirname, `${name}.yaml`));
    const report = await runScenario(ledger, scenario, { actor: TESTER, runId: 'same-root' });
    expect(report).toMatchObject({ ok: true, failure: null });
    await ledger.catchUp();
    const { size, root } = await ledger.checkpoints.make();
    const figures = (['division', 'village', 'line'] as const).map((by) => {
      const { rows, total } = balances(ledger.readModel, parseBalancesRequest({ by }));
      return { rows, total };
    });
    return { size, root, figures };
  } finally {
    await ledger.close();
  }
};

/** Played once for each: the embedded log is what the others are held against. */
const embedded = new Map<string, Promise<object>>();
const inSqlite = (name: string): Promise<object> => {
  const known = embedded.get(name) ?? played(name, new SqliteEventLog({ file: join(directory, `${name}.sqlite`) }));
  embedded.set(name, known);
  return known;
};

it.each(SCENARIOS)('%s gives the same balances and the same signed root in memory and in SQLite', async (name) => {
  expect(await played(name, new MemoryEventLog())).toEqual(await inSqlite(name));
});

describeOnServers('the same scenario files give the same balances and the same signed root as in SQLite', (start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  it.each(SCENARIOS)(
    '%s',
    async (name) => {
      expect(await played(name, server.open(newNamespace()))).toEqual(await inSqlite(name));
    },
    120_000,
  );
});
