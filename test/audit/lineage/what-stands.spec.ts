import { trace } from '../../../src/audit/lineage/trace';
import { type TraceJson, traceJson, type TraceKind } from '../../../src/audit/lineage/trace-answer';
import { renderTrace, renderTraceMermaid } from '../../../src/cli/trace-text';
import type { LedgerEvent } from '../../../src/event-log/event';
import type { Ledger } from '../../../src/ledger/ledger';
import type { PoolEvent } from '../../../src/pool/pool-event';
import { ask, COUNTY, line, PROVINCE, registerSmallWorld, VILLAGE } from '../../support/small-ledger';
import { withTemporaryLedger } from '../../support/temporary-ledger';

const home = { projectCode: 'ROAD-1', place: VILLAGE };
const part = (amount: string) => ({ ...line('文1', amount), ...home });

/** Four million to the county, integrated, and three million of them for the road. */
const fund = async (ledger: Ledger): Promise<void> => {
  await registerSmallWorld(ledger);
  await ask(ledger, 'AppropriateFunds', '2024-01-10', {
    documentNo: '文1',
    lines: [{ ...line('文1', '4000000.00'), parentDocumentNo: null }],
  });
  await integrate(ledger, '整1', '4000000.00');
  await allocate(ledger, '安1', '3000000.00');
};

const integrate = (ledger: Ledger, integrationNo: string, amount: string, on = '2024-01-20') =>
  ask(ledger, 'IntegrateFunds', on, {
    integrationNo,
    integrationRegime: 'BUNDLING_UNCHANGED',
    lines: [line('文1', amount)],
  });

const allocate = (ledger: Ledger, allocationNo: string, amount: string, on = '2024-02-01') =>
  ask(ledger, 'AllocateFunds', on, { allocationNo, lineSelection: 'fifo', lines: [part(amount)] });

const pay = (ledger: Ledger, voucherNo: string, amount: string, on = '2024-03-01') =>
  ask(ledger, 'RecordPayment', on, {
    voucherNo,
    payee: '民和县公路养护公司',
    requestedBy: null,
    approvedBy: null,
    lineSelection: 'fifo',
    lines: [part(amount)],
  });

const giveBack = (ledger: Ledger, voucherNo: string, originalVoucherNo: string, amount: string, on = '2024-03-10') =>
  ask(ledger, 'ReturnPayment', on, {
    voucherNo,
    originalVoucherNo,
    payee: '民和县公路养护公司',
    lines: [part(amount)],
  });

/** 红字冲销 of the first event of an answer. */
const reverse = async (
  ledger: Ledger,
  { stream, eventIds }: { readonly stream: string; readonly eventIds: readonly string[] },
  reversalNo: string,
  on = '2024-06-01',
) => {
  const original = (await ledger.findEvent(stream, eventIds[0] ?? '')) as LedgerEvent<
    PoolEvent['type'],
    PoolEvent['data']
  >;
  return ask(
    ledger,
    'ReverseEntry',
    on,
    { reversalNo, reason: '录入有误', original, followsTaker: false },
    { division: stream.split('-')[1] ?? COUNTY },
  );
};

const traced = async (
  ledger: Ledger,
  id: string,
  { kind, ...asked }: { readonly kind?: TraceKind; readonly at?: string; readonly asOf?: string } = {},
): Promise<TraceJson> => {
  await ledger.catchUp();
  return traceJson(trace(ledger.readModel, { id, kind, moment: await ledger.moment(asked) }));
};

/** What a reader sees at a glance: both sums, where the money is, and the history. */
const glance = ({ sources, uses, reversed }: TraceJson) => ({
  from: sources.map(({ amount }) => amount),
  to: uses.map(({ state, voucherNo, amount }) => [state, voucherNo, amount].filter((each) => each !== null).join(' ')),
  reversed: reversed.map(({ documentNo, type, amount, reversalNo, reversedOn }) =>
    [type, documentNo, amount, reversalNo, reversedOn].join(' '),
  ),
});

describe('tracing what was corrected', () => {
  it('tells a voucher that was reversed and entered again as it stands, and the wrong one as history', () =>
    withTemporaryLedger(async (ledger) => {
      await fund(ledger);
      const wrong = await pay(ledger, '支002', '1234567.89');
      const before = await ledger.log.head();
      const reversal = await reverse(ledger, wrong, '冲1');
      await pay(ledger, '支002', '1234576.89');

      const answer = await traced(ledger, '支002');
      expect(glance(answer)).toEqual({
        from: ['1234576.89'],
        to: ['paid 支002 1234576.89'],
        reversed: ['PaymentExecuted 支002 1234567.89 冲1 2024-06-01'],
      });
      expect(answer.reversed[0]).toMatchObject({
        eventId: wrong.eventIds[0],
        division: COUNTY,
        effectiveOn: '2024-03-01',
        reversedBy: reversal.eventIds[0],
      });
      expect(answer.events).toHaveLength(3);

      // What stood when it was asked for: by what was known, and by the date.
      const then = { from: ['1234567.89'], to: ['paid 支002 1234567.89'], reversed: [] };
      expect(glance(await traced(ledger, '支002', { at: String(before) }))).toEqual(then);
      expect(glance(await traced(ledger, '支002', { asOf: '2024-05-31', at: String(before + 1) }))).toEqual(then);
    }));

  it('shows the same in text and as a Mermaid picture, and the headline is what stands', () =>
    withTemporaryLedger(async (ledger) => {
      await fund(ledger);
      await reverse(ledger, await pay(ledger, '支002', '1234567.89'), '冲1');
      await pay(ledger, '支002', '1234576.89');
      await ledger.catchUp();
      const answer = trace(ledger.readModel, { id: '支002' });
      const nameOf = (_: string, code: string) => code;
      const text = renderTrace(answer, 'zh', nameOf);
      expect(text.split('\n')[0]).toBe('支付 支002  1,234,576.89 元');
      expect(text).toContain(
        '已冲销（不计入以上金额）\n└─ 支付 支002 2024-03-01  1,234,567.89 元  2024-06-01 冲1 冲销\n',
      );
      expect(text).not.toContain('2,469,144.78');
      expect(renderTrace(answer, 'en', nameOf)).toContain(
        'Reversed (in none of the amounts above)\n└─ Payment 支002 2024-03-01  1,234,567.89 元  reversed 2024-06-01 冲1\n',
      );
      const picture = renderTraceMermaid(answer, 'zh', nameOf).split('\n');
      expect(picture[1]).toBe('  T["支付 支002<br/>1,234,576.89 元"]');
      expect(picture.at(-1)).toBe('  T -.-|"1,234,567.89 元"| R0["支付 支002 2024-03-01<br/>2024-06-01 冲1 冲销"]');
    }));

  it('counts nothing of a voucher of which nothing stands', () =>
    withTemporaryLedger(async (ledger) => {
      await fund(ledger);
      await reverse(ledger, await pay(ledger, '支1', '70.00'), '冲1');
      const nothing = { from: [], to: [], reversed: ['PaymentExecuted 支1 70.00 冲1 2024-06-01'] };
      expect(glance(await traced(ledger, '支1'))).toEqual(nothing);
      // The reversal moved the same money back: neither it nor its event stands for money of its own.
      expect(glance(await traced(ledger, '冲1'))).toEqual(nothing);
    }));

  it('lets a return stand beside its payment, and takes a reversed return for none', () =>
    withTemporaryLedger(async (ledger) => {
      await fund(ledger);
      await pay(ledger, '支1', '100.00');
      const back = await giveBack(ledger, '退1', '支1', '30.00');
      const partly = { from: ['100.00'], to: ['paid 支1 70.00', 'unspent 30.00'], reversed: [] };
      expect(glance(await traced(ledger, '支1'))).toEqual(partly);

      await reverse(ledger, back, '冲1');
      const reversed = ['PaymentReturned 退1 30.00 冲1 2024-06-01'];
      expect(glance(await traced(ledger, '支1'))).toEqual({ from: ['100.00'], to: ['paid 支1 100.00'], reversed });
      expect(glance(await traced(ledger, '退1'))).toEqual({ from: [], to: [], reversed });

      await giveBack(ledger, '退2', '支1', '30.00', '2024-06-02');
      expect(glance(await traced(ledger, '支1'))).toEqual({ ...partly, reversed });
      expect(glance(await traced(ledger, '退2'))).toEqual({ from: ['30.00'], to: ['unspent 30.00'], reversed: [] });
    }));

  it('pays again what came back, though older money lies in the project', () =>
    withTemporaryLedger(async (ledger) => {
      await fund(ledger);
      await pay(ledger, '支1', '100.00');
      await giveBack(ledger, '退1', '支1', '100.00');
      const ask2 = (name: 'ApprovePayment' | 'ExecutePayment', on: string) =>
        ask(ledger, name, on, {
          voucherNo: '支2',
          ...(name === 'ApprovePayment' ? { approvedBy: '李' } : {}),
        } as never);
      const requested = await ask(ledger, 'RequestPayment', '2024-04-01', {
        voucherNo: '支2',
        payee: '民和县公路养护公司',
        requestedBy: '王',
        repaysVoucherNo: '支1',
        lineSelection: 'fifo',
        lines: [part('60.00')],
      });
      expect(requested.eventIds).toHaveLength(1);
      await ask2('ApprovePayment', '2024-04-02');
      await ask2('ExecutePayment', '2024-04-03');
      expect(glance(await traced(ledger, '支1'))).toEqual({
        from: ['100.00'],
        to: ['paid 支2 60.00', 'unspent 40.00'],
        reversed: [],
      });
      expect(glance(await traced(ledger, '支2'))).toMatchObject({ from: ['60.00'], to: ['paid 支2 60.00'] });
    }));

  it('follows an allocation, an integration and a recall as they stand', () =>
    withTemporaryLedger(async (ledger) => {
      await fund(ledger);
      await reverse(ledger, await allocate(ledger, '安2', '90.00'), '冲1');
      await allocate(ledger, '安2', '80.00', '2024-06-02');
      expect(glance(await traced(ledger, '安2'))).toEqual({
        from: ['80.00'],
        to: ['unspent 80.00'],
        reversed: ['FundsAllocated 安2 90.00 冲1 2024-06-01'],
      });

      const recall = await ask(ledger, 'RecallFunds', '2024-05-01', {
        recallNo: '收1',
        recalledTo: null,
        lines: [{ ...line('文1', '50.00'), from: home }],
      });
      await reverse(ledger, recall, '冲2');
      expect(glance(await traced(ledger, '收1'))).toEqual({
        from: [],
        to: [],
        reversed: ['FundsRecalled 收1 50.00 冲2 2024-06-01'],
      });
    }));

  it('says nothing of money that another entry brought, where a reversal took other money than its own', () =>
    withTemporaryLedger(async (ledger) => {
      await fund(ledger);
      // 整2's money is allocated before 整3 comes; then 整2 is reversed: what 整3 brought pays for the allocation.
      await ask(ledger, 'AppropriateFunds', '2024-01-10', {
        documentNo: '文2',
        lines: [{ ...line('文2', '200.00'), parentDocumentNo: null }],
      });
      const second = await ask(ledger, 'IntegrateFunds', '2024-02-01', {
        integrationNo: '整2',
        integrationRegime: 'BUNDLING_UNCHANGED',
        lines: [line('文2', '100.00')],
      });
      await ask(ledger, 'AllocateFunds', '2024-02-02', {
        allocationNo: '安2',
        lineSelection: 'fifo',
        lines: [{ ...line('文2', '100.00'), ...home }],
      });
      await ask(ledger, 'IntegrateFunds', '2024-02-03', {
        integrationNo: '整3',
        integrationRegime: 'BUNDLING_UNCHANGED',
        lines: [line('文2', '100.00')],
      });
      await reverse(ledger, second, '冲1');
      expect(glance(await traced(ledger, '整3'))).toMatchObject({ from: ['100.00'], to: ['unspent 100.00'] });
      expect(glance(await traced(ledger, '整2'))).toMatchObject({ from: [], to: [] });
      expect(glance(await traced(ledger, '安2'))).toMatchObject({ from: ['100.00'], to: ['unspent 100.00'] });
    }));

  it('lists a reversed appropriation, transfer and receipt of cash outside the sums of what is asked about', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      const appropriate = (amount: string, on: string) =>
        ask(
          ledger,
          'AppropriateFunds',
          on,
          { documentNo: '文1', lines: [{ ...line('文1', amount), parentDocumentNo: null }] },
          { division: PROVINCE },
        );
      await reverse(ledger, await appropriate('900.00', '2024-01-10'), '冲1', '2024-01-11');
      await appropriate('1000.00', '2024-01-12');
      const transfer = await ask(
        ledger,
        'TransferFunds',
        '2024-01-15',
        { transferNo: '下1', lines: [{ ...line('文1', '300.00'), toDivision: COUNTY, integrated: false }] },
        { division: PROVINCE },
      );
      const taken = (await ledger.log.readStream(`pool-${COUNTY}-2024`, 0, 10))[0];
      const takenId = (JSON.parse(taken?.canonical ?? '{}') as { id: string }).id;
      await reverse(ledger, { stream: `pool-${COUNTY}-2024`, eventIds: [takenId] }, '冲2');
      expect(glance(await traced(ledger, '文1'))).toEqual({
        from: ['1000.00'],
        to: ['unintegrated 1000.00'],
        reversed: [
          'FundsAppropriated 文1 900.00 冲1 2024-01-11',
          'TransferIssued 下1 300.00 冲2 2024-06-01',
          'TransferReceived 下1 300.00 冲2 2024-06-01',
        ],
      });
      expect(glance(await traced(ledger, '下1', { kind: 'transfer' }))).toEqual({
        from: [],
        to: [],
        reversed: ['TransferIssued 下1 300.00 冲2 2024-06-01'],
      });
      expect(glance(await traced(ledger, transfer.eventIds[0] ?? ''))).toMatchObject({ from: [], to: [] });

      const cash = await ask(
        ledger,
        'RecordCash',
        '2024-02-01',
        { receiptNo: '到1', lines: [line('文1', '70.00')] },
        { division: PROVINCE },
      );
      await reverse(ledger, cash, '冲3');
      expect(glance(await traced(ledger, '到1'))).toEqual({
        from: [],
        to: [],
        reversed: ['CashReceived 到1 70.00 冲3 2024-06-01'],
      });
    }));

  it('shows of a project what stands in it, and what was taken back of it', () =>
    withTemporaryLedger(async (ledger) => {
      await fund(ledger);
      await reverse(ledger, await pay(ledger, '支1', '10.00'), '冲1');
      await pay(ledger, '支1', '20.00');
      expect(glance(await traced(ledger, 'ROAD-1'))).toEqual({
        from: ['3000000.00'],
        to: ['paid 支1 20.00', 'unspent 2999980.00'],
        reversed: ['PaymentExecuted 支1 10.00 冲1 2024-06-01'],
      });
    }));
});
