import fc from 'fast-check';

import { fenFromYuan } from '../../src/money/fen';
import { poolKind } from '../../src/pool/pool';
import { stillOut } from '../../src/pool/payment';
import { projectAccount } from '../../src/pool/account';
import { POOL_DECISIONS } from '../../src/ledger/pool-decisions';
import { reversalOf } from './support/any-history';
import {
  allocated,
  appropriated,
  type Command,
  command,
  given,
  integrated,
  OTHER_VILLAGE,
  paymentLine,
  PoolInHand,
  recorded,
  VILLAGE,
  yuan,
} from './support/pool-specification';

const LINE = '文1/C-ANY/ROAD';
const named = (amount: string, lineNo?: string) => ({
  documentNo: '文1',
  channelCode: 'C-ANY',
  purposeCode: 'ROAD',
  amount: yuan(amount),
  ...(lineNo === undefined ? {} : { lineNo }),
});
const placed = (amount: string, lineNo?: string) => ({
  ...named(amount, lineNo),
  projectCode: 'ROAD-1',
  place: VILLAGE,
});

const road = [
  appropriated('文1', 'ROAD', '1000.00'),
  integrated('文1', 'ROAD', '900.00'),
  allocated('ROAD-1', '文1', 'ROAD', '500.00'),
];
const pilot = [
  appropriated('文1', 'ROAD', '1000.00'),
  integrated('文1', 'ROAD', '900.00', '2024-01-20', 'C-ANY', 'PILOT_INTEGRATION'),
];

const payment = (voucherNo: string, lines: readonly ReturnType<typeof placed>[], effectiveOn = '2024-03-01'): Command =>
  command('RecordPayment', {
    effectiveOn,
    voucherNo,
    payee: '某施工队',
    lineSelection: 'fifo',
    requestedBy: null,
    approvedBy: null,
    lines,
  });

const returned = (
  voucherNo: string,
  originalVoucherNo: string,
  lines: readonly ReturnType<typeof paymentLine>[] = [],
  effectiveOn = '2024-03-10',
): Command => command('ReturnPayment', { effectiveOn, voucherNo, originalVoucherNo, payee: '某施工队', lines });

/** Every command whose document has lines, made of the lines that are given; and what has to happen before. */
const DOCUMENTS: Readonly<
  Record<string, readonly [before: readonly Command[], of: (...lines: ReturnType<typeof named>[]) => Command]>
> = {
  AppropriateFunds: [
    [],
    (...lines) =>
      command('AppropriateFunds', {
        effectiveOn: '2024-03-01',
        documentNo: '文9',
        lines: lines.map(({ documentNo: _, ...line }) => ({ ...line, parentDocumentNo: null })),
      }),
  ],
  RecordCash: [road, (...lines) => command('RecordCash', { effectiveOn: '2024-03-01', receiptNo: '到1', lines })],
  IntegrateFunds: [
    road,
    (...lines) =>
      command('IntegrateFunds', {
        effectiveOn: '2024-03-01',
        integrationNo: '整9',
        integrationRegime: 'BUNDLING_UNCHANGED',
        lines,
      }),
  ],
  TransferFunds: [
    road,
    (...lines) =>
      command('TransferFunds', {
        effectiveOn: '2024-03-01',
        transferNo: '下1',
        lines: lines.map((line) => ({ ...line, toDivision: VILLAGE, integrated: true })),
      }),
  ],
  AllocateFunds: [
    road,
    (...lines) =>
      command('AllocateFunds', {
        effectiveOn: '2024-03-01',
        allocationNo: '安9',
        lineSelection: 'fifo',
        lines: lines.map((line) => ({ ...line, projectCode: 'ROAD-1', place: VILLAGE })),
      }),
  ],
  ReallocateFunds: [
    road,
    (...lines) =>
      command('ReallocateFunds', {
        effectiveOn: '2024-03-01',
        reallocationNo: '调1',
        lines: lines.map((line) => ({ ...line, fromProject: 'ROAD-1', fromPlace: VILLAGE, to: null })),
      }),
  ],
  RepurposeFunds: [
    pilot,
    (...lines) =>
      command('RepurposeFunds', {
        effectiveOn: '2024-03-01',
        approvalNo: '批1',
        lines: lines.map((line) => ({ ...line, toPurposeCode: 'TOILET' })),
      }),
  ],
  RequestPayment: [
    road,
    (...lines) =>
      command('RequestPayment', {
        effectiveOn: '2024-03-01',
        voucherNo: '支9',
        payee: '某施工队',
        lineSelection: 'fifo',
        requestedBy: '张三',
        repaysVoucherNo: null,
        lines: lines.map((line) => ({ ...line, projectCode: 'ROAD-1', place: VILLAGE })),
      }),
  ],
  RecordPayment: [
    road,
    (...lines) =>
      payment(
        '支9',
        lines.map((line) => ({ ...line, projectCode: 'ROAD-1', place: VILLAGE })),
      ),
  ],
  ReturnPayment: [
    [...road, payment('支1', [placed('50.00')])],
    (...lines) =>
      returned(
        '退9',
        '支1',
        lines.map((line) => ({ ...line, projectCode: 'ROAD-1', place: VILLAGE })),
      ),
  ],
  RecallFunds: [
    road,
    (...lines) =>
      command('RecallFunds', {
        effectiveOn: '2024-03-01',
        recallNo: '收1',
        recalledTo: null,
        lines: lines.map((line) => ({ ...line, from: null })),
      }),
  ],
};

/** What an event says of amounts: movements, receipts or authorities. */
const amountsOf = (data: object): readonly string[] =>
  Object.entries(data).flatMap(([field, items]) =>
    ['movements', 'receipts', 'authorities'].includes(field)
      ? (items as readonly { readonly amount: string }[]).map(({ amount }) => amount)
      : [],
  );

describe('what one document says twice', () => {
  for (const [name, [before, of]] of Object.entries(DOCUMENTS)) {
    it(`${name}: two equal lines are asked about`, () =>
      given(...before)
        .when(of(named('10.00'), named('5.00'), named('10.00')))
        .thenRejected('ROW_TWICE', { first: 0, second: 2 }));

    it(`${name}: lines of the same money are one amount, also equal ones that a line number tells apart`, () => {
      for (const lines of [
        [named('10.00'), named('5.00'), named('15.00')],
        [named('10.00', '1'), named('10.00', '2'), named('10.00')],
      ]) {
        const hand = new PoolInHand();
        for (const each of before) hand.apply(each);
        const [event, ...more] = hand.apply(of(...lines));
        expect(more).toEqual([]);
        expect(amountsOf(event?.data ?? {})).toEqual(['30.00']);
      }
    });

    it(`${name}: a line number is no part of what a document says`, () => {
      const hand = new PoolInHand();
      for (const each of before) hand.apply(each);
      hand.apply(of(named('10.00'), named('5.00')));
      expect(hand.decide(of(named('10.00', '1'), named('5.00', '2'))).events).toEqual([]);
    });

    if (name !== 'ReturnPayment') {
      it(`${name}: a document without a line is none`, () =>
        given(...before)
          .when(of())
          .thenRejected('LINES_MISSING'));
    }
  }

  it('every command that has lines is tried here', () => {
    const withoutLines = [
      'ReceiveTransfer',
      'DeclineTaking',
      'ApprovePayment',
      'ExecutePayment',
      'CancelPayment',
      'CarryOverFunds',
      'ReceiveCarryOver',
      'ReverseEntry',
      'CloseMonth',
      'CloseYear',
      'RequestReopening',
      'ApproveReopening',
    ];
    expect(Object.keys(POOL_DECISIONS).sort()).toEqual([...Object.keys(DOCUMENTS), ...withoutLines].sort());
  });

  it('two lines that come to the same quota line, one by name and one as the oldest, are one part of the payment', () => {
    const hand = new PoolInHand();
    for (const each of road) hand.apply(each);
    const [event] = hand.apply(payment('支1', [placed('10.00'), { ...placed('10.00'), documentNo: null as never }]));
    expect(event?.data).toMatchObject({ movements: [{ quotaLine: LINE, amount: '20.00' }] });
  });

  it('parcels of a transfer to two takers stay apart', () => {
    const hand = new PoolInHand();
    for (const each of road) hand.apply(each);
    const parcels = hand.apply(
      command('TransferFunds', {
        effectiveOn: '2024-03-01',
        transferNo: '下1',
        lines: [VILLAGE, OTHER_VILLAGE].map((toDivision) => ({ ...named('10.00'), toDivision, integrated: true })),
      }),
    );
    expect(parcels.map(({ data }) => amountsOf(data))).toEqual([['10.00'], ['10.00']]);
  });

  it('one line cannot have two parents', () =>
    given()
      .when(
        command('AppropriateFunds', {
          effectiveOn: '2024-03-01',
          documentNo: '文9',
          lines: ['上1', '上2'].map((parentDocumentNo) => ({
            parentDocumentNo,
            channelCode: 'C-ANY',
            purposeCode: 'ROAD',
            amount: yuan('1.00'),
          })),
        }),
      )
      .thenRejected('DOCUMENT_INCONSISTENT'));
});

describe('a return never exceeds what its payment still has out', () => {
  const others = recorded('别1', paymentLine('ROAD-1', '文1', 'ROAD', '100.00'), '2024-02-20');

  it('when all of it comes back, once', () =>
    given(...road, others, payment('支1', [placed('10.00', '1'), placed('10.00', '2')]), returned('退1', '支1'))
      .when(returned('退2', '支1'))
      .thenRejected('NOTHING_TO_RETURN', { voucherNo: '支1' }));

  it('in a log whose payment names the same part in two movements', () => {
    const hand = new PoolInHand();
    for (const each of [...road, others]) hand.apply(each);
    const [stored] = hand.apply(payment('支1', [placed('20.00')]));
    if (stored === undefined) throw new Error('nothing was paid');
    const half = {
      quotaLine: LINE,
      from: projectAccount('ROAD-1', VILLAGE, 'available'),
      to: projectAccount('ROAD-1', VILLAGE, 'paid'),
      amount: '10.00',
    };
    const old = [...hand.events.slice(0, -1), { ...stored, data: { ...stored.data, movements: [half, half] } }];
    const pool = old.reduce((state, event) => poolKind.evolve(state, event as never), poolKind.initial(hand.stream));
    expect(pool.payments.get('支1')?.parts.map((part) => stillOut(part, '2024-03-01'))).toEqual([fenFromYuan('20.00')]);
  });

  it('on a day before it was paid', () =>
    given(...road, others, payment('支1', [placed('10.00')], '2024-03-05'))
      .when(returned('退1', '支1', [], '2024-03-04'))
      .thenRejected('BEFORE_PAYMENT_STEP', { steppedOn: '2024-03-05' }));

  it('on a day between a return and its reversal', () => {
    const hand = new PoolInHand();
    for (const each of [...road, others, payment('支1', [placed('10.00')])]) hand.apply(each);
    const [back] = hand.apply(returned('退1', '支1', [paymentLine('ROAD-1', '文1', 'ROAD', '7.00')], '2024-03-10'));
    if (back === undefined) throw new Error('nothing came back');
    hand.apply(reversalOf(back, '红1', '2024-03-20'));
    const again = (on: string, amount: string) =>
      hand.try(returned(`退-${on}-${amount}`, '支1', [paymentLine('ROAD-1', '文1', 'ROAD', amount)], on));
    expect(again('2024-03-15', '4.00')).toBe('RETURN_EXCEEDS_PAYMENT');
    expect(again('2024-03-20', '10.00')).toBeNull();
  });

  it('by however many returns and reversals, on any day', () => {
    const amount = fc.integer({ min: 1, max: 1500 }).map((value) => (value / 100).toFixed(2));
    const day = fc.integer({ min: 1, max: 28 }).map((date) => `2024-03-${String(date).padStart(2, '0')}`);
    const move = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('back' as const), amount: fc.option(amount), day }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('reverse' as const), which: fc.nat(9), day }) },
    );
    let cameBack = 0;
    fc.assert(
      fc.property(fc.array(move, { maxLength: 12 }), (moves) => {
        const hand = new PoolInHand();
        for (const each of [...road, others, payment('支1', [placed('10.00')], '2024-03-03')]) hand.apply(each);
        for (const [serial, each] of moves.entries()) {
          const backs = hand.events.filter(({ type }) => type === 'PaymentReturned');
          if (each.kind === 'back') {
            const lines = each.amount === null ? [] : [paymentLine('ROAD-1', '文1', 'ROAD', each.amount)];
            hand.try(returned(`退${serial}`, '支1', lines, each.day));
          } else if (backs.length > 0) {
            const original = backs[each.which % backs.length];
            if (original !== undefined) hand.try(reversalOf(original, `红${serial}`, each.day));
          }
        }
        // Summed by hand: on no day has more come back than was paid.
        const changes = hand.events.flatMap((event) => {
          const sign = event.type === 'PaymentReturned' ? 1 : event.type === 'EntryReversed' ? -1 : 0;
          if (sign === 0 || !('movements' in event.data)) return [];
          return event.data.movements.map((each) => ({ on: event.effectiveOn, fen: sign * fenFromYuan(each.amount) }));
        });
        for (const { on } of changes) {
          const back = changes.filter((each) => each.on <= on).reduce((sum, each) => sum + each.fen, 0);
          expect(back).toBeGreaterThanOrEqual(0);
          expect(back).toBeLessThanOrEqual(fenFromYuan('10.00'));
        }
        cameBack += changes.length;
      }),
      { numRuns: 200, seed: 20240310 },
    );
    expect(cameBack).toBeGreaterThan(100);
  });

  it('and no step of a payment is dated before the one that it follows', () => {
    const hand = new PoolInHand();
    const ask = (DOCUMENTS['RequestPayment'] as (typeof DOCUMENTS)[string])[1];
    for (const each of [...road, ask(named('10.00'))]) hand.apply(each);
    const approve = (effectiveOn: string) =>
      hand.try(command('ApprovePayment', { effectiveOn, voucherNo: '支9', approvedBy: '李四' }));
    const execute = (effectiveOn: string) => hand.try(command('ExecutePayment', { effectiveOn, voucherNo: '支9' }));
    expect(approve('2024-02-29')).toBe('BEFORE_PAYMENT_STEP');
    expect(approve('2024-03-02')).toBeNull();
    expect(execute('2024-03-01')).toBe('BEFORE_PAYMENT_STEP');
    expect(hand.try(command('CancelPayment', { effectiveOn: '2024-03-01', voucherNo: '支9', reason: '撤' }))).toBe(
      'BEFORE_PAYMENT_STEP',
    );
    expect(execute('2024-03-02')).toBeNull();
  });
});

describe('money that stays where it is, for what it is for', () => {
  it('is not reallocated', () =>
    given(...road)
      .when(
        command('ReallocateFunds', {
          effectiveOn: '2024-03-01',
          reallocationNo: '调1',
          lines: [
            {
              ...named('1.00'),
              fromProject: 'ROAD-1',
              fromPlace: VILLAGE,
              to: { projectCode: 'ROAD-1', place: VILLAGE },
            },
          ],
        }),
      )
      .thenRejected('SAME_PLACE'));

  for (const [purposeCode, toPurposeCode] of [
    ['ROAD', 'ROAD'],
    ['INFRA', 'ROAD'],
  ] as const) {
    it(`is not repurposed from ${purposeCode} to ${toPurposeCode}`, () =>
      given(
        appropriated('文1', purposeCode, '10.00'),
        integrated('文1', purposeCode, '10.00', '2024-01-20', 'C-ANY', 'PILOT_INTEGRATION'),
      )
        .when(
          command('RepurposeFunds', {
            effectiveOn: '2024-03-01',
            approvalNo: '批1',
            lines: [{ ...named('1.00'), purposeCode, toPurposeCode }],
          }),
        )
        .thenRejected('SAME_PURPOSE'));
  }
});
