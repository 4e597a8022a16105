import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import type { Finding, VoucherCode } from '../../../src/audit/proofs/finding';
import { VoucherCheck } from '../../../src/audit/proofs/voucher-check';
import { compareWithLive } from '../../../src/audit/replay/live-comparison';
import { replay } from '../../../src/audit/replay/replay';
import type { LedgerEvent } from '../../../src/event-log/event';
import { readEvent } from '../../../src/event-log/upcasting';
import type { Movement } from '../../../src/pool/account';
import type { PoolEvent, TransferIssued } from '../../../src/pool/pool-event';
import { ProjectionRunner } from '../../../src/projecting/projection-runner';
import { ArrayLog } from '../../projecting/array-log';
import { history, movementsOf, played, reversalOf } from '../../pool/support/any-history';
import {
  allocated,
  appropriated,
  command,
  COUNTY,
  integrated,
  VILLAGE,
  paymentLine,
  PoolInHand,
  recorded,
  requested,
  yuan,
} from '../../pool/support/pool-specification';

type Event = LedgerEvent<PoolEvent['type'], PoolEvent['data']>;

const findingsIn = (events: readonly LedgerEvent[]): Promise<readonly Finding[]> => {
  const log = new ArrayLog();
  const check = new VoucherCheck(100);
  for (const event of events) check.take(readEvent(log.add(event)));
  return check.finish(log);
};
const codesOf = async (events: readonly LedgerEvent[]): Promise<readonly VoucherCode[]> => [
  ...new Set((await findingsIn(events)).map(({ code }) => code as VoucherCode)),
];

const LINE = paymentLine('ROAD-1', '文1', 'ROAD', '10.00');
const later = (voucherNo: string, effectiveOn = '2024-03-02') => ({ voucherNo, effectiveOn });
const comesBack = (voucherNo: string, originalVoucherNo: string, amounts: readonly string[], on = '2024-03-20') =>
  command('ReturnPayment', {
    ...later(voucherNo, on),
    originalVoucherNo,
    payee: '某施工队',
    lines: amounts.map((amount) => paymentLine('ROAD-1', '文1', 'ROAD', amount)),
  });

/** Payments in all their ways, reversals, a transfer and a carry-over that were taken in. */
const valid = (): readonly Event[] => {
  const county = new PoolInHand();
  county.apply(appropriated('文1', 'ROAD', '500.00'));
  county.apply(integrated('文1', 'ROAD', '400.00'));
  county.apply(allocated('ROAD-1', '文1', 'ROAD', '200.00'));
  county.apply(requested('支1', LINE));
  county.apply(command('ApprovePayment', { ...later('支1'), approvedBy: '李四' }));
  county.apply(command('ExecutePayment', later('支1')));
  county.apply(recorded('支2', LINE, '2024-03-03'));
  county.apply(comesBack('退1', '支1', ['4.00']));
  const [back] = county.apply(comesBack('退2', '支1', ['6.00']));
  county.apply(reversalOf(back as Event, '红1', '2024-03-21'));
  county.apply(comesBack('退3', '支1', ['5.00'], '2024-03-22'));
  county.apply(requested('支3', LINE, '2024-03-04'));
  const [cancelled] = county.apply(command('CancelPayment', { ...later('支3', '2024-03-05'), reason: '撤' }));
  county.apply(reversalOf(cancelled as Event, '红2', '2024-03-06'));
  county.apply(command('ApprovePayment', { ...later('支3', '2024-03-07'), approvedBy: '李四' }));
  const [paid] = county.apply(command('ExecutePayment', later('支3', '2024-03-08')));
  county.apply(reversalOf(paid as Event, '红3', '2024-03-09'));
  county.apply(command('ExecutePayment', later('支3', '2024-03-10')));
  // Whole, a step and a return: taken back, and standing again.
  const standsAgain = (entry: Event | undefined, number: string, on: string): void => {
    const [reversal] = county.apply(reversalOf(entry as Event, `红${number}`, on));
    county.apply(reversalOf(reversal as Event, `复${number}`, on));
  };
  standsAgain(county.apply(recorded('支4', LINE, '2024-03-11'))[0], '4', '2024-03-12');
  standsAgain(county.apply(requested('支5', LINE, '2024-03-11'))[0], '5', '2024-03-12');
  const [agreed] = county.apply(command('ApprovePayment', { ...later('支5', '2024-03-13'), approvedBy: '李四' }));
  standsAgain(agreed, '6', '2024-03-13');
  standsAgain(county.apply(command('ExecutePayment', later('支5', '2024-03-14')))[0], '7', '2024-03-14');
  standsAgain(county.apply(comesBack('退5', '支5', ['10.00']))[0], '8', '2024-03-21');
  const [issued] = county.apply(
    command('TransferFunds', {
      effectiveOn: '2024-04-01',
      transferNo: '下1',
      lines: [
        {
          documentNo: '文1',
          channelCode: 'C-ANY',
          purposeCode: 'ROAD',
          amount: yuan('30.00'),
          toDivision: VILLAGE,
          integrated: true,
        },
      ],
    }),
  );
  const [carried] = county.apply(
    command('CarryOverFunds', { effectiveOn: '2024-12-31', carryOverNo: '结1', toFiscalYear: 2025 }),
  );
  const taker = new PoolInHand(VILLAGE);
  taker.apply(takingOf(issued as Event));
  const next = new PoolInHand(COUNTY, 2025);
  next.apply(
    command('ReceiveCarryOver', {
      effectiveOn: '2024-12-31',
      carryOverEventId: (carried as Event).id,
      fromFiscalYear: 2024,
      carried: (carried as Event).data as Extract<PoolEvent, { type: 'FundsCarriedOver' }>['data'],
    }),
  );
  return [...county.events, ...named(taker, 'taker'), ...named(next, 'next')];
};

const takingOf = ({ id, data }: Event) =>
  command('ReceiveTransfer', {
    effectiveOn: '2024-04-01',
    transferEventId: id,
    fromDivision: COUNTY,
    fromFiscalYear: 2024,
    issued: data as TransferIssued['data'],
  });

/** Pools in hand count their events each from the first one on. */
const named = ({ events }: PoolInHand, name: string): readonly Event[] =>
  events.map((event) => ({ ...event, id: `${name}-${event.id}` }));

const placeOf = (events: readonly Event[], type: PoolEvent['type'], documentNo: string): number => {
  const place = events.findIndex((event) => event.type === type && event.data.documentNo === documentNo);
  if (place < 0) throw new Error(`no ${type} ${documentNo}`);
  return place;
};

type Forgery = (events: readonly Event[]) => readonly LedgerEvent[];

const changed =
  (type: PoolEvent['type'], documentNo: string, change: (data: PoolEvent['data']) => object): Forgery =>
  (events) => {
    const place = placeOf(events, type, documentNo);
    const event = events[place] as Event;
    return [...events].map((each, index): LedgerEvent =>
      index === place ? { ...event, data: change(event.data) } : each,
    );
  };
const moving = (change: (movement: Movement) => object) => (data: PoolEvent['data']) => ({
  ...data,
  movements: movementsOf(data).map((movement) => ({ ...movement, ...change(movement) })),
});
const amount = (text: string) => moving(() => ({ amount: text }));
const without =
  (type: PoolEvent['type'], documentNo: string): Forgery =>
  (events) =>
    events.toSpliced(placeOf(events, type, documentNo), 1);
const again =
  (type: PoolEvent['type'], documentNo: string, data: object = {}): Forgery =>
  (events) => {
    const event = events[placeOf(events, type, documentNo)] as Event;
    return [...events, { ...event, id: 'again', data: { ...event.data, ...data } }];
  };

const FORGERIES: readonly (readonly [string, Forgery, VoucherCode])[] = [
  ['a return of more than was paid', changed('PaymentReturned', '退1', amount('10.01')), 'RETURN_EXCEEDS_PAYMENT'],
  ['returns that together are more', changed('PaymentReturned', '退3', amount('6.01')), 'RETURN_EXCEEDS_PAYMENT'],
  ['the same return once more', again('PaymentReturned', '退3', { documentNo: '退4' }), 'RETURN_EXCEEDS_PAYMENT'],
  [
    'a return out of another place',
    changed(
      'PaymentReturned',
      '退1',
      moving(({ from, to }) => ({
        from: from.replace(/:\d{12}:/, ':630222103201:'),
        to: to.replace(/:\d{12}:/, ':630222103201:'),
      })),
    ),
    'RETURN_EXCEEDS_PAYMENT',
  ],
  [
    'a return of another line',
    changed(
      'PaymentReturned',
      '退1',
      moving(() => ({ quotaLine: '文2/C-ANY/ROAD' })),
    ),
    'RETURN_EXCEEDS_PAYMENT',
  ],
  [
    'a return of no payment',
    changed('PaymentReturned', '退1', (data) => ({ ...data, originalVoucherNo: '支9' })),
    'PAYMENT_OUT_OF_ORDER',
  ],
  ['more executed than requested', changed('PaymentExecuted', '支1', amount('10.01')), 'PAYMENT_DIFFERS'],
  ['less cancelled than requested', changed('PaymentCancelled', '支3', amount('9.99')), 'PAYMENT_DIFFERS'],
  ['an approval without a request', without('PaymentRequested', '支1'), 'PAYMENT_OUT_OF_ORDER'],
  ['an execution without an approval', without('PaymentApproved', '支1'), 'PAYMENT_OUT_OF_ORDER'],
  ['an approval after the payment', again('PaymentApproved', '支1'), 'PAYMENT_OUT_OF_ORDER'],
  ['a payment executed twice', again('PaymentExecuted', '支1'), 'PAYMENT_OUT_OF_ORDER'],
  ['a reversal of another amount', changed('EntryReversed', '红1', amount('6.01')), 'REVERSAL_DIFFERS'],
  [
    'a reversal in the same direction',
    changed(
      'EntryReversed',
      '红1',
      moving(({ from, to }) => ({ from: to, to: from })),
    ),
    'REVERSAL_DIFFERS',
  ],
  [
    'a reversal that moves nothing',
    changed('EntryReversed', '红1', (data) => ({ ...data, movements: [] })),
    'REVERSAL_DIFFERS',
  ],
  [
    'a reversal that says another kind',
    changed('EntryReversed', '红1', (data) => ({ ...data, reversedType: 'FundsRecalled' })),
    'REVERSAL_DIFFERS',
  ],
  [
    'a reversal of an event of no pool',
    changed('EntryReversed', '红1', (data) => ({ ...data, reversedEventId: 'elsewhere' })),
    'REVERSAL_DIFFERS',
  ],
  ['a second reversal', again('EntryReversed', '红1', { documentNo: '红9' }), 'REVERSED_TWICE'],
  ['what stands again with another amount', changed('EntryReversed', '复4', amount('10.01')), 'REVERSAL_DIFFERS'],
  [
    'what stands again as another entry',
    changed('EntryReversed', '复4', (data) => ({ ...data, restoredEventId: 'event-0' })),
    'REVERSAL_DIFFERS',
  ],
  [
    'what stands again as another kind',
    changed('EntryReversed', '复4', (data) => ({ ...data, reversedType: 'PaymentRequested' })),
    'REVERSAL_DIFFERS',
  ],
  [
    'an entry that is taken back by what would make it stand',
    changed('EntryReversed', '复4', ({ ...data }) => ({ ...data, restoredEventId: undefined })),
    'REVERSAL_DIFFERS',
  ],
  ['a reversal taken back twice', again('EntryReversed', '复4', { documentNo: '复9' }), 'REVERSED_TWICE'],
  [
    'a return that stands again twice',
    again('EntryReversed', '复8', { reversedEventId: 'x' }),
    'RETURN_EXCEEDS_PAYMENT',
  ],
  ['a payment that comes back after it was taken back', without('EntryReversed', '复7'), 'PAYMENT_OUT_OF_ORDER'],
  ['more taken in than issued', changed('TransferReceived', '下1', amount('30.01')), 'TAKEN_IN_DIFFERS'],
  [
    'another line taken in',
    changed(
      'TransferReceived',
      '下1',
      moving(() => ({ quotaLine: '文2/C-ANY/ROAD' })),
    ),
    'TAKEN_IN_DIFFERS',
  ],
  ['a transfer that nobody issued', without('TransferIssued', '下1'), 'TAKEN_IN_DIFFERS'],
  ['a transfer taken in twice', again('TransferReceived', '下1'), 'TAKEN_IN_TWICE'],
  [
    'a transfer that another pool takes in',
    changed('TransferIssued', '下1', (data) => ({ ...data, toDivision: '630225' })),
    'TAKEN_IN_DIFFERS',
  ],
  ['less carried over than left', changed('CarryOverReceived', '结1', amount('0.01')), 'TAKEN_IN_DIFFERS'],
  ['a carry-over that nobody made', without('FundsCarriedOver', '结1'), 'TAKEN_IN_DIFFERS'],
  ['a carry-over taken in twice', again('CarryOverReceived', '结1'), 'TAKEN_IN_TWICE'],
];

it('finds nothing in a ledger that the desk made', async () => {
  expect(await findingsIn(valid())).toEqual([]);
});

it.each(FORGERIES)('finds %s', async (_, forge, code) => {
  const forged = forge(valid());
  const found = await findingsIn(forged);
  expect(found.map((each) => each.code)).toContain(code);
  for (const { position, message, messageEn } of found) {
    expect(forged[(position ?? 0) - 1]).toBeDefined();
    expect(message).not.toBe(messageEn);
  }
});

it('sums what an old log says of one part in two movements, and finds that more of it came back', async () => {
  const halves = (data: PoolEvent['data']) => ({
    ...data,
    movements: movementsOf(data).flatMap((movement) => [
      { ...movement, amount: '5.00' },
      { ...movement, amount: '5.00' },
    ]),
  });
  const old = changed('PaymentExecuted', '支1', halves)(valid()) as readonly Event[];
  expect(await codesOf(old)).toEqual([]);
  expect(await codesOf(changed('PaymentReturned', '退3', amount('6.01'))(old))).toEqual(['RETURN_EXCEEDS_PAYMENT']);
});

it('finds nothing in any history that the desk accepts', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (moves) => {
      const { events } = played(moves);
      // What arrives from above was issued there; a single pool in hand has no such stream beside it.
      const issued = events
        .filter(({ type }) => type === 'TransferReceived')
        .map((taking, index): LedgerEvent => {
          const { transferEventId, documentNo } = taking.data as Extract<
            PoolEvent,
            { type: 'TransferReceived' }
          >['data'];
          const movements = movementsOf(taking.data).map(({ from, ...rest }) => ({
            ...rest,
            from: 'source:S',
            to: from,
          }));
          const data = { documentNo, toDivision: COUNTY, toFiscalYear: 2024, movements };
          return {
            ...taking,
            stream: 'pool-63-2024',
            revision: index,
            id: transferEventId,
            type: 'TransferIssued',
            data,
          };
        });
      expect(await findingsIn([...issued, ...events])).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

it('is a part of every replay and of every comparison with the tables, which are not to blame', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'yichi-vouchers-'));
  const log = new ArrayLog();
  for (const event of changed('EntryReversed', '红1', amount('5.99'))(valid())) log.add(event);
  const live = new ProjectionRunner({ dataDirectory: folder, log });
  try {
    await live.catchUp();
    const expected = expect.objectContaining({ code: 'REVERSAL_DIFFERS', position: 10 });
    expect(await compareWithLive({ log, live })).toEqual([expected]);
    expect((await replay({ log, live, to: null })).findings).toEqual([expected]);
    expect((await replay({ log, live, to: 9 })).findings).toEqual([]);
  } finally {
    live.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
