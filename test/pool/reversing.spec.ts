import type { PoolCommandName, PoolCommands } from '../../src/ledger/pool-decisions';
import type { PoolFacts } from '../../src/pool/pool-facts';
import { reversalOf } from './support/any-history';
import {
  allocated,
  appropriated,
  type Command,
  command,
  COUNTY,
  integrated,
  paymentLine,
  paymentsOf,
  PoolInHand,
  recorded,
  requested,
  VILLAGE,
  world,
  YEAR,
  yuan,
} from './support/pool-specification';

const ROAD_LINE = { documentNo: '文1', channelCode: 'C-ANY', purposeCode: 'ROAD', amount: yuan('50.00') } as const;
const AT_ROAD = { projectCode: 'ROAD-1', place: VILLAGE } as const;

const road = [
  appropriated('文1', 'ROAD', '1000.00'),
  integrated('文1', 'ROAD', '1000.00'),
  allocated('ROAD-1', '文1', 'ROAD', '600.00'),
];
const pilot = [
  appropriated('文3', 'TOILET', '200.00'),
  integrated('文3', 'TOILET', '100.00', '2024-01-20', 'C-ANY', 'PILOT_INTEGRATION'),
];
const repurposed = command('RepurposeFunds', {
  effectiveOn: '2024-01-25',
  approvalNo: '批1',
  lines: [{ ...ROAD_LINE, documentNo: '文3', purposeCode: 'TOILET', amount: yuan('80.00'), toPurposeCode: 'ROAD' }],
});
const cash = (amount: string): Command =>
  command('RecordCash', {
    effectiveOn: '2024-02-15',
    receiptNo: '到1',
    lines: [{ documentNo: '文4', channelCode: 'C-CASH', purposeCode: 'ROAD', amount: yuan(amount) }],
  });
const cashLine = [
  appropriated('文4', 'ROAD', '100.00', '2024-01-10', 'C-CASH'),
  integrated('文4', 'ROAD', '100.00', '2024-01-20', 'C-CASH'),
  allocated('ROAD-1', '文4', 'ROAD', '100.00', '2024-02-01', { channelCode: 'C-CASH' }),
];
const ask = requested('支1', paymentLine('ROAD-1', '文1', 'ROAD', '100.00'));
const agree = command('ApprovePayment', { effectiveOn: '2024-03-02', voucherNo: '支1', approvedBy: '李四' });
const payOut = command('ExecutePayment', { effectiveOn: '2024-03-03', voucherNo: '支1' });
const comeBack = command('ReturnPayment', {
  effectiveOn: '2024-03-10',
  voucherNo: '退1',
  originalVoucherNo: '支1',
  payee: '某施工队',
  lines: [],
});
const cancel = command('CancelPayment', { effectiveOn: '2024-03-05', voucherNo: '支1', reason: '撤' });
const issued: PoolCommands['ReceiveTransfer']['issued'] = {
  documentNo: '省下1',
  toDivision: '630222',
  toFiscalYear: 2024,
  integrated: true,
  sentLines: [],
  movements: [
    {
      quotaLine: '文1/C-ANY/ROAD' as never,
      from: 'pool:63:2024:available' as never,
      to: 'transit:省下1' as never,
      amount: '5.00',
    },
  ],
};

/** What comes before, and the entry. */
const ENTRIES: { readonly [Name in PoolCommandName]?: readonly (readonly [readonly Command[], Command])[] } = {
  AppropriateFunds: [[[], appropriated('文1', 'ROAD', '1000.00')]],
  RecordCash: [[cashLine, cash('60.00')]],
  IntegrateFunds: [
    [[appropriated('文1', 'ROAD', '1000.00')], integrated('文1', 'ROAD', '400.00')],
    [
      [appropriated('文3', 'TOILET', '200.00')],
      integrated('文3', 'TOILET', '100.00', '2024-01-20', 'C-ANY', 'PILOT_INTEGRATION'),
    ],
  ],
  TransferFunds: [
    [
      road,
      command('TransferFunds', {
        effectiveOn: '2024-02-02',
        transferNo: '下1',
        lines: [{ ...ROAD_LINE, toDivision: VILLAGE, integrated: true }],
      }),
    ],
  ],
  ReceiveTransfer: [
    [
      road,
      command('ReceiveTransfer', {
        effectiveOn: '2024-02-02',
        transferEventId: '6f1e0f6e-0000-5000-8000-000000000000',
        fromDivision: '63',
        fromFiscalYear: 2024,
        issued,
      }),
    ],
  ],
  AllocateFunds: [
    [road.slice(0, 2), allocated('ROAD-1', '文1', 'ROAD', '600.00')],
    [[...pilot, repurposed], allocated('ROAD-1', '文3', 'TOILET', '70.00')],
  ],
  ReallocateFunds: [
    [
      road,
      command('ReallocateFunds', {
        effectiveOn: '2024-05-01',
        reallocationNo: '调1',
        lines: [{ ...ROAD_LINE, fromProject: 'ROAD-1', fromPlace: VILLAGE, to: null }],
      }),
    ],
  ],
  RepurposeFunds: [[pilot, repurposed]],
  RequestPayment: [[road, ask]],
  ApprovePayment: [[[...road, ask], agree]],
  ExecutePayment: [[[...road, ask, agree], payOut]],
  RecordPayment: [
    [road, recorded('支1', paymentLine('ROAD-1', '文1', 'ROAD', '100.00'))],
    [[...cashLine, cash('60.00')], recorded('支1', paymentLine('ROAD-1', '文4', 'ROAD', '60.00', VILLAGE, 'C-CASH'))],
  ],
  CancelPayment: [
    [[...road, ask], cancel],
    [[...road, ask, agree], cancel],
  ],
  ReturnPayment: [[[...road, ask, agree, payOut], comeBack]],
  RecallFunds: [
    [
      road,
      command('RecallFunds', {
        effectiveOn: '2024-12-01',
        recallNo: '收1',
        recalledTo: null,
        lines: [{ ...ROAD_LINE, from: AT_ROAD }],
      }),
    ],
  ],
  CarryOverFunds: [
    [
      [...road, ...cashLine, cash('60.00')],
      command('CarryOverFunds', { effectiveOn: '2024-12-31', carryOverNo: '结1', toFiscalYear: 2025 }),
    ],
  ],
  ReceiveCarryOver: [
    [
      [...road, ...cashLine],
      command('ReceiveCarryOver', {
        effectiveOn: '2024-12-31',
        carryOverEventId: '6f1e0f6e-0000-5000-8000-000000000001',
        fromFiscalYear: 2023,
        carried: {
          documentNo: '结0',
          toFiscalYear: 2024,
          sentLines: [],
          cash: [{ quotaLine: '文4/C-CASH/ROAD' as never, amount: '7.00' }],
          movements: [
            {
              quotaLine: '文1/C-ANY/ROAD' as never,
              from: 'pool:630222:2023:available' as never,
              to: 'carried:630222:2023' as never,
              amount: '7.00',
            },
          ],
        },
      }),
    ],
  ],
};

const handAfter = (commands: readonly Command[]): PoolInHand => {
  const hand = new PoolInHand();
  for (const each of commands) hand.apply(each);
  return hand;
};

/** Every balance of the pool on the last day, and how far each payment is. */
const stateOf = (hand: PoolInHand) => ({
  balances: [...hand.pool.lines.keys()]
    .flatMap((line) => [
      ...hand.pool.accounts
        .accountsOf(line)
        .map((account) => [line, account, hand.pool.accounts.latest(line, account)] as const),
      ...hand.pool.sides.accountsOf(line).map((side) => [line, side, hand.pool.sides.latest(line, side)] as const),
    ])
    .filter(([, , balance]) => balance !== 0),
  payments: paymentsOf(hand),
});

describe('reversing 红字冲销 every kind of entry', () => {
  for (const [name, cases] of Object.entries(ENTRIES)) {
    cases.forEach(([before, entry], index) => {
      it(`${name} ${index + 1}: cites it, leads back to where it was, once, and frees its number`, () => {
        const hand = handAfter(before);
        const was = stateOf(hand);
        const [original] = hand.apply(entry);
        if (original === undefined) throw new Error('nothing to reverse');
        expect(stateOf(hand)).not.toEqual(was);
        const [reversal] = hand.apply(reversalOf(original, '红1', original.effectiveOn));
        expect(reversal).toMatchObject({
          type: 'EntryReversed',
          data: {
            reversedEventId: original.id,
            reversedType: original.type,
            reversedDocumentNo: original.data.documentNo,
          },
        });
        expect(stateOf(hand)).toEqual(was);
        expect(hand.try(reversalOf(original, '红2', '2024-12-31'))).toBe('REVERSED_ALREADY');
        // Taken back on its own day, it can be entered again on that day.
        expect(hand.try(entry)).toBeNull();
      });

      it(`${name} ${index + 1}: stands again, whole, when its reversal is reversed, however often`, () => {
        const hand = handAfter(before);
        const was = stateOf(hand);
        const [original] = hand.apply(entry);
        if (original === undefined) throw new Error('nothing to reverse');
        const on = original.effectiveOn;
        const stands = stateOf(hand);
        let newest = original;
        for (const [turn, reversalNo] of ['红1', '红2', '红3', '红4', '红5', '红6'].entries()) {
          const [next] = hand.apply(reversalOf(newest, reversalNo, on));
          if (next === undefined) throw new Error(`${reversalNo} is not recorded`);
          const isRestored = turn % 2 === 1;
          expect(next).toMatchObject({
            type: 'EntryReversed',
            data: {
              // What takes the entry back names it, whichever of its reversals was asked for.
              reversedEventId: isRestored ? newest.id : original.id,
              reversedType: original.type,
              reversedDocumentNo: original.data.documentNo,
              reversedEffectiveOn: on,
            },
          });
          expect((next.data as { restoredEventId?: string }).restoredEventId).toBe(
            isRestored ? original.id : undefined,
          );
          expect(stateOf(hand)).toEqual(isRestored ? stands : was);
          expect(hand.try(reversalOf(newest, '红9', on))).toBe('REVERSED_ALREADY');
          newest = next;
        }
        // It stands: by itself it can be taken back, as before.
        expect(hand.try(reversalOf(original, '红7', on))).toBeNull();
        expect(stateOf(hand)).toEqual(was);
      });

      it(`${name} ${index + 1}: neither stands again before it had gone back, nor goes back before it stood again`, () => {
        const hand = handAfter(before);
        const [original] = hand.apply(entry);
        if (original === undefined) throw new Error('nothing to reverse');
        const [reversal] = hand.apply(reversalOf(original, '红1', '2025-01-10'));
        if (reversal === undefined) throw new Error('nothing to take back');
        expect(hand.try(reversalOf(reversal, '红2', '2025-01-09'))).toBe('REVERSED_BEFORE_ENTRY');
        expect(hand.try(reversalOf(reversal, '红2', '2025-01-20'))).toBeNull();
        expect(hand.try(reversalOf(original, '红3', '2025-01-19'))).toBe('REVERSED_BEFORE_ENTRY');
        expect(hand.try(reversalOf(original, '红3', '2025-01-20'))).toBeNull();
      });

      it(`${name} ${index + 1}: not on a day before its own`, () => {
        const hand = handAfter(before);
        const [original] = hand.apply(entry);
        if (original === undefined) throw new Error('nothing to reverse');
        expect(hand.try(reversalOf(original, '红1', '2024-01-01'))).toBe('REVERSED_BEFORE_ENTRY');
      });
    });
  }
});

it('takes no event of another pool for an entry of its own', () => {
  const hand = handAfter([]);
  const [original] = hand.apply(appropriated('文1', 'ROAD', '1000.00'));
  if (original === undefined) throw new Error('nothing to reverse');
  const foreign = { ...original, stream: 'pool-63-2024' };
  expect(() => hand.try(reversalOf(foreign, '红1', '2024-12-31'))).toThrow('is of pool-63-2024');
});

describe('what was built on an entry keeps it', () => {
  const refusal = (before: readonly Command[], entry: Command, after: readonly Command[]): string | null => {
    const hand = handAfter(before);
    const [original] = hand.apply(entry);
    if (original === undefined) throw new Error('nothing to reverse');
    for (const each of after) hand.apply(each);
    return hand.try(reversalOf(original, '红1', '2024-12-31'));
  };

  it('money that was used', () =>
    expect(refusal([], appropriated('文1', 'ROAD', '1000.00'), [integrated('文1', 'ROAD', '1.00')])).toBe('OVERDRAFT'));

  it('money that was used on a later day only', () =>
    expect(
      refusal(road.slice(0, 1), integrated('文1', 'ROAD', '1000.00'), [
        allocated('ROAD-1', '文1', 'ROAD', '1.00', '2025-01-15'),
      ]),
    ).toBe('OVERDRAFT'));

  it('cash that pays for something', () =>
    expect(
      refusal(cashLine, cash('60.00'), [
        recorded('支1', paymentLine('ROAD-1', '文4', 'ROAD', '60.00', VILLAGE, 'C-CASH')),
      ]),
    ).toBe('OVERDRAFT'));

  it('an authority that was used, and a pilot integration that was repurposed', () => {
    expect(refusal(pilot, repurposed, [allocated('ROAD-1', '文3', 'TOILET', '1.00')])).toBe('OVERDRAFT');
    expect(refusal(pilot.slice(0, 1), pilot[1] as Command, [repurposed])).toBe('OVERDRAFT');
  });

  it('a step of a payment with a step after it', () => {
    expect(refusal(road, ask, [agree])).toBe('PAYMENT_STATE');
    expect(refusal(road, ask, [cancel])).toBe('PAYMENT_STATE');
    expect(refusal([...road, ask], agree, [payOut])).toBe('PAYMENT_STATE');
    expect(refusal([...road, ask], agree, [cancel])).toBe('PAYMENT_STATE');
    expect(refusal([...road, ask, agree], payOut, [comeBack])).toBe('NOT_REVERSIBLE');
  });

  it('a closing', () => {
    const closed = command('CloseMonth', { effectiveOn: '2024-02-01', closingNo: '月结1', month: '2024-01' });
    expect(refusal([], closed, [])).toBe('NOT_REVERSIBLE');
  });
});

describe('what was reversed does not stand again', () => {
  /** Code of the refusal when the newest reversal is taken back after all this, recorded by the registers as they are then. */
  const refusal = (
    before: readonly Command[],
    entry: Command,
    after: (reversal: PoolInHand['events'][number], hand: PoolInHand) => readonly Command[],
    facts: () => PoolFacts = () => world,
  ): string | null => {
    const registers = new Proxy(world, { get: (_, name) => facts()[name as keyof PoolFacts] });
    const hand = new PoolInHand(COUNTY, YEAR, registers);
    for (const each of before) hand.apply(each);
    const [original] = hand.apply(entry);
    if (original === undefined) throw new Error('nothing to reverse');
    const [reversal] = hand.apply(reversalOf(original, '红1', '2024-12-01'));
    if (reversal === undefined) throw new Error('nothing to take back');
    for (const each of after(reversal, hand)) hand.apply(each);
    const state = stateOf(hand);
    const code = hand.try(reversalOf(reversal, '红2', '2024-12-31'));
    if (code !== null) expect(stateOf(hand)).toEqual(state);
    return code;
  };
  const paid = recorded('支1', paymentLine('ROAD-1', '文1', 'ROAD', '100.00'));
  const other = recorded('支1', paymentLine('ROAD-1', '文1', 'ROAD', '70.00'));
  const rebooked = (given: Command): Command =>
    ({ ...given, content: { ...given.content, rebooks: '红1' } }) as unknown as Command;

  it.each([
    [
      'allocation',
      road.slice(0, 2),
      allocated('ROAD-1', '文1', 'ROAD', '300.00', '2024-02-01', { allocationNo: '安1' }),
      allocated('ROAD-1', '文1', 'ROAD', '5.00', '2024-02-03', { allocationNo: '安1' }),
    ],
    ['payment', road, paid, other],
    ['request', road, ask, requested('支1', paymentLine('ROAD-1', '文1', 'ROAD', '1.00'), '2024-03-09')],
  ])('where its number stands for another %s, which goes first', (_name, before, entry, otherEntry) => {
    expect(refusal(before, entry, () => [otherEntry])).toBe('DUPLICATE_DOCUMENT');
    expect(refusal(before, entry, () => [rebooked(entry)])).toBe('DUPLICATE_DOCUMENT');
    const freed = (_: unknown, hand: PoolInHand): readonly Command[] => {
      const [standing] = hand.apply(otherEntry);
      return standing === undefined ? [] : [reversalOf(standing, '红8', '2024-12-02')];
    };
    expect(refusal(before, entry, freed)).toBeNull();
  });

  it('and is told which document has the number', () => {
    const hand = handAfter([...road, paid]);
    const [reversal] = hand.apply(reversalOf(hand.events.at(-1) as never, '红1', '2024-12-01'));
    hand.apply(rebooked(paid));
    expect(() => hand.apply(reversalOf(reversal as never, '红2', '2024-12-31'))).toThrow(
      '文号 支1 在冲销 红1 之后已由 2024-03-01 的另一笔（重记 红1）占用',
    );
  });

  it('by a number that a reversal had which was taken back, the entry is reversed once more', () => {
    const hand = handAfter([...road, paid]);
    const payment = hand.events.at(-1) as PoolInHand['events'][number];
    const [reversal] = hand.apply(reversalOf(payment, '红1', '2024-12-01'));
    hand.apply(reversalOf(reversal as never, '红2', '2024-12-31'));
    expect(hand.decide(reversalOf(payment, '红1', '2024-12-01')).events).toEqual([]);
    expect(hand.try(reversalOf(payment, '红2', '2025-01-02'))).toBe('DUPLICATE_DOCUMENT');
    expect(hand.try(reversalOf(payment, '红1', '2025-01-02'))).toBeNull();
  });

  it('entered again, the same is unchanged while it stands', () => {
    const hand = handAfter([...road, paid]);
    const [reversal] = hand.apply(reversalOf(hand.events.at(-1) as never, '红1', '2024-12-01'));
    hand.apply(reversalOf(reversal as never, '红2', '2024-12-31'));
    expect(hand.decide(paid).events).toEqual([]);
    expect(hand.decide(rebooked(paid)).events).toEqual([]);
    expect(hand.try(other)).toBe('DUPLICATE_DOCUMENT');
  });

  it('a step of a payment of which there is another now', () => {
    const afresh = requested('支1', paymentLine('ROAD-1', '文1', 'ROAD', '1.00'), '2024-03-09');
    const agreed = command('ApprovePayment', { effectiveOn: '2024-12-03', voucherNo: '支1', approvedBy: '李四' });
    const anew = (_: unknown, hand: PoolInHand): readonly Command[] => {
      const asked = hand.events.find(({ type }) => type === 'PaymentRequested');
      return [reversalOf(asked as never, '红9', '2024-12-02'), afresh];
    };
    expect(refusal([...road, ask], agree, anew)).toBe('DUPLICATE_DOCUMENT');
    expect(refusal([...road, ask, agree], cancel, () => [])).toBeNull();
    // Steps follow one another: not again what was made again, or what was built on.
    expect(refusal([...road, ask], agree, () => [agreed])).toBe('PAYMENT_STATE');
    expect(
      refusal([...road, ask, agree], payOut, () => [
        command('CancelPayment', { effectiveOn: '2024-12-04', voucherNo: '支1', reason: '撤' }),
      ]),
    ).toBe('PAYMENT_STATE');
  });

  it('a return of what has come back otherwise', () =>
    expect(
      refusal([...road, ask, agree, payOut], comeBack, () => [
        command('ReturnPayment', {
          effectiveOn: '2024-12-02',
          voucherNo: '退2',
          originalVoucherNo: '支1',
          payee: '某施工队',
          lines: [paymentLine('ROAD-1', '文1', 'ROAD', '0.01')],
        }),
      ]),
    ).toBe('RETURN_EXCEEDS_PAYMENT'));

  it('money, cash and authorities that others have used meanwhile', () => {
    const allocatedAgain = allocated('ROAD-1', '文1', 'ROAD', '400.01', '2024-12-02');
    expect(refusal(road.slice(0, 2), road[2] as Command, () => [allocatedAgain])).toBe('OVERDRAFT');
    const alsoRepurposed = command('RepurposeFunds', {
      effectiveOn: '2024-12-02',
      approvalNo: '批2',
      lines: [{ ...ROAD_LINE, documentNo: '文3', purposeCode: 'TOILET', amount: yuan('20.01'), toPurposeCode: 'ROAD' }],
    });
    expect(refusal(pilot, repurposed, () => [alsoRepurposed])).toBe('OVERDRAFT');
    const viaAuthority = allocated('ROAD-1', '文3', 'TOILET', '70.00');
    expect(
      refusal([...pilot, repurposed], viaAuthority, () => [
        allocated('ROAD-1', '文3', 'TOILET', '10.01', '2024-12-02'),
      ]),
    ).toBe('OVERDRAFT');
    const viaCash = recorded('支1', paymentLine('ROAD-1', '文4', 'ROAD', '60.00', VILLAGE, 'C-CASH'));
    expect(
      refusal([...cashLine, cash('60.00')], viaCash, () => [
        recorded('支2', paymentLine('ROAD-1', '文4', 'ROAD', '0.01', VILLAGE, 'C-CASH'), '2024-12-02'),
      ]),
    ).toBe('CASH_NOT_RECEIVED');
  });

  it('in a closed month or on a day that has not come', () => {
    const close = command('CloseMonth', { effectiveOn: '2025-01-05', closingNo: '月结1', month: '2024-12' });
    expect(refusal(road, paid, () => [close])).toBe('PERIOD_CLOSED');
    const hand = handAfter([...road, paid]);
    const [reversal] = hand.apply(reversalOf(hand.events.at(-1) as never, '红1', '2024-12-01'));
    hand.today = '2024-12-30';
    expect(hand.try(reversalOf(reversal as never, '红2', '2024-12-31'))).toBe('DATE_IN_FUTURE');
  });

  it('against registers that were changed while it was out', () => {
    /** The world until the entry is taken back, and another afterwards. */
    const changed = (change: Partial<PoolFacts>, before: readonly Command[], entry: Command): string | null => {
      let facts: PoolFacts = world;
      const after = (): readonly Command[] => {
        facts = { ...world, ...change };
        return [];
      };
      return refusal(before, entry, after, () => facts);
    };
    const project = (code: string) => {
      const known = world.project(code);
      return known === undefined ? undefined : { ...known, purposeCode: 'WATER' };
    };
    const channel = (by: object) => (code: string, on: string) => {
      const known = world.channel(code, on);
      return known === undefined ? undefined : { ...known, ...by };
    };
    const appropriation = appropriated('文1', 'ROAD', '1000.00');
    expect(changed({ project }, road.slice(0, 2), road[2] as Command)).toBe('PURPOSE_CHANGED');
    expect(changed({ project }, [...pilot, repurposed], allocated('ROAD-1', '文3', 'TOILET', '70.00'))).toBe(
      'PURPOSE_CHANGED',
    );
    expect(changed({ project: () => undefined }, road.slice(0, 2), road[2] as Command)).toBe('UNKNOWN_PROJECT');
    expect(changed({ channel: channel({ allowedPurposes: ['WATER'] }) }, [], appropriation)).toBe(
      'PURPOSE_NOT_ALLOWED',
    );
    expect(changed({ channel: channel({ departmentCode: 'D-2' }) }, [], appropriation)).toBe('CHANNEL_NOT_AS_ISSUED');
    expect(changed({ channel: channel({ cashRequired: true }) }, [], appropriation)).toBe('CHANNEL_NOT_AS_ISSUED');
    expect(changed({ channel: () => undefined }, [], appropriation)).toBe('UNKNOWN_CHANNEL');
    expect(changed({ hasDivision: (code) => code !== COUNTY }, [], appropriation)).toBe('UNKNOWN_DIVISION');
    const isThere = (code: string): boolean => code !== VILLAGE;
    expect(changed({ hasDivision: isThere }, road.slice(0, 2), road[2] as Command)).toBe('UNKNOWN_DIVISION');
    expect(changed({ hasDivision: isThere }, road, paid)).toBe('UNKNOWN_DIVISION');
    expect(changed({ hasPurpose: (code) => code !== 'ROAD' }, pilot, repurposed)).toBe('UNKNOWN_PURPOSE');
  });
});
