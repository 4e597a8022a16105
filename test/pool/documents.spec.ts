import { reversalOf } from './support/any-history';
import {
  allocated,
  appropriated,
  type Command,
  command,
  given,
  integrated,
  paymentLine,
  PoolInHand,
  recorded,
  requested,
  VILLAGE,
  yuan,
} from './support/pool-specification';

const road = [
  appropriated('文1', 'ROAD', '1000.00'),
  integrated('文1', 'ROAD', '900.00'),
  allocated('ROAD-1', '文1', 'ROAD', '500.00'),
];
const line = { documentNo: '文1', channelCode: 'C-ANY', purposeCode: 'ROAD' };
const pay = (amount: string) => paymentLine('ROAD-1', '文1', 'ROAD', amount);

/** A document of each kind under one number, of an amount and on a day. */
const DOCUMENTS: Readonly<Record<string, (amount: string, effectiveOn: string) => Command>> = {
  AppropriateFunds: (amount, on) => appropriated('号', 'ROAD', amount, on),
  RecordCash: (amount, effectiveOn) =>
    command('RecordCash', { effectiveOn, receiptNo: '号', lines: [{ ...line, amount: yuan(amount) }] }),
  IntegrateFunds: (amount, effectiveOn) =>
    command('IntegrateFunds', {
      effectiveOn,
      integrationNo: '号',
      integrationRegime: 'BUNDLING_UNCHANGED',
      lines: [{ ...line, amount: yuan(amount) }],
    }),
  TransferFunds: (amount, effectiveOn) =>
    command('TransferFunds', {
      effectiveOn,
      transferNo: '号',
      lines: [{ ...line, amount: yuan(amount), toDivision: VILLAGE, integrated: true }],
    }),
  AllocateFunds: (amount, on) => allocated('ROAD-1', '文1', 'ROAD', amount, on, { allocationNo: '号' }),
  ReallocateFunds: (amount, effectiveOn) =>
    command('ReallocateFunds', {
      effectiveOn,
      reallocationNo: '号',
      lines: [{ ...line, amount: yuan(amount), fromProject: 'ROAD-1', fromPlace: VILLAGE, to: null }],
    }),
  RequestPayment: (amount, on) => requested('号', pay(amount), on),
  RecordPayment: (amount, on) => recorded('号', pay(amount), on),
  ReturnPayment: (amount, effectiveOn) =>
    command('ReturnPayment', {
      effectiveOn,
      voucherNo: '号',
      originalVoucherNo: '支0',
      payee: '某施工队',
      lines: [pay(amount)],
    }),
  RecallFunds: (amount, effectiveOn) =>
    command('RecallFunds', {
      effectiveOn,
      recallNo: '号',
      recalledTo: null,
      lines: [{ ...line, amount: yuan(amount), from: null }],
    }),
};

const rebooking = (document: Command, rebooks: string): Command =>
  ({ ...document, content: { ...document.content, rebooks } }) as unknown as Command;

const before = [...road, recorded('支0', pay('100.00'), '2024-02-02')];

const handWith = (...commands: readonly Command[]): PoolInHand => {
  const hand = new PoolInHand();
  for (const each of [...before, ...commands]) hand.apply(each);
  return hand;
};

describe('a document’s number stands once in its ledger', () => {
  for (const [name, of] of Object.entries(DOCUMENTS)) {
    it(`${name}: again it changes nothing, on another date it is refused with the date under which it stands`, () => {
      given(...before, of('10.00', '2024-03-05'))
        .when(of('10.00', '2024-03-05'))
        .thenNothing();
      given(...before, of('10.00', '2024-03-05'))
        .when(of('10.00', '2024-03-06'))
        .thenRejected('DUPLICATE_DOCUMENT', { on: '2024-03-05', asked: '2024-03-06' });
      given(...before, of('10.00', '2024-03-05'))
        .when(of('11.00', '2024-03-05'))
        .thenRejected('DUPLICATE_DOCUMENT', { on: '2024-03-05' });
    });

    it(`${name}: reversed, the same changes nothing, other content is taken, and 重记 enters the same again, once`, () => {
      const hand = handWith();
      const [original] = hand.apply(of('10.00', '2024-03-05'));
      if (original === undefined) throw new Error('nothing was entered');
      hand.apply(reversalOf(original, '红1', '2024-03-07'));
      const same = of('10.00', '2024-03-05');
      expect(hand.apply(same)).toEqual([]);
      expect(hand.try(rebooking(same, '红9'))).toBe('REBOOKS_UNKNOWN');
      const [again] = hand.apply(rebooking(same, '红1'));
      expect(again?.data).toMatchObject({ rebooks: '红1' });
      expect(hand.apply(same)).toEqual([]);
      expect(hand.apply(rebooking(same, '红1'))).toEqual([]);
      if (again === undefined) throw new Error('nothing was entered again');
      // Reversed a second time, the same file must not bring it back by the reversal that it names already.
      hand.apply(reversalOf(again, '红2', '2024-03-08'));
      expect(hand.apply(rebooking(same, '红1'))).toEqual([]);
      const [other] = hand.apply(of('9.00', '2024-03-06'));
      expect(other?.effectiveOn).toBe('2024-03-06');
      expect(hand.try(same)).toBe('DUPLICATE_DOCUMENT');
    });
  }

  it('a voucher and a return have their numbers in one ledger', () => {
    const back = DOCUMENTS['ReturnPayment'] as (typeof DOCUMENTS)[string];
    given(...before, recorded('号', pay('1.00')))
      .when(back('1.00', '2024-03-10'))
      .thenRejected('DUPLICATE_DOCUMENT');
    given(...before, back('1.00', '2024-03-10'))
      .when(recorded('号', pay('1.00')))
      .thenRejected('DUPLICATE_DOCUMENT');
  });

  it('a transfer of which one taker’s part went back stands as long as another part does', () => {
    const both = command('TransferFunds', {
      effectiveOn: '2024-03-05',
      transferNo: '下1',
      lines: ['630222103200', '630222103201'].map((toDivision) => ({
        ...line,
        amount: yuan('10.00'),
        toDivision,
        integrated: true,
      })),
    });
    const hand = handWith();
    const [one, other] = hand.apply(both);
    if (one === undefined || other === undefined) throw new Error('two parcels were issued');
    hand.apply(reversalOf(one, '红1', '2024-03-06'));
    expect(hand.apply(both)).toEqual([]);
    expect(hand.try(rebooking(both, '红1'))).toBeNull();
    expect(hand.events.filter(({ type }) => type === 'TransferIssued')).toHaveLength(2);
    hand.apply(reversalOf(other, '红2', '2024-03-06'));
    expect(hand.apply(rebooking(both, '红2'))).toHaveLength(2);
  });

  it('a closing’s number is used once, whatever it closes and when', () => {
    const close = (month: string, effectiveOn: string) =>
      command('CloseMonth', { effectiveOn, closingNo: '月结1', month });
    given(close('2024-01', '2024-02-01'))
      .when(close('2024-02', '2024-03-01'))
      .thenRejected('DUPLICATE_DOCUMENT', { on: '2024-02-01', asked: '2024-03-01' });
  });
});

describe('a date that cannot be', () => {
  const onDay = (today: string): PoolInHand => {
    const hand = handWith();
    hand.today = today;
    return hand;
  };

  for (const [name, of] of Object.entries(DOCUMENTS)) {
    it(`${name}: not after the day on which it is recorded, not before 1 October of the year before`, () => {
      const hand = onDay('2024-06-30');
      expect(hand.try(of('1.00', '2024-07-01'))).toBe('DATE_IN_FUTURE');
      expect(hand.try(of('1.00', '2023-09-30'))).toBe('DATE_BEFORE_YEAR');
      expect(hand.try(of('1.00', '2024-06-30'))).toBeNull();
    });
  }

  it('is told with the likely one, where the year is mistyped', () => {
    given(...before)
      .when(recorded('号', pay('1.00'), '2034-05-06'))
      .thenRejected('DATE_IN_FUTURE', { on: '2034-05-06', today: '2025-12-31', likely: '2024-05-06' });
    given(...before)
      .when(recorded('号', pay('1.00'), '2014-05-06'))
      .thenRejected('DATE_BEFORE_YEAR', { firstDay: '2023-10-01', likely: '2024-05-06' });
  });

  it('money of a year may come from 1 October before it on (提前下达)', () =>
    given()
      .when(appropriated('文9', 'ROAD', '1.00', '2023-10-01'))
      .then({ type: 'FundsAppropriated', data: {} }));

  it('is no month that is not over on the day of recording', () => {
    const hand = onDay('2024-06-30');
    const close = (month: string, effectiveOn: string) =>
      hand.try(command('CloseMonth', { effectiveOn, closingNo: `月结${month}`, month }));
    expect(close('2029-01', '2029-01-31')).toBe('DATE_IN_FUTURE');
    expect(close('2024-07', '2024-07-31')).toBe('DATE_IN_FUTURE');
    expect(close('2024-07', '2024-06-30')).toBe('PERIOD_NOT_OVER');
    expect(close('2024-05', '2024-06-30')).toBeNull();
  });

  it('nor a carry-over into a year that may not have money yet', () =>
    given(...before)
      .when(
        command('ReceiveCarryOver', {
          effectiveOn: '2023-09-30',
          carryOverEventId: '6f1e0f6e-0000-5000-8000-000000000001',
          fromFiscalYear: 2023,
          carried: { documentNo: '结0', toFiscalYear: 2024, sentLines: [], cash: [], movements: [] },
        }),
      )
      .thenRejected('DATE_BEFORE_YEAR', { firstDay: '2023-10-01' }));

  it('stands in an older log and can be taken back, on that date', () => {
    const hand = onDay('2035-01-01');
    const [wrong] = hand.apply(recorded('号', pay('1.00'), '2034-05-06'));
    if (wrong === undefined) throw new Error('nothing was recorded');
    hand.today = '2024-06-30';
    expect(hand.try(reversalOf({ ...wrong }, '红1', '2034-05-06'))).toBeNull();
  });
});
