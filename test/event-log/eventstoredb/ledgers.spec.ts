import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import fc from 'fast-check';

import { balances, balancesJson } from '../../../src/balances/balances';
import { balancesFromFacts } from '../../../src/balances/balances-from-facts';
import { balancesFromProjection, officialProjection } from '../../../src/balances/balances-from-projections';
import { parseBalancesRequest } from '../../../src/balances/balances-query';
import type { CommandAnswer } from '../../../src/event-log/decider';
import type { EventLog } from '../../../src/event-log/event-log';
import { SqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log';
import { MemoryTreeStore } from '../../../src/event-log/tree/memory-tree-store';
import { leafHash } from '../../../src/event-log/tree/merkle-hash';
import { rootAt } from '../../../src/event-log/tree/tree-store';
import { Ledger } from '../../../src/ledger/ledger';
import { DomainError } from '../../../src/platform/domain-error';
import { loadScenario, runScenario } from '../../../src/scenarios/run-scenario';
import { describeOnServers, newNamespace, type TestServer } from '../../support/eventstoredb/servers';
import { ask, fundTheRoad, line, registerSmallWorld, VILLAGE } from '../../support/small-ledger';
import { TESTER } from '../../support/temporary-ledger';
import { LedgerModel } from '../../projections/ledger-model';
import { scratchDirectory } from '../scratch-directory';

const DIMENSIONS = ['department', 'division', 'county', 'village', 'project', 'channel', 'line', 'document'] as const;
const SCENARIOS = ['a-qinghai.yaml', 'b-shandong.yaml', 'c-inner-mongolia.yaml'] as const;
const CLOCK = (): Date => new Date('2024-12-31T08:00:00.000Z');

const rows = (ledger: Ledger, at?: number) =>
  DIMENSIONS.map((by) =>
    balancesJson(
      balances(ledger.readModel, parseBalancesRequest({ by, ...(at === undefined ? {} : { at: String(at) }) })),
    ),
  );

/** Balances of all dimensions without the positions, which are the engine's own. */
const figures = (ledger: Ledger) => rows(ledger).map(({ by, rows: cells, total }) => ({ by, cells, total }));

const rootOf = async (log: EventLog): Promise<{ readonly size: number; readonly root: string }> => {
  const tree = new MemoryTreeStore();
  let after = 0;
  for (;;) {
    const page = await log.readAll(after, 1000);
    if (page.length === 0) break;
    tree.append(page.map(({ canonical }) => leafHash(canonical)));
    after = page.at(-1)?.position ?? after;
  }
  const size = await tree.size();
  return { size, root: Buffer.from(await rootAt(tree, size)).toString('hex') };
};

/** The official projections and the fact table say the same. */
const expectParity = (ledger: Ledger): void => {
  for (const by of DIMENSIONS) {
    const query = parseBalancesRequest({ by });
    const official = officialProjection(query);
    if (official === null) continue;
    const cells = ledger.readModel.read((snapshot) => balancesFromProjection(snapshot, official, query));
    expect(cells).toEqual(ledger.readModel.read((snapshot) => balancesFromFacts(snapshot, query)));
  }
};

const requestPayment = (ledger: Ledger, voucherNo: string, commandId: string): Promise<CommandAnswer> =>
  ask(
    ledger,
    'RequestPayment',
    '2024-03-01',
    {
      voucherNo,
      payee: '某施工队',
      lineSelection: 'fifo',
      requestedBy: '张三',
      repaysVoucherNo: null,
      lines: [{ ...line('文1', '1.00'), projectCode: 'ROAD-1', place: VILLAGE }],
    },
    { commandId },
  );

/** As a client does: the same command again while others write at the same time. */
const insisting = async (attempt: () => Promise<CommandAnswer>): Promise<CommandAnswer> => {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'CONCURRENT_WRITE') throw error;
    }
  }
};

describeOnServers('ledgers', (start) => {
  let server: TestServer;
  let open: Ledger[] = [];
  beforeAll(async () => {
    server = await start();
  });
  afterEach(async () => {
    for (const ledger of open.splice(0)) await ledger.close();
    open = [];
  });
  afterAll(() => server.stop());

  const openOn = async (log: EventLog): Promise<Ledger> => {
    const ledger = await Ledger.on(log, { dataDir: scratchDirectory() }, CLOCK);
    open.push(ledger);
    return ledger;
  };
  /** Nodes on one log, each with a data directory of its own. */
  const nodes = (count: number): Promise<readonly Ledger[]> => {
    const namespace = newNamespace();
    return Promise.all(Array.from({ length: count }, () => openOn(server.open(namespace))));
  };

  it.each(SCENARIOS)('come to the balances of %s, and to the tree of the same ledger in SQLite', async (file) => {
    const scenario = await loadScenario(join(__dirname, '../../scenarios', file));
    const [shared] = (await nodes(1)) as [Ledger];
    const embedded = await openOn(new SqliteEventLog({ file: join(scratchDirectory(), 'log.sqlite') }));
    for (const ledger of [shared, embedded]) {
      const report = await runScenario(ledger, scenario, { actor: TESTER, runId: 'one-run' });
      expect(report.failure).toBeNull();
      expect(report.expectations.filter((figure) => !figure.ok)).toEqual([]);
      expect(report.ok).toBe(true);
      await ledger.catchUp();
      expectParity(ledger);
    }
    expect(figures(shared)).toEqual(figures(embedded));
    expect(await rootOf(shared.log)).toEqual(await rootOf(embedded.log));
  });

  it('agree with a model on random histories, in every dimension', async () => {
    const history = fc.array(fc.array(fc.nat({ max: 10_000 }), { minLength: 6, maxLength: 10 }), {
      minLength: 30,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), async (steps, anyPosition) => {
        const model = new LedgerModel();
        for (const choices of steps) model.step(choices);
        const [ledger] = (await nodes(1)) as [Ledger];
        const embedded = await openOn(new SqliteEventLog({ file: join(scratchDirectory(), 'log.sqlite') }));
        const positions: { shared: number; embedded: number }[] = [];
        const revisions = new Map<string, number>();
        for (const { event } of model.entries) {
          const expectedRevision = revisions.get(event.stream) ?? -1;
          const append = {
            stream: event.stream,
            expectedRevision,
            events: [{ ...event, revision: expectedRevision + 1 }],
          };
          const [shared] = (await ledger.log.append(append)).positions;
          const [own] = (await embedded.log.append(append)).positions;
          positions.push({ shared: shared ?? 0, embedded: own ?? 0 });
          revisions.set(event.stream, expectedRevision + 1);
        }
        await ledger.catchUp();
        await embedded.catchUp();
        expectParity(ledger);
        expect(figures(ledger)).toEqual(figures(embedded));
        const at = positions[anyPosition % positions.length];
        if (at !== undefined && positions.length > 5) {
          const [past, expected] = [rows(ledger, at.shared), rows(embedded, at.embedded)];
          expect(past.map((answer) => answer.rows)).toEqual(expected.map((answer) => answer.rows));
        }
        for (const each of open.splice(0)) await each.close();
      }),
      { numRuns: 5 },
    );
  });

  it('on several nodes never overspend a pool that all of them write to at once', async () => {
    const [first, ...others] = (await nodes(3)) as [Ledger, ...Ledger[]];
    await registerSmallWorld(first);
    await fundTheRoad(first, '20.00');
    const all = [first, ...others];
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => {
        const commandId = randomUUID();
        return insisting(() => requestPayment(all[index % all.length] as Ledger, `支${index}`, commandId));
      }),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'OVERDRAFT' });
    }
    const positions = await Promise.all(all.map((ledger) => ledger.catchUp()));
    expect(new Set(positions).size).toBe(1);
    const [mine, ...theirs] = all.map((ledger) => rows(ledger));
    for (const other of theirs) expect(other).toEqual(mine);
    all.forEach(expectParity);
    const village = mine?.find(({ by }) => by === 'village');
    expect(village?.rows).toMatchObject([{ key: VILLAGE, measures: { held: '20.00', unspent: '20.00' } }]);
  });

  it('on several nodes book one command id once, whoever is asked', async () => {
    const all = await nodes(3);
    const first = all[0] as Ledger;
    await registerSmallWorld(first);
    await fundTheRoad(first, '20.00');
    const answers: CommandAnswer[] = [];
    for (let round = 0; round < 5; round += 1) {
      const commandId = randomUUID();
      const asked = all.map((ledger) => insisting(() => requestPayment(ledger, `支${round}`, commandId)));
      const [one, ...same] = await Promise.all(asked);
      for (const answer of same) expect(answer.eventIds).toEqual(one?.eventIds);
      answers.push(one as CommandAnswer);
      const [refused] = await Promise.allSettled([requestPayment(all[1] as Ledger, `另${round}`, commandId)]);
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'COMMAND_ID_REUSED' } });
    }
    await first.catchUp();
    const held = balancesJson(balances(first.readModel, parseBalancesRequest({ by: 'village' })));
    expect(held.rows).toMatchObject([{ measures: { held: '5.00' } }]);
    expect(new Set(answers.flatMap(({ eventIds }) => eventIds)).size).toBe(5);
  });

  it('follow one another', async () => {
    const [writer, reader] = (await nodes(2)) as [Ledger, Ledger];
    await reader.catchUp();
    const failures: unknown[] = [];
    const following = reader.follow((error) => failures.push(error));
    await registerSmallWorld(writer);
    await fundTheRoad(writer, '20.00');
    const answer = await requestPayment(writer, '支1', randomUUID());
    expect(await reader.readModel.waitFor(answer.position, 10_000)).toBe(true);
    await writer.catchUp();
    expect(rows(reader)).toEqual(rows(writer));
    await following.close();
    expect(failures).toEqual([]);
  });
});
