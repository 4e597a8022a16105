import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import type { LedgerEvent } from '../../src/event-log/event';
import { readEvent } from '../../src/event-log/upcasting';
import { Ledger } from '../../src/ledger/ledger';
import { MOST_FEN } from '../../src/money/amount-text';
import { fen, type Fen, fenFromYuan, yuanFromFen } from '../../src/money/fen';
import { DomainError } from '../../src/platform/domain-error';
import type { PoolEvent } from '../../src/pool/pool-event';
import { MOST_OF_POOL } from '../../src/pool/pool-limits';
import { failuresOf, runCliHere } from '../support/run-cli-here';
import { ask, COUNTY, PROVINCE, registerSmallWorld, request, VILLAGE } from '../support/small-ledger';

/*
 * Whatever the desk accepts, near every limit, every reader holds: the read model, one that is built anew, verify, replay,
 * balances by every dimension, traces, and evidence of every scope.
 */

const NEAR: readonly number[] = [MOST_FEN, MOST_FEN - 1, MOST_FEN, MOST_FEN / 2, 1, 2];
const DIVISIONS = [PROVINCE, COUNTY];
const DATES = ['2024-01-10', '2024-02-29', '2024-06-30'];
const PLACE = { projectCode: 'ROAD-1', place: VILLAGE };
const BY = ['department', 'division', 'county', 'village', 'project', 'channel', 'line', 'document'];
const RUNS = 3;
const TIMEOUT_MS = 600_000;

type Choices = readonly number[];

const history = fc.array(fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99)), { minLength: 40, maxLength: 70 });

/** One command, each of its parts a choice; how the desk judges it is not foreseen. */
const tryOne = async (ledger: Ledger, number: number, choices: Choices): Promise<void> => {
  const pick = <Item>(items: readonly Item[], choice: number): Item => items[choice % items.length] as Item;
  const [what = 0, amountChoice = 0, where = 0, when = 0] = choices;
  const amount = fen(pick(NEAR, amountChoice));
  const division = pick(DIVISIONS, where);
  const on = pick(DATES, when);
  const documentNo = `文${1 + (where % 3)}`;
  const line = { documentNo, channelCode: 'C-JT', purposeCode: 'ROAD', amount };
  const of = { division };
  const many = Array.from({ length: 1 + (when % 11) }, (_, index) => ({ ...line, lineNo: String(index) }));
  const attempts: readonly (() => Promise<unknown>)[] = [
    () =>
      ask(
        ledger,
        'AppropriateFunds',
        on,
        { documentNo: `文${number}`, lines: many.map((each) => ({ ...each, parentDocumentNo: null })) },
        of,
      ),
    () => ask(ledger, 'AppropriateFunds', on, { documentNo, lines: [{ ...line, parentDocumentNo: null }] }, of),
    () => ask(ledger, 'RecordCash', on, { receiptNo: `到${number}`, lines: [line] }, of),
    () =>
      ask(
        ledger,
        'IntegrateFunds',
        on,
        { integrationNo: `整${number}`, integrationRegime: 'PILOT_INTEGRATION', lines: [line] },
        of,
      ),
    () =>
      ask(
        ledger,
        'TransferFunds',
        on,
        { transferNo: `下${number}`, lines: [{ ...line, toDivision: COUNTY, integrated: when % 2 === 0 }] },
        { division: PROVINCE },
      ),
    () =>
      ask(ledger, 'AllocateFunds', on, {
        allocationNo: `安${number}`,
        lineSelection: 'fifo',
        lines: [{ ...line, ...PLACE }],
      }),
    () =>
      ask(ledger, 'RecordPayment', on, {
        voucherNo: `支${number}`,
        payee: '养护公司',
        requestedBy: null,
        approvedBy: null,
        lineSelection: 'fifo',
        lines: [{ ...line, ...PLACE }],
      }),
    () =>
      ask(ledger, 'RecallFunds', on, { recallNo: `收${number}`, recalledTo: null, lines: [{ ...line, from: null }] }),
    () => reverseSome(ledger, division, number, amountChoice),
  ];
  try {
    await pick(attempts, what)();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
};

const reverseSome = async (ledger: Ledger, division: string, number: number, choice: number): Promise<void> => {
  const events = await ledger.log.readStream(`pool-${division}-2024`, 0, 1000);
  const stored = events[choice % Math.max(1, events.length)];
  if (stored === undefined) return;
  await ask(
    ledger,
    'ReverseEntry',
    '2024-07-01',
    {
      reversalNo: `冲${number}`,
      reason: '单位有误',
      original: readEvent(stored) as LedgerEvent<PoolEvent['type'], PoolEvent['data']>,
      followsTaker: false,
    },
    { division },
  );
};

const inDirectory = async (work: (directory: string) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-accepted-'));
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const play = async (directory: string, work: (ledger: Ledger) => Promise<void>): Promise<void> => {
  const ledger = await Ledger.open({ dataDir: directory, eventLog: `sqlite:${join(directory, 'log.sqlite')}` });
  try {
    await registerSmallWorld(ledger);
    await work(ledger);
  } finally {
    await ledger.close();
  }
};

/** Every reader by its command; each ends as one that has nothing to say against the ledger. */
const expectReadable = async (directory: string, scopes: readonly string[]): Promise<void> => {
  const commands = [
    ['rebuild'],
    ['verify'],
    ['replay'],
    ...BY.map((by) => ['balances', '--by', by]),
    ...BY.map((by) => ['balances', '--by', by, '--as-of', '2024-03-31']),
    ['diff', '--from', '2024-01-31', '--to', '2024-06-30', '--by', 'department'],
    ['history', 'JT', '--by', 'department'],
    ['provenance', '--by', 'department', '--key', 'JT', '--measure', 'appropriated'],
    ...scopes.flatMap((scope) => {
      const [, id = ''] = scope.split(':');
      const file = join(directory, `${scope.replace(':', '-')}.zip`);
      return [
        ...(scope.startsWith('division:')
          ? []
          : [
              ['trace', id],
              ['trace', id, '--mermaid'],
            ]),
        ['evidence', 'export', '--scope', scope, '--output', file],
        ['evidence', 'verify', file],
      ];
    }),
  ];
  expect(await failuresOf(commands, directory)).toEqual([]);
};

describe('whatever the desk accepts', () => {
  it(
    'every reader holds, though amounts lie near every limit',
    () =>
      fc.assert(
        fc.asyncProperty(history, (steps) =>
          inDirectory(async (directory) => {
            let documents: readonly string[] = [];
            await play(directory, async (ledger) => {
              for (const [index, choices] of steps.entries()) await tryOne(ledger, index + 10, choices);
              await ledger.catchUp();
              documents = ledger.readModel
                .read((snapshot) =>
                  snapshot.all<readonly [string, string]>(
                    `SELECT event.document_no, event_type.name FROM event JOIN event_type ON event_type.id = event.type
                      WHERE event.document_no IS NOT NULL AND event.movements > 0 AND event_type.name <> 'EntryReversed'
                      GROUP BY event_type.name`,
                  ),
                )
                .map(([number, type]) => `${type.startsWith('Payment') ? 'payment' : 'document'}:${number}`);
            });
            await expectReadable(directory, [...documents, `division:${PROVINCE}`, `division:${COUNTY}`]);
          }),
        ),
        { numRuns: RUNS, endOnFailure: true },
      ),
    TIMEOUT_MS,
  );

  it(
    'is summed over any number of pools that are full',
    () =>
      inDirectory(async (directory) => {
        const pools = 12;
        const whole: Fen = MOST_OF_POOL;
        await play(directory, async (ledger) => {
          for (let year = 2013; year < 2013 + pools; year += 1) {
            for (let part = 0; part < 10; part += 1) {
              await ledger.desk.pool(
                'AppropriateFunds',
                {
                  division: COUNTY,
                  fiscalYear: year,
                  effectiveOn: `${year}-03-01`,
                  documentNo: part === 0 ? '文1' : `文${year}-${part}`,
                  lines: [
                    {
                      parentDocumentNo: null,
                      channelCode: 'C-JT',
                      purposeCode: 'ROAD',
                      amount: fen(MOST_FEN),
                    },
                  ],
                },
                request(),
              );
            }
          }
          await ledger.catchUp();
        });
        const total = `${(BigInt(whole) * BigInt(pools)) / 100n}.00`;
        expect(total).toBe('120000000000000.00');
        for (const by of ['department', 'county', 'channel']) {
          const { stdout } = await runCliHere('--data', directory, '--json', 'balances', '--by', by);
          expect(JSON.parse(stdout)).toMatchObject({
            rows: [{ measures: { appropriated: total, unintegrated: total, paid: '0.00' } }],
            total: { appropriated: total, unintegrated: total },
          });
        }
        const traced = await runCliHere('--data', directory, '--json', 'trace', '文1');
        const ofDocument = yuanFromFen(fen(MOST_FEN * pools));
        expect(JSON.parse(traced.stdout)).toMatchObject({
          sources: [{ amount: ofDocument }],
          uses: [{ amount: ofDocument }],
        });
        expect(fenFromYuan(ofDocument)).toBe(MOST_FEN * pools);
        await expectReadable(directory, ['document:文1', `division:${COUNTY}`]);
      }),
    TIMEOUT_MS,
  );
});
