import { unzipSync } from 'fflate';

import { trace } from '../../../src/audit/lineage/trace';
import { type TraceJson, traceJson } from '../../../src/audit/lineage/trace-answer';
import { balances } from '../../../src/balances/balances';
import type { Moment } from '../../../src/balances/moment-request';
import { measuresJson } from '../../../src/balances/measures';
import type { Ledger } from '../../../src/ledger/ledger';
import { DomainError } from '../../../src/platform/domain-error';
import { ask, COUNTY, line, PROVINCE, VILLAGE } from '../../support/small-ledger';
import { withTemporaryLedger } from '../../support/temporary-ledger';
import {
  codesOf,
  evidenceOf,
  payAndCorrect,
  payForTheRoad,
  playCorrections,
  playTheRoad,
  reverse,
  setBookmark,
  verify,
} from './sample-ledger';

const SCOPES = [
  `division:${PROVINCE}`,
  `division:${COUNTY}`,
  'project:ROAD-1',
  'document:文1',
  'document:下1',
  'document:安1',
  'document:收1',
  'payment:支1',
  'payment:支2',
  'payment:退1',
] as const;

/** What was taken back of the road's money. */
const ROAD_HISTORY = [
  'PaymentExecuted 支3 12.34 红-支3',
  'PaymentReturned 退2 20.00 红-退2',
  'EntryReversed 红-支4 7.00 红-红-支4',
  'EntryReversed 红-安2 9.00 红-红-安2',
] as const;

const CASH_HISTORY = ['CashReceived 到1 70.00 再-到1', 'EntryReversed 红-到1 -70.00 红-红-到1'] as const;

const CORRECTED: readonly (readonly [scope: string, reversed: readonly string[]])[] = [
  ['project:ROAD-1', ROAD_HISTORY],
  ['document:文1', [...ROAD_HISTORY, 'TransferIssued 下2 60.00 红-下2', 'TransferReceived 下2 60.00 红-下2']],
  ['payment:支1', ['PaymentReturned 退2 20.00 红-退2']],
  ['payment:支2', []],
  ['payment:支3', ['PaymentExecuted 支3 12.34 红-支3']],
  ['payment:支4', ['EntryReversed 红-支4 7.00 红-红-支4']],
  ['payment:退2', ['PaymentReturned 退2 20.00 红-退2']],
  ['document:红-支3', ['PaymentExecuted 支3 12.34 红-支3']],
  ['document:红-退2', ['PaymentReturned 退2 20.00 红-退2']],
  ['document:红-支4', ['EntryReversed 红-支4 7.00 红-红-支4']],
  ['document:红-红-支4', ['EntryReversed 红-支4 7.00 红-红-支4']],
  ['document:安2', ['EntryReversed 红-安2 9.00 红-红-安2']],
  ['document:红-安2', ['EntryReversed 红-安2 9.00 红-红-安2']],
  ['document:到1', CASH_HISTORY],
  ['document:红-到1', ['EntryReversed 红-到1 -70.00 红-红-到1']],
  ['document:再-到1', ['CashReceived 到1 70.00 再-到1']],
  ['document:下2', ['TransferIssued 下2 60.00 红-下2']],
  ['document:红-下2', ['TransferIssued 下2 60.00 红-下2', 'TransferReceived 下2 60.00 红-下2']],
];

const NEWEST: Moment = { at: null, asOf: null };

/** A file of a bundle as JSON. */
const json = (archive: Uint8Array, name: string) =>
  JSON.parse(Buffer.from(unzipSync(archive)[name] ?? []).toString('utf8')) as Record<string, unknown>;

type ReversedJson = TraceJson['reversed'][number];

const inShort = ({ type, documentNo, amount, reversalNo }: ReversedJson): string =>
  [type, documentNo, amount, reversalNo].join(' ');

/** The ledger's own answer about a scope; null where it knows of nothing then. */
const traced = (ledger: Ledger, scope: string, moment: Moment): TraceJson | null => {
  const [kind, id = ''] = scope.split(':');
  try {
    const asked = kind === 'project' || kind === 'payment' ? kind : undefined;
    return traceJson(trace(ledger.readModel, { id, kind: asked, moment }));
  } catch (error) {
    if (error instanceof DomainError && error.code === 'TRACE_NOT_FOUND') return null;
    throw error;
  }
};

const nothingThen = (error: unknown): null => {
  if (error instanceof DomainError && error.code === 'EVIDENCE_NOTHING_THEN') return null;
  throw error;
};

interface Row {
  readonly key: string;
  readonly measures: unknown;
}

const rowsOf = (archive: Uint8Array, projection: string): readonly Row[] => {
  const { tables } = json(archive, 'balances.json') as unknown as {
    readonly tables: readonly { readonly projection: string; readonly rows: readonly Row[] }[];
  };
  return tables.find((table) => table.projection === projection)?.rows ?? [];
};

const liveRows = (ledger: Ledger, by: 'project' | 'division' | 'village', moment: Moment, year: number | null = null) =>
  balances(ledger.readModel, { by, under: null, year, ...moment }).rows.map(({ key, measures }) => ({
    key,
    measures: measuresJson(measures),
  }));

describe('evidence', () => {
  it.each(SCOPES)('of %s is verified by its own program', (scope) =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const { archive } = await evidenceOf(ledger, scope);
      const verdict = await verify(ledger, archive);
      expect(verdict.findings).toEqual([]);
      expect(verdict).toMatchObject({ ok: true, keySource: 'given' });
      expect(codesOf(verdict.proven)).toEqual(expect.arrayContaining(['SIGNED', 'INCLUDED', 'STREAMS_WHOLE']));
    }),
  );

  it('holds the balances and the trace that the ledger answers, at any moment', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const head = await ledger.log.head();
      const moments: Moment[] = [NEWEST, { at: head - 2, asOf: null }, { at: null, asOf: '2024-03-31' }];
      for (const moment of moments) {
        const asked = { at: moment.at === null ? null : String(moment.at), asOf: moment.asOf };
        const { archive: project } = await evidenceOf(ledger, 'project:ROAD-1', asked);
        expect(rowsOf(project, 'project-balance')).toEqual(liveRows(ledger, 'project', moment));
        const {
          position: _,
          asOf: __,
          ...answer
        } = traceJson(trace(ledger.readModel, { id: 'ROAD-1', kind: 'project', moment }));
        expect(json(project, 'trace.json')).toEqual(answer);

        const { archive: county } = await evidenceOf(ledger, `division:${COUNTY}`, asked);
        const own = ({ key }: Row): boolean => key === COUNTY;
        expect(rowsOf(county, 'county-balance')).toEqual(liveRows(ledger, 'division', moment).filter(own));
        expect(rowsOf(county, 'village-balance')).toEqual(liveRows(ledger, 'village', moment));
        expect(await verify(ledger, county)).toMatchObject({ ok: true, moment: { asOf: moment.asOf } });

        // What has come to the county is no longer in transit at the province, though the county's pool says so.
        const { archive: province } = await evidenceOf(ledger, `division:${PROVINCE}`, asked);
        const [row] = rowsOf(province, 'county-balance');
        expect(row?.measures).toMatchObject({ transferredOut: '800.00', inTransit: '0.00', available: '200.00' });
        expect(await verify(ledger, province)).toMatchObject({ ok: true });
      }
    }));

  it('tells what one voucher and one document did', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const { archive: voucher } = await evidenceOf(ledger, 'payment:支2');
      expect(rowsOf(voucher, 'project-balance')).toMatchObject([{ key: 'ROAD-1', measures: { paid: '30.00' } }]);
      expect(json(voucher, 'trace.json')).toMatchObject({
        uses: [
          { state: 'paid', voucherNo: '支2', amount: '30.00' },
          { state: 'unspent', amount: '50.00' },
        ],
      });
      const { archive: document } = await evidenceOf(ledger, 'document:文1');
      expect(rowsOf(document, 'county-balance')).toMatchObject([
        { key: PROVINCE, measures: { appropriated: '1000.00', transferredOut: '800.00', available: '200.00' } },
        { key: COUNTY, measures: { transferredIn: '800.00', available: '300.00', paid: '150.00', recalled: '30.00' } },
      ]);
      expect(json(document, 'trace.json')).toMatchObject({
        of: { kind: 'appropriation', id: '文1' },
        sources: [{ documentNo: '文1', departmentCode: 'JT', amount: '1000.00' }],
      });
    }));

  it('finds what an id alone means, and asks where it may mean several things', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      expect(await evidenceOf(ledger, 'ROAD-1')).toMatchObject({ scope: { kind: 'project', id: 'ROAD-1' } });
      expect(await evidenceOf(ledger, '支1')).toMatchObject({ scope: { kind: 'payment', id: '支1' } });
      await payForTheRoad(ledger, '安1', '2024-06-01', '1.00');
      await expect(evidenceOf(ledger, '安1')).rejects.toMatchObject({
        code: 'EVIDENCE_SCOPE_AMBIGUOUS',
        parameters: { kinds: ['document', 'payment'] },
      });
      await expect(evidenceOf(ledger, 'nothing')).rejects.toMatchObject({ code: 'EVIDENCE_SCOPE_UNKNOWN' });
      await expect(evidenceOf(ledger, 'place:1')).rejects.toMatchObject({ code: 'EVIDENCE_SCOPE_INVALID' });
      await expect(evidenceOf(ledger, 'payment:支1', { at: '9' })).rejects.toMatchObject({
        code: 'EVIDENCE_NOTHING_THEN',
      });
      await expect(evidenceOf(ledger, '支1', { at: '999' })).rejects.toMatchObject({ code: 'POSITION_NOT_REACHED' });
      await expect(evidenceOf(ledger, `division:${COUNTY}`, { asOf: '1990-01-01' })).rejects.toMatchObject({
        code: 'DATE_BEFORE_FIRST_EVENT',
      });
    }));

  it('of an entry that was reversed holds nothing any more, also where its own money had gone on before', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const allocate = (allocationNo: string, on: string) =>
        ask(ledger, 'AllocateFunds', on, {
          allocationNo,
          lineSelection: 'fifo',
          lines: [{ ...line('文1', '100.00'), projectCode: 'ROAD-1', place: VILLAGE }],
        });
      const second = await allocate('安2', '2024-06-01');
      await payForTheRoad(ledger, '支3', '2024-06-02', '420.00');
      await allocate('安3', '2024-06-03');
      await reverse(ledger, '红1', '2024-06-04', second);
      const { archive } = await evidenceOf(ledger, 'document:安2');
      expect(json(archive, 'trace.json')).toMatchObject({ sources: [], uses: [] });
      expect((await verify(ledger, archive)).findings).toEqual([]);
    }));

  it.each(['whole', 'extract'] as const)(
    'of a voucher that was reversed and entered again tells what stands (%s)',
    (coverage) =>
      withTemporaryLedger(async (ledger) => {
        await playTheRoad(ledger);
        await payAndCorrect(ledger, '支3', ['12.34', '12.43']);
        const { archive } = await evidenceOf(ledger, 'payment:支3', {}, coverage);
        expect((await verify(ledger, archive)).findings).toEqual([]);
        expect(json(archive, 'trace.json')).toMatchObject({
          sources: [{ documentNo: '文1', departmentCode: 'JT', amount: '12.43' }],
          uses: [{ projectCode: 'ROAD-1', voucherNo: '支3', state: 'paid', amount: '12.43' }],
        });
        expect(json(archive, 'balances.json')).toEqual({
          tables: [
            {
              projection: 'project-balance',
              rows: [{ key: 'ROAD-1', measures: { held: '0.00', paid: '12.43' } }],
            },
          ],
          accounts: [{ quotaLine: '文1/C-JT/ROAD', account: `project:ROAD-1:${VILLAGE}:paid`, amount: '12.43' }],
        });
        // What was reversed is told as history.
        expect((json(archive, 'trace.json')['events'] as readonly string[]).length).toBe(3);
        const { archive: reversal } = await evidenceOf(ledger, 'document:红-支3', {}, coverage);
        expect((await verify(ledger, reversal)).findings).toEqual([]);
      }),
  );

  it.each(SCOPES.filter((scope) => !scope.startsWith('division:')))(
    'traces %s as the ledger itself does, where the streams are whole',
    (scope) =>
      withTemporaryLedger(async (ledger) => {
        await playTheRoad(ledger);
        const { archive } = await evidenceOf(ledger, scope);
        const { position: _, asOf: __, ...answer } = traced(ledger, scope, NEWEST) ?? {};
        expect(json(archive, 'trace.json')).toEqual(answer);
      }),
  );

  it('tells the history of every scope as the ledger does, outside the sums', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      await playCorrections(ledger);
      await ledger.catchUp();
      for (const [scope, expected] of CORRECTED) {
        const answer = traced(ledger, scope, NEWEST);
        expect([scope, answer?.reversed.map(inShort)]).toEqual([scope, expected]);
        for (const coverage of ['whole', 'extract'] as const) {
          const { archive } = await evidenceOf(ledger, scope, {}, coverage);
          const asked = { scope, coverage };
          const { reversed, events } = json(archive, 'trace.json') as unknown as TraceJson;
          expect({ ...asked, reversed }).toEqual({ ...asked, reversed: answer?.reversed });
          if (coverage === 'whole') expect({ ...asked, events }).toEqual({ ...asked, events: answer?.events });
          else expect({ scope, findings: (await verify(ledger, archive)).findings }).toEqual({ scope, findings: [] });
        }
      }
    }));

  it('tells the history that was known at an earlier moment, or on an earlier day', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      await playCorrections(ledger);
      const head = await ledger.log.head();
      for (const scope of ['project:ROAD-1', 'payment:支4', 'document:红-支4', 'document:到1', 'document:下2']) {
        for (const moment of [
          { at: head - 4, asOf: null },
          { at: null, asOf: '2024-06-07' },
        ]) {
          const at = moment.at === null ? null : String(moment.at);
          const bundle = evidenceOf(ledger, scope, { at, asOf: moment.asOf }, 'extract').catch(nothingThen);
          const archive = (await bundle)?.archive;
          const { reversed = [] } = archive === undefined ? {} : (json(archive, 'trace.json') as unknown as TraceJson);
          const then = traced(ledger, scope, moment)?.reversed ?? [];
          expect({ scope, moment, reversed }).toEqual({ scope, moment, reversed: then });
        }
      }
      expect(traced(ledger, 'payment:支4', { at: null, asOf: '2024-06-07' })?.reversed.map(inShort)).toEqual([
        'PaymentExecuted 支4 7.00 红-支4',
      ]);
    }));

  it('of a division tells what was taken back in its pools, and of its transfers', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      await playCorrections(ledger);
      for (const [division, expected] of [
        [PROVINCE, ['TransferIssued 下2 60.00 红-下2', 'TransferReceived 下2 60.00 红-下2']],
        [COUNTY, [...ROAD_HISTORY, 'TransferReceived 下2 60.00 红-下2']],
      ] as const) {
        const { archive } = await evidenceOf(ledger, `division:${division}`);
        expect((await verify(ledger, archive)).findings).toEqual([]);
        const { reversed } = json(archive, 'trace.json') as unknown as { readonly reversed: readonly ReversedJson[] };
        expect(reversed.map(inShort)).toEqual(expected);
      }
    }));

  it('shows people what was reversed in a part of the report by itself, and no such part where nothing was', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const report = async (): Promise<string> => {
        const { archive } = await evidenceOf(ledger, 'project:ROAD-1');
        return Buffer.from(unzipSync(archive)['report.html'] ?? []).toString('utf8');
      };
      expect(await report()).not.toContain('Entries that were reversed');
      await playCorrections(ledger);
      const [, part = ''] = (await report()).split(
        '<h2>已冲销的事项<span lang="en">Entries that were reversed</span></h2>',
      );
      const rows = (part.split('</tbody>')[0] ?? '').match(/<tr><td.*<\/tr>/g) ?? [];
      expect(rows).toHaveLength(ROAD_HISTORY.length);
      expect(rows[0]).toMatch(/2024-06-01.*支付.*支3.*2024-06-02.*红-支3.*12\.34/);
    }));

  it('follows the money of an entry through the pools to which it went on', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const { archive } = await evidenceOf(ledger, 'document:整1');
      expect((await verify(ledger, archive)).findings).toEqual([]);
      expect(json(archive, 'trace.json')).toMatchObject({
        of: { kind: 'event' },
        sources: [{ documentNo: '文1', amount: '1000.00' }],
        uses: [
          { division: PROVINCE, state: 'available', amount: '200.00' },
          { division: COUNTY, state: 'available', amount: '300.00' },
          { state: 'paid', voucherNo: '支1', amount: '120.00' },
          { state: 'paid', voucherNo: '支2', amount: '30.00' },
          { state: 'recalled', amount: '30.00' },
          { state: 'unspent', amount: '320.00' },
        ],
      });
      const { archive: extract } = await evidenceOf(ledger, 'document:整1', {}, 'extract');
      expect(json(extract, 'trace.json')).toMatchObject({
        uses: [{ division: PROVINCE, state: 'available', amount: '1000.00' }],
      });
      expect(codesOf((await verify(ledger, extract)).notProven)).toContain('FOLLOWED');
    }));

  it('names where the money came from, pool by pool back to the appropriation, in names that people know', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const { archive } = await evidenceOf(ledger, 'project:ROAD-1');
      const files = unzipSync(archive);
      const types = Buffer.from(files['events.jsonl'] ?? [])
        .toString('utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly stream: string; readonly type: string })
        .filter(({ stream }) => stream === `pool-${PROVINCE}-2024`)
        .map(({ type }) => type);
      expect(types).toEqual(['FundsAppropriated', 'TransferIssued']);
      const report = Buffer.from(files['report.html'] ?? []).toString('utf8');
      const names = [
        '通村路',
        '官中村',
        '交通运输厅',
        '四好农村路',
        '民和回族土族自治县',
        '500.00',
        '支1',
        '民和县公路养护公司',
      ];
      expect(names.filter((name) => !report.includes(name))).toEqual([]);
      expect(report).not.toMatch(/<script|https?:/);
    }));

  it('proves the end of a stream by the event that came next, and says where it cannot', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const head = String(await ledger.log.head());
      const { archive: early } = await evidenceOf(ledger, 'project:ROAD-1', { at: head });
      const stated = await verify(ledger, early);
      expect(codesOf(stated.notProven)).toContain('STREAM_ENDS');
      expect(codesOf(stated.proven)).not.toContain('STREAM_ENDS');
    }));

  it('proves it where the checkpoint came after another payment', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const head = String(await ledger.log.head());
      await payForTheRoad(ledger, '支3', '2024-06-01', '1.00');
      await ledger.checkpoints.make();
      const verdict = await verify(ledger, (await evidenceOf(ledger, 'project:ROAD-1', { at: head })).archive);
      expect(verdict.findings).toEqual([]);
      const ends = verdict.proven.find(({ code }) => code === 'STREAM_ENDS');
      expect(ends?.en).toContain(`pool-${COUNTY}-2024`);
    }));

  it('carries the bookmark that names the moment, with its proof', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      await setBookmark(ledger, '一季度末', { asOf: '2024-03-31' });
      await payForTheRoad(ledger, '支3', '2024-06-01', '1.00');
      const { archive } = await evidenceOf(ledger, 'project:ROAD-1', { at: '一季度末' });
      expect(rowsOf(archive, 'project-balance')).toMatchObject([
        { key: 'ROAD-1', measures: { allocated: '500.00', paid: '120.00' } },
      ]);
      const verdict = await verify(ledger, archive);
      expect(verdict.findings).toEqual([]);
      expect(verdict.moment).toMatchObject({ asOf: '2024-03-31', bookmark: { name: '一季度末' } });
    }));

  it('leaves the others’ entries out of an extract, and says that completeness is not proven', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const whole = await evidenceOf(ledger, 'payment:支1');
      const extract = await evidenceOf(ledger, 'payment:支1', {}, 'extract');
      expect(Buffer.from(unzipSync(whole.archive)['events.jsonl'] ?? []).toString('utf8')).toContain('"支2"');
      expect(Buffer.from(unzipSync(extract.archive)['events.jsonl'] ?? []).toString('utf8')).not.toContain('"支2"');
      const verdict = await verify(ledger, extract.archive);
      expect(verdict.findings).toEqual([]);
      expect(codesOf(verdict.notProven)).toContain('COMPLETENESS');
      expect(codesOf(verdict.proven)).not.toContain('STREAMS_WHOLE');
    }));

  it('gives the same bytes again after more was recorded and more checkpoints were made', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      await setBookmark(ledger, '年中');
      const first = await evidenceOf(ledger, `division:${COUNTY}`, { at: '年中' });
      await payForTheRoad(ledger, '支3', '2024-06-01', '1.00');
      await ledger.checkpoints.make();
      await payForTheRoad(ledger, '支4', '2024-06-02', '1.00');
      await ledger.checkpoints.make();
      const again = await evidenceOf(ledger, `division:${COUNTY}`, { at: '年中' });
      expect(again.checkpoint.size).toBe(first.checkpoint.size);
      expect(Buffer.from(again.archive).equals(Buffer.from(first.archive))).toBe(true);
    }));

  it('names the place in the village’s own name', () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const { archive } = await evidenceOf(ledger, `division:${COUNTY}`);
      expect(rowsOf(archive, 'village-balance').map(({ key }) => key)).toEqual([VILLAGE]);
    }));
});
