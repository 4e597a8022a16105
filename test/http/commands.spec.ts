import { randomUUID } from 'node:crypto';

import { commandIdFrom } from '../../src/event-log/event-id';
import { MAX_BODY_BYTES } from '../../src/http/server';
import {
  type Body,
  CHIEF,
  CLERK,
  DOCUMENT,
  fund,
  inPool,
  LINE,
  paymentOf,
  registerWorld,
  Service,
  VILLAGE,
} from './support/service';

describe('commands over HTTP', () => {
  let service: Service;

  beforeAll(async () => {
    service = await Service.start();
    await registerWorld(service);
    await fund(service, '1000.00');
  });
  afterAll(() => service.close());

  const headPosition = async (): Promise<number> => service.ledger.log.head();

  describe('what a document says twice', () => {
    const line = (amount: string, lineNo?: string): Body => ({
      ...LINE,
      projectCode: 'P-1',
      place: VILLAGE,
      amount,
      ...(lineNo === undefined ? {} : { lineNo }),
    });
    const twice = (voucherNo: string, ...lines: readonly Body[]): Body => ({ ...paymentOf(voucherNo, '0'), lines });

    it('is asked about, and taken where lineNo tells its lines apart', async () => {
      const before = await headPosition();
      expect(await service.post('payments', twice('两行1', line('1.00'), line('1.00')))).toMatchObject({
        status: 400,
        body: { code: 'ROW_TWICE' },
      });
      expect(await headPosition()).toBe(before);
      const numbered = twice('两行1', line('1.00', '1'), line('1.00', '2'));
      const { eventIds } = await service.stored('payments', numbered);
      const stored = await service.get(`events/${String((eventIds as string[])[0])}`);
      expect(stored.body).toMatchObject({ event: { data: { movements: [{ amount: '2.00' }] } } });
      expect(await service.post('payments', numbered)).toMatchObject({ status: 200, body: { unchanged: true } });
    });

    it('is unchanged after its reversal, which is named, and booked again by rebooks, once', async () => {
      const { eventIds } = await service.stored('payments', paymentOf('重记1', '3.00'));
      const [eventId] = eventIds as string[];
      await service.stored('reversals', { effectiveOn: '2024-03-05', reversalNo: '重红1', eventId, reason: '录错' });
      expect(await service.post('payments', paymentOf('重记1', '3.00'))).toMatchObject({
        status: 200,
        body: { unchanged: true, reversal: { reversalNo: '重红1', effectiveOn: '2024-03-05' } },
      });
      const rebooks = (reversalNo: string): Body => ({ ...paymentOf('重记1', '3.00'), rebooks: reversalNo });
      expect(await service.post('payments', rebooks('重红9'))).toMatchObject({
        status: 400,
        body: { code: 'REBOOKS_UNKNOWN' },
      });
      await service.stored('payments', rebooks('重红1'));
      expect(await service.post('payments', rebooks('重红1'))).toMatchObject({
        status: 200,
        body: { unchanged: true },
      });
    });
  });

  describe('idempotency', () => {
    it('answers a repeat as the first time, and stores nothing again', async () => {
      const key = randomUUID();
      const first = await service.post('payment-requests', paymentOf('幂等1', '1.00'), { key });
      const before = await headPosition();
      const again = await service.post('payment-requests', paymentOf('幂等1', '1.00'), { key });
      expect(first).toMatchObject({ status: 201, body: { unchanged: false } });
      expect(again).toMatchObject({
        status: 200,
        body: { unchanged: true, eventIds: first.body['eventIds'], stream: first.body['stream'] },
      });
      expect(await headPosition()).toBe(before);
    });

    it('stores once for two parallel posts with one key', async () => {
      const key = 'Beleg 17';
      const before = await headPosition();
      const answers = await Promise.all([
        service.post('payment-requests', paymentOf('幂等2', '1.00'), { key }),
        service.post('payment-requests', paymentOf('幂等2', '1.00'), { key }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
      expect(answers[0]?.body['eventIds']).toEqual(answers[1]?.body['eventIds']);
      expect(await headPosition()).toBe(before + 1);
    });

    it('refuses the same key with another body', async () => {
      const key = randomUUID();
      await service.stored('payment-requests', paymentOf('幂等3', '1.00'), { key });
      const before = await headPosition();
      const other = await service.post('payment-requests', paymentOf('幂等3', '2.00'), { key });
      expect(other).toMatchObject({ status: 409, body: { code: 'COMMAND_ID_REUSED' } });
      const elsewhere = await service.post('divisions', { divisionCode: '6302', name: '某市' }, { key });
      expect(elsewhere).toMatchObject({ status: 409, body: { code: 'COMMAND_ID_REUSED' } });
      expect(await headPosition()).toBe(before);
    });

    it('says so when the same document comes under another key', async () => {
      await service.stored('payment-requests', paymentOf('幂等4', '1.00'));
      const again = await service.post('payment-requests', paymentOf('幂等4', '1.00'));
      expect(again).toMatchObject({ status: 200, body: { unchanged: true, eventIds: [] } });
      const other = await service.post('payment-requests', paymentOf('幂等4', '2.00'));
      expect(other).toMatchObject({ status: 422, body: { code: 'DUPLICATE_DOCUMENT' } });
    });

    it('uses a UUID as command id as it is, and any other key for its actor alone', async () => {
      const uuid = randomUUID();
      const byUuid = await service.stored('payment-requests', paymentOf('幂等5', '1.00'), { key: uuid.toUpperCase() });
      const byText = await service.stored('payment-requests', paymentOf('幂等6', '1.00'), { key: '1' });
      const byOther = await service.stored('payment-requests', paymentOf('幂等7', '1.00'), { key: '1', as: CHIEF });
      const eventOf = async (answer: Body): Promise<Body> =>
        (await service.get(`events/${(answer['eventIds'] as string[])[0]}?waitFor=${byOther['position']}`)).body[
          'event'
        ];
      expect(await eventOf(byUuid)).toMatchObject({ commandId: uuid });
      expect(await eventOf(byText)).toMatchObject({ commandId: commandIdFrom(`key:${CLERK.id}:1`) });
      expect(await eventOf(byOther)).toMatchObject({ actor: CHIEF });
    });

    it.each([[null], ['ключ'.slice(0, 0)], ['x'.repeat(201)], ['a\tb']])('refuses the key %j', async (key) => {
      const answer = await service.post('payment-requests', paymentOf('幂等8', '1.00'), { key });
      expect(answer.status).toBe(400);
      expect(answer.body['code']).toMatch(/^IDEMPOTENCY_KEY_(MISSING|INVALID)$/);
    });
  });

  describe('input', () => {
    const fieldsOf = (answer: { readonly body: Body }): Body[] =>
      (answer.body['parameters'] as Body)['fields'] as Body[];

    const appropriation = (amount: unknown): Body => ({
      ...inPool('2024-01-11'),
      documentNo: '错1号',
      lines: [{ ...LINE, amount }],
    });

    it.each([
      ['-1.00', 'AMOUNT_NEGATIVE'],
      ['0.00', 'AMOUNT_ZERO'],
      ['1.001', 'AMOUNT_TOO_PRECISE'],
      ['1e3', 'AMOUNT_NOT_A_NUMBER'],
      ['0x10', 'AMOUNT_NOT_A_NUMBER'],
      ['Infinity', 'AMOUNT_NOT_A_NUMBER'],
      ['NaN', 'AMOUNT_NOT_A_NUMBER'],
      ['1,00.00', 'AMOUNT_SEPARATORS'],
      ['12万', 'AMOUNT_UNIT_INSIDE'],
      ['1.5', 'AMOUNT_FORM'],
      ['１.00', 'AMOUNT_FORM'],
      ['01.00', 'AMOUNT_SEPARATORS'],
      [' 1.00', 'AMOUNT_FORM'],
      ['99999999999999999.00', 'AMOUNT_TOO_LARGE'],
      [1.1, 'AMOUNT_NOT_TEXT'],
      [null, 'FIELD_REQUIRED'],
    ])('refuses the amount %j', async (amount, code) => {
      const before = await headPosition();
      const answer = await service.post('appropriations', appropriation(amount));
      expect(answer).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(fieldsOf(answer).map(({ field }) => field)).toEqual(['lines[0].amount']);
      expect(fieldsOf(answer)[0]?.['code']).toMatch(
        code === 'AMOUNT_SEPARATORS' ? /^AMOUNT_/ : new RegExp(`^${code}$`),
      );
      for (const text of ['message', 'messageEn', 'remedy', 'remedyEn'])
        expect(fieldsOf(answer)[0]?.[text]).toBeTruthy();
      expect(await headPosition()).toBe(before);
    });

    it('lists everything that is wrong at once, unknown fields at every depth among it', async () => {
      const answer = await service.post('appropriations', {
        division: '99',
        fiscalYear: '2024',
        effectiveOn: '2024-02-30',
        documentNo: '有 空格',
        surplus: 1,
        lines: [{ channelCode: 'a/b', purposeCode: 'GSBZ', amount: '1.00', nested: { more: true } }],
      });
      expect(answer.status).toBe(400);
      const found = Object.fromEntries(fieldsOf(answer).map(({ field, code }) => [field, code]));
      expect(found).toEqual({
        division: 'DIVISION_CODE_INVALID',
        fiscalYear: 'YEAR_INVALID',
        effectiveOn: 'DATE_INVALID',
        documentNo: 'CODE_INVALID',
        surplus: 'UNKNOWN_FIELD',
        'lines[0].channelCode': 'CODE_INVALID',
        'lines[0].nested': 'UNKNOWN_FIELD',
      });
    });

    it.each([
      [{ ...appropriation('1.00'), lines: [] }],
      [{ ...appropriation('1.00'), lines: 'x' }],
      [{ ...appropriation('1.00'), lines: [null] }],
      [{ ...appropriation('1.00'), lines: ['x'] }],
      [{ ...appropriation('1.00'), lines: [[{ ...LINE, amount: '1.00' }]] }],
      [{ ...appropriation('1.00'), lines: { length: 1 } }],
      [{ ...appropriation('1.00'), division: { $gt: '' } }],
      [{ ...appropriation('1.00'), division: ['630222'] }],
      [[appropriation('1.00')]],
      ['null'],
      ['"x"'],
      ['12'],
      [''],
    ])('refuses the body %j', async (body) => {
      const before = await headPosition();
      const answer = await service.post('appropriations', body);
      expect(answer.status).toBe(400);
      expect(answer.body['remedy']).toBeTruthy();
      expect(await headPosition()).toBe(before);
    });

    it.each([
      ['{"division": ', 400, 'BODY_NOT_JSON'],
      ['{"__proto__": {"division": "63"}}', 400, 'REQUEST_INVALID'],
      [`{"x":"${'x'.repeat(MAX_BODY_BYTES)}"}`, 413, 'BODY_TOO_LARGE'],
    ])('answers a body like %.20j with a problem', async (body, status, code) => {
      const answer = await service.post('appropriations', body);
      expect(answer).toMatchObject({ status, body: { status, code } });
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.body['correlationId']).toBe(answer.headers.get('x-correlation-id'));
    });

    it.each([
      ['appropriations', { ...appropriation('1.00'), division: '639999' }, 'UNKNOWN_DIVISION'],
      [
        'appropriations',
        { ...appropriation('1.00'), lines: [{ ...LINE, channelCode: 'NONE', amount: '1.00' }] },
        'UNKNOWN_CHANNEL',
      ],
      [
        'payment-requests',
        {
          ...paymentOf('错2', '1.00'),
          lines: [{ ...LINE, projectCode: 'NONE', place: '630222103200', amount: '1.00' }],
        },
        'UNKNOWN_PROJECT',
      ],
      ['payment-approvals', { ...inPool('2024-03-01'), voucherNo: '没有' }, 'UNKNOWN_PAYMENT'],
      [
        'reversals',
        { eventId: randomUUID(), effectiveOn: '2024-03-01', reversalNo: '冲9', reason: '试' },
        'UNKNOWN_EVENT',
      ],
      [
        'channels',
        { channelCode: 'X', name: 'x', departmentCode: 'NONE', level: '省', kind: '行业' },
        'UNKNOWN_DEPARTMENT',
      ],
    ])('refuses at %s what names something unknown: %#', async (path, body, code) => {
      const before = await headPosition();
      expect(await service.post(path, body)).toMatchObject({ status: 400, body: { code } });
      expect(await headPosition()).toBe(before);
    });

    it('tells an overdraft’s line and shortfall', async () => {
      const answer = await service.post('payment-requests', paymentOf('透支1', '1500.00'));
      expect(answer).toMatchObject({ status: 422, body: { code: 'OVERDRAFT', type: 'urn:yichi:problem:OVERDRAFT' } });
      const { available, asked, short } = answer.body['parameters'] as Record<string, string>;
      expect(asked).toBe('1500.00');
      expect(Number(available) + Number(short)).toBeCloseTo(1500);
      expect(answer.body['detail']).toContain('缺');
      expect(answer.body['instance']).toBe('/api/v1/payment-requests');
    });

    it('brings a division padded with zeros to the length of its level', async () => {
      const answer = await service.stored('appropriations', {
        ...inPool('2024-01-12', '630222000000'),
        documentNo: '补零1号',
        lines: [{ ...LINE, amount: '1.00' }],
      });
      expect(answer['stream']).toBe('pool-630222-2024');
    });

    it('does not reverse what is no entry of money', async () => {
      const registered = await service.stored('purposes', { purposeCode: 'NEU', name: '新' });
      const answer = await service.post('reversals', {
        eventId: (registered['eventIds'] as string[])[0],
        effectiveOn: '2024-03-01',
        reversalNo: '冲8',
        reason: '试',
      });
      expect(answer).toMatchObject({ status: 422, body: { code: 'NOT_REVERSIBLE' } });
    });
  });

  it('puts the caller’s correlation id into the answer, the events and the log', async () => {
    const correlationId = 'office-2024.11_a';
    const answer = await service.post('payment-requests', paymentOf('关联1', '1.00'), {
      headers: { 'x-correlation-id': correlationId },
    });
    expect(answer.headers.get('x-correlation-id')).toBe(correlationId);
    const [id] = answer.body['eventIds'] as string[];
    const { body } = await service.get(`events/${id}?waitFor=${answer.body['position']}`);
    expect(body['event']).toMatchObject({ correlationId, actor: CLERK, basis: '关联1' });
    const line = service.logLines
      .map((each) => JSON.parse(each) as Body)
      .find((each) => each['correlationId'] === correlationId);
    expect(line).toMatchObject({ method: 'POST', route: '/api/v1/payment-requests', status: 201, actor: CLERK.id });
  });

  it('makes a correlation id of its own where the caller’s is none', async () => {
    const answer = await service.post('payment-requests', paymentOf('关联2', '1.00'), {
      headers: { 'x-correlation-id': 'two words' },
    });
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('writes neither tokens nor bodies to the log', async () => {
    await service.stored('payment-requests', { ...paymentOf('秘密1', '1.00'), payee: '隐名收款人' });
    const all = service.logLines.join('');
    expect(all).toContain('payment-requests');
    expect(all).not.toContain('隐名收款人');
    expect(all).not.toContain(DOCUMENT);
    expect(all).not.toContain((await service.token()).slice(0, 20));
  });
});
