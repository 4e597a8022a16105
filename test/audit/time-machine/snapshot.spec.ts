import { randomUUID } from 'node:crypto';

import { keepProjection } from '../../../src/audit/provenance/kept-projection';
import { SnapshotDesk } from '../../../src/audit/provenance/snapshot-desk';
import type { SnapshotTaken } from '../../../src/audit/provenance/snapshot';
import { balances } from '../../../src/balances/balances';
import { measuresJson } from '../../../src/balances/measures';
import { CommandRunner } from '../../../src/event-log/command-runner';
import type { LedgerEvent, StoredEvent } from '../../../src/event-log/event';
import type { EventLog } from '../../../src/event-log/event-log';
import { readEvent } from '../../../src/event-log/upcasting';
import type { Ledger } from '../../../src/ledger/ledger';
import { PROJECTION_NAMES, projectionSource } from '../../../src/projecting/projection-loader';
import { ask, COUNTY, fundTheRoad, line, registerSmallWorld, VILLAGE } from '../../support/small-ledger';
import { TESTER, withTemporaryLedger } from '../../support/temporary-ledger';

const asking = () => ({ commandId: randomUUID(), correlationId: 'test', causationId: null, actor: TESTER });

const scope = { by: 'village', under: COUNTY, year: null } as const;

const now = (): Date => new Date('2024-06-01T08:00:00Z');

const deskOf = (ledger: Ledger, log: EventLog = ledger.log): SnapshotDesk =>
  new SnapshotDesk({
    log,
    commands: log === ledger.log ? ledger.commands : new CommandRunner(log, { now }),
    live: ledger.readModel,
    now,
  });

const pay = (ledger: Ledger, voucherNo: string, amount: string, on: string) =>
  ask(ledger, 'RecordPayment', on, {
    voucherNo,
    payee: '某公司',
    requestedBy: null,
    approvedBy: null,
    lineSelection: 'fifo',
    lines: [{ ...line('文1', amount), projectCode: 'ROAD-1', place: VILLAGE }],
  } as never);

/** The same log for readers, with some events as somebody would have them. */
const forged = (log: EventLog, forge: (event: LedgerEvent) => LedgerEvent): EventLog => {
  const change = (events: readonly StoredEvent[]): readonly StoredEvent[] =>
    events.map((stored) => {
      const event = readEvent(stored);
      const changed = forge(event);
      return changed === event ? stored : { ...stored, canonical: JSON.stringify(changed) };
    });
  return Object.create(log, {
    readAll: { value: async (after: number, limit: number) => change(await log.readAll(after, limit)) },
    readStream: {
      value: async (stream: string, from: number, limit: number) => change(await log.readStream(stream, from, limit)),
    },
    tree: { value: undefined },
    head: { value: () => log.head() },
    foreignWrites: { value: () => 0 },
    subscribeAll: { value: () => undefined },
  }) as EventLog;
};

describe('a frozen answer', () => {
  const play = (work: (ledger: Ledger, desk: SnapshotDesk) => Promise<void>): Promise<void> =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await fundTheRoad(ledger, '1000.00');
      await pay(ledger, '支1', '300.00', '2024-03-01');
      await ledger.catchUp();
      await work(ledger, deskOf(ledger));
    });

  it('is the answer of the ledger, and stays it whatever is entered later', () =>
    play(async (ledger, desk) => {
      const moment = { at: null, asOf: '2024-03-31' };
      const { rows, total } = balances(ledger.readModel, { ...scope, ...moment });
      const taken = await desk.take({ name: '评估2024', scope, moment }, asking());
      expect(taken.rows).toEqual(rows.map((row) => ({ ...row, measures: measuresJson(row.measures) })));
      expect(taken.total).toEqual(measuresJson(total));
      expect(taken.rows[0]?.measures.paid).toBe('300.00');

      await pay(ledger, '支2', '50.00', '2024-03-02');
      await ledger.desk.registerDivision(
        { divisionCode: VILLAGE, name: '改名村', validFrom: null, validTo: null },
        '2024-01-01',
        asking(),
      );
      await ledger.catchUp();
      const again = await desk.read('评估2024');
      expect(again).toEqual({
        snapshot: taken,
        position: Number(taken.position),
        answerHash: taken.answerHash,
        problems: [],
      });
      expect(balances(ledger.readModel, { ...scope, ...moment }).rows[0]?.measures.paid).toBe(35_000);
      // Taken again of another moment, it is refused; the same again changes nothing.
      await expect(desk.take({ name: '评估2024', scope, moment }, asking())).rejects.toMatchObject({
        code: 'SNAPSHOT_NAME_TAKEN',
      });
      const same = { at: Number(taken.position), asOf: '2024-03-31' };
      expect(await desk.take({ name: '评估2024', scope, moment: same }, asking())).toEqual(taken);
      expect((await desk.list()).map(({ name }) => name)).toEqual(['评估2024']);
    }));

  it('keeps the texts of the projections in the log, each once', () =>
    play(async (ledger, desk) => {
      const taken = await desk.take({ name: '甲', scope, moment: { at: null, asOf: null } }, asking());
      await desk.take({ name: '乙', scope: { ...scope, under: null }, moment: { at: null, asOf: null } }, asking());
      const events = (await ledger.log.readAll(0, 1000)).map(readEvent);
      const kept = events
        .filter(({ type }) => type === 'ProjectionKept')
        .map(({ data }) => data as { name: string; sha256: string; source: string });
      expect(kept.map(({ name }) => name)).toEqual([...PROJECTION_NAMES]);
      for (const { name, sha256, source } of kept) {
        expect(source).toBe(projectionSource(name as (typeof PROJECTION_NAMES)[number]));
        expect(taken.projections[name]).toBe(sha256);
      }
      expect(events.filter(({ type }) => type === 'SnapshotTaken').map(({ stream }) => stream)).toEqual([
        'evaluation-甲',
        'evaluation-乙',
      ]);
    }));

  it('is answered by the text of then and not by today’s', () =>
    play(async (ledger, desk) => {
      await desk.take({ name: '甲', scope, moment: { at: null, asOf: null } }, asking());
      // A text that counts every payment twice, under its own hash, is another text: the hash does not fit.
      const other = forged(ledger.log, (event) =>
        event.type === 'ProjectionKept'
          ? {
              ...event,
              data: { ...(event.data as object), source: `${(event.data as { source: string }).source}\n// changed` },
            }
          : event,
      );
      const { problems, answerHash } = await deskOf(ledger, other).read('甲');
      expect([answerHash, problems.map(({ code }) => code)]).toEqual([null, ['SNAPSHOT_PROJECTION_MISSING']]);
    }));

  it('tells when the log before it, or the frozen figures, are not what they were', () =>
    play(async (ledger, desk) => {
      await desk.take({ name: '甲', scope, moment: { at: null, asOf: null } }, asking());
      const changedMoney = forged(ledger.log, (event) =>
        event.type === 'PaymentExecuted'
          ? (JSON.parse(JSON.stringify(event).replaceAll('"300.00"', '"299.00"')) as LedgerEvent)
          : event,
      );
      const first = await deskOf(ledger, changedMoney).read('甲');
      expect(first.problems.map(({ code }) => code)).toEqual(['SNAPSHOT_TREE_DIFFERS', 'SNAPSHOT_ANSWER_DIFFERS']);

      const changedFigure = forged(ledger.log, (event) =>
        event.type === 'SnapshotTaken'
          ? (JSON.parse(JSON.stringify(event).replaceAll('"300.00"', '"299.00"')) as LedgerEvent<
              'SnapshotTaken',
              SnapshotTaken['data']
            >)
          : event,
      );
      const second = await deskOf(ledger, changedFigure).read('甲');
      expect(second.problems.map(({ code }) => code)).toEqual(['SNAPSHOT_ANSWER_DIFFERS']);
    }));

  it.each([
    ['cells of something else', `s.cells = { [e.data.documentNo]: 1 };`],
    ['cells of nothing', `s.cells = { x: null };`],
  ])('is refused when the text that it names leaves %s', (_, body) =>
    play(async (ledger, desk) => {
      const { projections } = await desk.take({ name: '甲', scope, moment: { at: null, asOf: null } }, asking());
      const source = `fromCategory('pool').foreachStream().when({ $init: () => ({}), FundsAppropriated: (s, e) => { ${body} } });`;
      const envelope = { ...asking(), effectiveOn: '2024-06-01', basis: 'x', metadata: {} };
      const sha256 = await keepProjection(ledger.commands, 'village-balance', source, envelope);
      const named = Object.fromEntries(Object.keys(projections).map((name) => [name, sha256]));
      const other = forged(ledger.log, (event) =>
        event.type === 'SnapshotTaken' ? { ...event, data: { ...(event.data as object), projections: named } } : event,
      );
      await expect(deskOf(ledger, other).read('甲')).rejects.toMatchObject({
        kind: 'input',
        code: 'PROJECTION_INVALID',
      });
    }),
  );

  it.each([
    [{ by: 'document', under: null, year: null }, 'SNAPSHOT_NOT_OFFICIAL'],
    [{ by: 'department', under: COUNTY, year: null }, 'SNAPSHOT_NOT_OFFICIAL'],
    [{ by: 'county', under: null, year: 2024 }, 'SNAPSHOT_NOT_OFFICIAL'],
  ] as const)('is not taken of %j', (question, code) =>
    play(async (_ledger, desk) => {
      await expect(
        desk.take({ name: '甲', scope: question, moment: { at: null, asOf: null } }, asking()),
      ).rejects.toMatchObject({ kind: 'input', code });
    }),
  );

  it('has a name of its own', () =>
    play(async (_ledger, desk) => {
      await expect(desk.take({ name: 'a b', scope, moment: { at: null, asOf: null } }, asking())).rejects.toMatchObject(
        { code: 'SNAPSHOT_NAME_INVALID' },
      );
      await expect(desk.read('没有')).rejects.toMatchObject({ kind: 'not-found', code: 'SNAPSHOT_UNKNOWN' });
      await expect(desk.take({ name: '早', scope, moment: { at: 0, asOf: null } }, asking())).rejects.toMatchObject({
        code: 'BEFORE_FIRST_EVENT',
      });
    }));
});
