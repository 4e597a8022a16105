import { readEvent } from '../../src/event-log/upcasting';
import {
  type Body,
  COUNTY,
  DOCUMENT,
  fund,
  inPool,
  LINE,
  paymentOf,
  registerWorld,
  Service,
  VILLAGE,
} from './support/service';

describe('reading over HTTP', () => {
  let service: Service;
  let funded: string;
  let paid: string;

  beforeAll(async () => {
    service = await Service.start();
    await registerWorld(service);
    await fund(service, '1000.00');
    funded = String(await service.ledger.log.head());
    await service.stored('payments', paymentOf('支1号', '300.00'));
    const last = await service.stored('payments', { ...paymentOf('支2号', '100.00'), effectiveOn: '2024-02-15' });
    paid = last['position'] as string;
    await service.get(`balances?by=county&waitFor=${paid}`);
  });
  afterAll(() => service.close());

  const rows = async (path: string): Promise<Body[]> => {
    const { status, body } = await service.get(path);
    expect([status, body['code']]).toEqual([200, undefined]);
    return body['rows'] as Body[];
  };

  it('gives balances as of a date, as known at a position, and both', async () => {
    const paidIn = async (query: string): Promise<unknown> =>
      ((await rows(`balances?by=village&${query}`))[0]?.['measures'] as Body)['paid'];
    expect(await paidIn('')).toBe('400.00');
    expect(await paidIn('asOf=2024-02-28')).toBe('100.00');
    expect(await paidIn(`at=${funded}`)).toBe('0.00');
    expect(await paidIn(`at=${Number(paid) - 1}&asOf=2024-02-28`)).toBe('0.00');
    const pinned = await service.get(`balances?by=village&at=${funded}`);
    expect(pinned.body).toMatchObject({ by: 'village', asOf: null, position: funded, unit: '元' });
  });

  it('restricts balances to a division in any length, and to a year', async () => {
    expect((await rows('balances?by=village&under=630222000000')).map(({ key }) => key)).toEqual([VILLAGE]);
    expect(await rows('balances?by=county&year=2023')).toEqual([]);
  });

  it.each([
    ['balances', 'REQUEST_INVALID'],
    ['balances?by=moon', 'REQUEST_INVALID'],
    ['balances?by=county&by=village', 'REQUEST_INVALID'],
    ['balances?by=county&unknown=1', 'REQUEST_INVALID'],
    ['balances?by=county&asOf=2023-02-29', 'DATE_INVALID'],
    ['balances?by=county&at=-1', 'POSITION_INVALID'],
    ['balances?by=county&at=999999', 'POSITION_NOT_REACHED'],
    ['balances?by=county&under=7x', 'REQUEST_INVALID'],
    ['events?limit=0', 'LIMIT_INVALID'],
    ['events?limit=1001', 'LIMIT_INVALID'],
    ['events?after=x', 'POSITION_INVALID'],
    ['events/not-an-id', 'REQUEST_INVALID'],
  ])('refuses %s with %s', async (path, code) => {
    expect(await service.get(path)).toMatchObject({ status: 400, body: { code } });
  });

  it('waits for the reader’s own write, and says so when it does not come', async () => {
    const answer = await service.stored('payments', paymentOf('支3号', '1.00'));
    const [read] = await rows(`events?documentNo=${encodeURIComponent('支3号')}&waitFor=${answer['position']}`);
    expect(read).toMatchObject({ basis: '支3号', position: answer['position'] });
    const never = await service.get('balances?by=county&waitFor=999999');
    expect(never).toMatchObject({ status: 503, body: { code: 'READ_MODEL_BEHIND' } });
    expect(never.headers.get('retry-after')).toBe('1');
  });

  it('lists events in the order of the log, page by page, in the form of the export', async () => {
    const all = await service.ledger.log.readAll(0, 1000);
    const listed: Body[] = [];
    let after = '0';
    for (;;) {
      const { body } = await service.get(`events?limit=4&at=${paid}&after=${after}`);
      expect(body['position']).toBe(paid);
      listed.push(...(body['rows'] as Body[]));
      if (body['next'] === null) break;
      after = body['next'] as string;
    }
    expect(listed).toEqual(
      all
        .filter(({ position }) => position <= Number(paid))
        .map((stored) => ({ ...readEvent(stored), position: String(stored.position) })),
    );
  });

  it('finds events by stream, type, document and business date', async () => {
    const types = async (query: string): Promise<unknown[]> =>
      (await rows(`events?at=${paid}&${query}`)).map(({ type }) => type);
    expect(await types(`stream=pool-${COUNTY}-2024`)).toEqual([
      'FundsAppropriated',
      'FundsIntegrated',
      'FundsAllocated',
      'PaymentExecuted',
      'PaymentExecuted',
    ]);
    expect(await types('type=FundsAllocated')).toEqual(['FundsAllocated']);
    expect(await types('from=2024-02-10&to=2024-02-20')).toEqual(['PaymentExecuted']);
    expect(await types('stream=pool-1-1')).toEqual([]);
  });

  it('gives one event, or a problem', async () => {
    const [first] = await rows('events?limit=1');
    const one = await service.get(`events/${first?.['id']}`);
    expect(one.body['event']).toEqual(first);
    expect(Number(one.body['position'])).toBeGreaterThanOrEqual(Number(paid));
    const none = await service.get('events/00000000-0000-5000-8000-000000000000');
    expect(none).toMatchObject({ status: 404, body: { code: 'EVENT_NOT_FOUND' } });
  });

  it('lists movements whose sum is the balance', async () => {
    const movements = await rows(`movements?place=${VILLAGE}&projectCode=P-1&at=${paid}`);
    const at = (account: string): number =>
      movements.reduce(
        (sum, { from, to, amount }) => sum + Number(amount) * (Number(to === account) - Number(from === account)),
        0,
      );
    expect(at(`project:P-1:${VILLAGE}:paid`)).toBe(400);
    expect(at(`project:P-1:${VILLAGE}:available`)).toBe(600);
    expect(movements[0]).toMatchObject({
      eventType: 'FundsAllocated',
      effectiveOn: '2024-02-01',
      documentNo: '安1号',
      quotaLine: `${DOCUMENT}/SL/GSBZ`,
      stream: `pool-${COUNTY}-2024`,
    });
    const line = encodeURIComponent(`${DOCUMENT}/SL/GSBZ`);
    expect(await rows(`movements?quotaLine=${line}&at=${paid}`)).toHaveLength(5);
    expect(await rows(`movements?under=${COUNTY}&year=2024&asOf=2024-01-31`)).toHaveLength(2);
    expect(await rows('movements?departmentCode=NONE')).toEqual([]);
  });

  it('lists quota lines with where their money is', async () => {
    expect(await rows(`lines?under=63&channelCode=SL&at=${paid}`)).toEqual([
      {
        quotaLine: `${DOCUMENT}/SL/GSBZ`,
        division: COUNTY,
        fiscalYear: 2024,
        documentNo: DOCUMENT,
        parentDocumentNo: null,
        ...LINE,
        departmentCode: 'SLT',
        level: '省',
        kind: '行业',
        cashRequired: false,
        issuedOn: '2024-01-10',
        balances: { unintegrated: '0.00', available: '0.00', unspent: '600.00', held: '0.00', paid: '400.00' },
      },
    ]);
    const [early] = await rows('lines?asOf=2024-01-15');
    expect(early?.['balances']).toMatchObject({ unintegrated: '1000.00', available: '0.00' });
    expect(await rows('lines?asOf=2024-01-01')).toEqual([]);
  });

  it('traces a payment to its line and a document to its villages', async () => {
    const payment = await service.get(`trace/${encodeURIComponent('支1号')}`);
    expect(payment.body).toMatchObject({
      of: { kind: 'payment', id: '支1号' },
      sources: [
        { documentNo: DOCUMENT, channelCode: 'SL', purposeCode: 'GSBZ', departmentCode: 'SLT', amount: '300.00' },
      ],
      uses: [{ division: COUNTY, place: VILLAGE, voucherNo: '支1号', state: 'paid', amount: '300.00' }],
    });
    expect((await service.get(`trace/${encodeURIComponent(DOCUMENT)}`)).body).toMatchObject({
      of: { kind: 'appropriation' },
    });
    expect(await service.get('trace/NONE')).toMatchObject({ status: 404, body: { code: 'TRACE_NOT_FOUND' } });
  });

  it('lists the registry page by page, and projects', async () => {
    const first = await service.get('divisions?limit=3');
    expect(first.body['rows']).toHaveLength(3);
    const second = await service.get(`divisions?limit=3&after=${first.body['next']}`);
    expect(second.body).toMatchObject({ rows: [{ divisionCode: '630222103201', name: '川口村' }], next: null });
    expect(await rows(`divisions?under=${VILLAGE}`)).toHaveLength(1);
    expect(await rows('departments')).toMatchObject([{ departmentCode: 'SLT', name: '水利厅', mergedInto: null }]);
    expect(await rows('purposes')).toHaveLength(2);
    expect(await rows('channels?departmentCode=SLT')).toMatchObject([
      { channelCode: 'SL', allowedPurposes: ['GSBZ'], cashRequired: false },
    ]);
    expect(await rows(`projects?place=${VILLAGE}`)).toMatchObject([
      { projectCode: 'P-1', division: COUNTY, places: [VILLAGE, '630222103201'], enteredOn: '2023-11-20' },
    ]);
    expect(await rows('projects?projectCode=NONE')).toEqual([]);
  });

  it('answers an unknown address as a problem', async () => {
    expect(await service.get('nothing')).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } });
    expect(await service.get('balances/')).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } });
    expect(await service.request('/%E0%A4%A')).toMatchObject({ status: 400, body: { code: 'REQUEST_MALFORMED' } });
  });

  it('keeps every version of a division', async () => {
    await service.stored('divisions', { divisionCode: COUNTY, name: '新名', validFrom: '2030-01-01' });
    const answer = await service.stored('appropriations', {
      ...inPool('2024-05-01'),
      documentNo: '名1号',
      lines: [{ ...LINE, amount: '1.00' }],
    });
    const versions = await rows(`divisions?under=${COUNTY}&limit=2&waitFor=${answer['position']}`);
    expect(versions).toMatchObject([
      { divisionCode: COUNTY, validFrom: null },
      { divisionCode: COUNTY, validFrom: '2030-01-01', name: '新名' },
    ]);
  });
});
