import { CHIEF, COUNTY, DOCUMENT, fund, inPool, LINE, paymentOf, registerWorld, Service } from './support/service';

describe('closing and reopening over HTTP', () => {
  let service: Service;

  beforeEach(async () => {
    service = await Service.start();
    await registerWorld(service);
    await fund(service, '100.00');
  });
  afterEach(() => service.close());

  const march = { ...inPool('2024-04-01'), closingNo: '月3', month: '2024-03' };
  const adjustment = { approvalNo: '调1号', approvedBy: CHIEF.id, reason: '银行回单迟到' };
  const measures = async (position: unknown): Promise<object> => {
    const { body } = await service.get(`balances?by=county&waitFor=${String(position)}`);
    return (body['rows'] as { measures: object }[])[0]?.measures ?? {};
  };

  it('seals a closing with a checkpoint that covers it, and leaves the balances as they were', async () => {
    const before = await measures(await service.ledger.log.head());
    const closed = await service.stored('month-closings', march);
    expect(closed).toMatchObject({ unchanged: false, notSealed: null, stream: `pool-${COUNTY}-2024` });
    expect(closed['checkpoint']).toEqual({
      size: await service.ledger.log.tree?.size(),
      root: (await service.ledger.checkpoints.latest())?.root,
    });
    expect(await measures(closed['position'])).toEqual(before);

    const again = await service.post('month-closings', march);
    expect(again).toMatchObject({ status: 200, body: { unchanged: true, checkpoint: closed['checkpoint'] } });
    const twice = await service.post('month-closings', { ...march, closingNo: '月3乙' });
    expect(twice).toMatchObject({ status: 422, body: { code: 'MONTH_CLOSED_ALREADY' } });
    const early = await service.post('month-closings', { ...march, closingNo: '月4', month: '2024-04' });
    expect(early).toMatchObject({ status: 422, body: { code: 'PERIOD_NOT_OVER' } });
  });

  it('takes an entry into the closed month only by an approval, and shows that it is an adjustment', async () => {
    await service.stored('month-closings', march);
    const payment = paymentOf('支1', '10.00');
    const refused = await service.post('payments', payment);
    expect(refused).toMatchObject({ status: 422, body: { code: 'PERIOD_CLOSED' } });
    expect(refused.body['remedy']).toContain('adjustment');
    const alone = await service.post('payments', { ...payment, adjustment }, { as: CHIEF });
    expect(alone).toMatchObject({ status: 422, body: { code: 'SAME_PERSON' } });
    const halfSaid = await service.post('payments', { ...payment, adjustment: { approvalNo: '调1号' } });
    expect(halfSaid).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });

    const stored = await service.stored('payments', { ...payment, adjustment });
    expect(stored['eventIds']).toHaveLength(2);
    const [paid, adjusted] = stored['eventIds'] as [string, string];
    const eventOf = async (id: string) =>
      (await service.get(`events/${id}?waitFor=${String(stored['position'])}`)).body['event'] as object;
    expect(await eventOf(paid)).toMatchObject({ type: 'PaymentExecuted', data: { adjustment } });
    expect(await eventOf(adjusted)).toMatchObject({
      type: 'ClosedPeriodAdjusted',
      data: { documentNo: '调1号', period: '2024-03', entries: [{ type: 'PaymentExecuted', documentNo: '支1' }] },
    });
    const { rows } = (await service.get('movements?projectCode=P-1&from=2024-03-01')).body;
    expect(rows).toMatchObject([{ documentNo: '支1', adjustment: { approvalNo: '调1号', approvedBy: CHIEF.id } }]);
    const ordinary = (await service.get('movements?projectCode=P-1')).body['rows'] as { adjustment: unknown }[];
    expect(ordinary[0]?.adjustment).toBeNull();
    expect(await measures(stored['position'])).toMatchObject({ paid: '10.00', unspent: '90.00' });

    const back = { eventId: paid, effectiveOn: '2024-03-20', reversalNo: '红1', reason: '金额有误' };
    expect(await service.post('reversals', back)).toMatchObject({ status: 422, body: { code: 'PERIOD_CLOSED' } });
    const reversed = await service.stored('reversals', { ...back, adjustment });
    expect(await measures(reversed['position'])).toMatchObject({ paid: '0.00', unspent: '100.00' });
  });

  it('opens a month again by two persons’ tokens, and closes it anew', async () => {
    await service.stored('month-closings', march);
    const reopening = { ...inPool('2024-04-02'), approvalNo: '反1号', period: '2024-03' };
    await service.stored('reopening-requests', { ...reopening, reason: '漏记一笔' });
    expect(await service.post('reopenings', reopening)).toMatchObject({ status: 422, body: { code: 'SAME_PERSON' } });
    const forged = await service.post('reopenings', { ...reopening, approvedBy: CHIEF.id });
    expect(forged).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    await service.stored('reopenings', reopening, { as: CHIEF });
    await service.stored('payments', paymentOf('支1', '10.00'));
    const closed = await service.stored('month-closings', { ...march, effectiveOn: '2024-04-05', closingNo: '月3再' });
    expect(closed['checkpoint']).toMatchObject({ size: await service.ledger.log.tree?.size() });

    const answer = (await service.get(`closings?under=63&year=2024&waitFor=${String(closed['position'])}`)).body;
    expect(answer).toMatchObject({
      pools: [
        {
          division: COUNTY,
          fiscalYear: 2024,
          closedThrough: '2024-03',
          reopenedMonths: [],
          yearClosed: false,
          history: [
            { change: 'closed', period: '2024-03', documentNo: '月3', actor: '张三' },
            { change: 'reopeningRequested', requestedBy: '张三', reason: '漏记一笔', actor: '张三' },
            { change: 'reopened', documentNo: '反1号', requestedBy: '张三', approvedBy: CHIEF.id, actor: CHIEF.id },
            { change: 'closed', documentNo: '月3再' },
          ],
        },
      ],
    });
    const [pool] = answer['pools'] as { history: { position: string }[] }[];
    const then = (await service.get(`closings?at=${String(pool?.history[2]?.position)}`)).body;
    expect(then).toMatchObject({ pools: [{ closedThrough: '2024-03', reopenedMonths: ['2024-03'] }] });
  });

  it('reverses a transfer by the id that issuing it has answered', async () => {
    await service.stored('appropriations', {
      ...inPool('2024-01-10', '63'),
      documentNo: '省1号',
      lines: [{ ...LINE, amount: '50.00' }],
    });
    const issued = await service.stored('transfers', {
      ...inPool('2024-02-10', '63'),
      transferNo: '下1号',
      lines: [{ ...LINE, documentNo: '省1号', toDivision: COUNTY, integrated: false, amount: '20.00' }],
    });
    expect(await measures(issued['position'])).toMatchObject({ transferredIn: '20.00' });
    const reversed = await service.stored('reversals', {
      eventId: (issued['eventIds'] as string[])[0],
      effectiveOn: '2024-02-11',
      reversalNo: '红1',
      reason: '下达有误',
    });
    expect(await measures(reversed['position'])).toMatchObject({ transferredIn: '0.00', appropriated: '100.00' });
    expect(DOCUMENT).not.toBe('省1号');
  });
});
