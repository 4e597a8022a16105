import {
  type Body,
  CHIEF,
  CLERK,
  COUNTY,
  DOCUMENT,
  fund,
  inPool,
  LINE,
  OTHER_VILLAGE,
  paymentOf,
  PROVINCE,
  registerWorld,
  Service,
  VILLAGE,
  YEAR,
} from './support/service';

describe('the life of money over HTTP', () => {
  let service: Service;

  beforeEach(async () => {
    service = await Service.start();
    await registerWorld(service);
  });
  afterEach(() => service.close());

  const measures = async (by: string, key: string, position: string, more = ''): Promise<Body | undefined> => {
    const { status, body } = await service.get(`balances?by=${by}&waitFor=${position}${more}`);
    expect(status).toBe(200);
    expect(Number(body['position'])).toBeGreaterThanOrEqual(Number(position));
    return (body['rows'] as Body[]).find((row) => row['key'] === key)?.['measures'] as Body | undefined;
  };

  it('goes from a channel through two pools to a village and its payee, and back', async () => {
    const named = { ...LINE, documentNo: DOCUMENT };
    await service.stored('appropriations', {
      ...inPool('2024-01-10', '630000000000'),
      documentNo: DOCUMENT,
      lines: [{ ...LINE, amount: '1000.00' }],
    });
    const transfer = await service.stored('transfers', {
      ...inPool('2024-01-15', PROVINCE),
      transferNo: '下1号',
      lines: [{ ...named, toDivision: COUNTY, integrated: false, amount: '800.00' }],
    });
    // The position answered covers the taking half as well: nothing is in transit for the one who waits for it.
    expect(await measures('county', COUNTY, transfer['position'] as string)).toMatchObject({
      transferredIn: '800.00',
      unintegrated: '800.00',
    });
    await service.stored('integrations', {
      ...inPool('2024-01-20'),
      integrationNo: '整1号',
      integrationRegime: 'PILOT_INTEGRATION',
      lines: [{ ...named, amount: '800.00' }],
    });
    await service.stored('cash-receipts', {
      ...inPool('2024-01-25'),
      receiptNo: '到1号',
      lines: [{ ...named, amount: '500.00' }],
    });
    await service.stored('allocations', {
      ...inPool('2024-02-01'),
      allocationNo: '安1号',
      lineSelection: 'proportional',
      lines: [
        { ...LINE, projectCode: 'P-1', place: VILLAGE, amount: '400.00' },
        { ...named, projectCode: 'P-1', place: OTHER_VILLAGE, amount: '200.00' },
      ],
    });
    await service.stored('reallocations', {
      ...inPool('2024-02-10'),
      reallocationNo: '调1号',
      lines: [
        {
          ...named,
          fromProject: 'P-1',
          fromPlace: OTHER_VILLAGE,
          to: { projectCode: 'P-1', place: VILLAGE },
          amount: '50.00',
        },
        { ...named, fromProject: 'P-1', fromPlace: OTHER_VILLAGE, amount: '30.00' },
      ],
    });
    await service.stored('repurposings', {
      ...inPool('2024-02-11'),
      approvalNo: '批1号',
      lines: [{ ...named, toPurposeCode: 'CUNLU', amount: '10.00' }],
    });

    await service.stored('payment-requests', paymentOf('支1号', '120.00'));
    await service.stored('payment-approvals', { ...inPool('2024-03-02'), voucherNo: '支1号' }, { as: CHIEF });
    await service.stored('payment-executions', { ...inPool('2024-03-03'), voucherNo: '支1号' });
    await service.stored('payment-returns', {
      ...inPool('2024-03-10'),
      voucherNo: '退1号',
      originalVoucherNo: '支1号',
      payee: '某某公司',
      lines: [{ ...named, projectCode: 'P-1', place: VILLAGE, amount: '20.00' }],
    });
    await service.stored('payment-requests', {
      ...paymentOf('支2号', '20.00'),
      effectiveOn: '2024-03-11',
      repaysVoucherNo: '支1号',
    });
    await service.stored('payment-cancellations', { ...inPool('2024-03-12'), voucherNo: '支2号', reason: '账户有误' });
    const payment = await service.stored('payments', { ...paymentOf('支3号', '5.00'), effectiveOn: '2024-03-13' });
    await service.stored('recalls', {
      ...inPool('2024-04-01'),
      recallNo: '收1号',
      recalledTo: '县财政局',
      lines: [
        { ...named, from: { projectCode: 'P-1', place: OTHER_VILLAGE }, amount: '20.00' },
        { ...named, amount: '10.00' },
      ],
    });
    const reversal = await service.stored('reversals', {
      eventId: (payment['eventIds'] as string[])[0],
      effectiveOn: '2024-04-02',
      reversalNo: '冲1号',
      reason: '重复登记',
    });

    // By hand: 800 in; 600 − 30 = 570 at the villages, less 20 recalled; the pool has 200 + 30 − 10 = 220.
    expect(await measures('county', COUNTY, reversal['position'] as string)).toMatchObject({
      available: '220.00',
      allocated: '570.00',
      paid: '100.00',
      held: '0.00',
      recalled: '30.00',
      unspent: '450.00',
      cashReceived: '500.00',
    });
    // 400 + 50 arrived, 100 are paid.
    expect(await measures('village', VILLAGE, reversal['position'] as string)).toMatchObject({
      allocated: '450.00',
      paid: '100.00',
      unspent: '350.00',
    });
    // On the day after the payment and before the return.
    expect(await measures('village', VILLAGE, reversal['position'] as string, '&asOf=2024-03-05')).toMatchObject({
      paid: '120.00',
      unspent: '330.00',
    });

    await service.stored('month-closings', { ...inPool('2024-04-30'), closingNo: '月1', month: '2024-04' });
    const late = await service.post('recalls', {
      ...inPool('2024-04-15'),
      recallNo: '收2号',
      lines: [{ ...named, amount: '1.00' }],
    });
    expect(late).toMatchObject({ status: 422, body: { code: 'PERIOD_CLOSED' } });

    const carried = await service.stored('carry-overs', {
      ...inPool('2024-12-31'),
      carryOverNo: '结1号',
      toFiscalYear: YEAR + 1,
    });
    expect(await measures('county', COUNTY, carried['position'] as string, `&year=${YEAR + 1}`)).toMatchObject({
      available: '220.00',
      unspent: '450.00',
    });
    await service.stored('month-closings', { ...inPool('2024-12-31'), closingNo: '月12', month: '2024-12' });
    await service.stored('year-closings', { ...inPool('2024-12-31'), closingNo: '年1' });
    const closed = await service.post('payment-requests', paymentOf('支9号', '1.00'));
    expect(closed).toMatchObject({ status: 422, body: { code: 'YEAR_CLOSED' } });
  });

  it('takes the two persons of a payment from their tokens, and refuses one person for both', async () => {
    await fund(service, '100.00');
    const requested = await service.stored('payment-requests', paymentOf('支1号', '10.00'));
    const alone = await service.post(
      'payment-approvals',
      { ...inPool('2024-03-02'), voucherNo: '支1号' },
      { as: CLERK },
    );
    expect(alone).toMatchObject({ status: 422, body: { code: 'SAME_PERSON' } });
    const approved = await service.stored(
      'payment-approvals',
      { ...inPool('2024-03-02'), voucherNo: '支1号' },
      { as: CHIEF },
    );
    const forged = await service.post('payment-approvals', {
      ...inPool('2024-03-02'),
      voucherNo: '支1号',
      approvedBy: '王五',
    });
    expect(forged).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    expect((forged.body['parameters'] as Body)['fields']).toMatchObject([
      { field: 'approvedBy', code: 'UNKNOWN_FIELD' },
    ]);

    const [request] = requested['eventIds'] as string[];
    const [approval] = approved['eventIds'] as string[];
    const first = await service.get(`events/${request}?waitFor=${approved['position']}`);
    const second = await service.get(`events/${approval}`);
    expect(first.body['event']).toMatchObject({
      type: 'PaymentRequested',
      actor: CLERK,
      data: { requestedBy: CLERK.id },
    });
    expect(second.body['event']).toMatchObject({
      type: 'PaymentApproved',
      actor: CHIEF,
      data: { approvedBy: CHIEF.id },
    });
  });

  it('gives exactly 100 of 200 parallel requests of 1 yuan on 100 yuan', async () => {
    await fund(service, '100.00');
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => service.post('payment-requests', paymentOf(`支${index}`, '1.00'))),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(100);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(100);
    for (const { status, body } of refused) expect([status, body['code']]).toEqual([422, 'OVERDRAFT']);
    const position = Math.max(...answers.map(({ body }) => Number(body['position'] ?? 0)));
    expect(await measures('village', VILLAGE, String(position))).toMatchObject({ held: '100.00', unspent: '100.00' });
  });
});
