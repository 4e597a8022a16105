import { randomUUID } from 'node:crypto';

import openApi from '../../openapi.json';
import { CONTRACT } from './support/contract';
import {
  type Answer,
  type Body,
  CHIEF,
  COUNTY,
  DOCUMENT,
  fund,
  inPool,
  LINE,
  OTHER_VILLAGE,
  paymentOf,
  type PostOptions,
  PROVINCE,
  registerWorld,
  Service,
  VILLAGE,
  YEAR,
} from './support/service';

const NAMED = { ...LINE, documentNo: DOCUMENT };
const AT_VILLAGE = { ...NAMED, projectCode: 'P-1', place: VILLAGE };
const NEXT_YEAR = { division: COUNTY, fiscalYear: YEAR + 1, effectiveOn: '2025-01-10' };
const REOPENING = { ...inPool('2024-12-31'), approvalNo: '反1', period: '2024-12' };

/** One year in which every command comes once; each is also sent without its content. Answers are checked as they come. */
const COMMANDS: readonly (readonly [path: string, body: Body, options?: PostOptions])[] = [
  ['divisions', { divisionCode: '630224', name: '化隆县', validFrom: '2000-01-01', validTo: null }],
  ['departments', { departmentCode: 'JTT', name: '交通厅', validFrom: '2000-01-01', mergedInto: null }],
  ['purposes', { purposeCode: 'YS', name: '饮水', parentPurpose: 'GSBZ' }],
  [
    'channels',
    { channelCode: 'JT', name: '公路', departmentCode: 'JTT', level: '省', kind: '行业', cashRequired: true },
  ],
  ['projects', { projectCode: 'P-2', projectName: '路', division: COUNTY, purposeCode: 'CUNLU', places: [VILLAGE] }],
  ['appropriations', { ...inPool('2024-01-10', PROVINCE), documentNo: '省1', lines: [{ ...LINE, amount: '9.00' }] }],
  [
    'transfers',
    {
      ...inPool('2024-01-11', PROVINCE),
      transferNo: '下1',
      lines: [{ ...LINE, documentNo: '省1', toDivision: COUNTY, integrated: false, amount: '9.00' }],
    },
  ],
  [
    'integrations',
    {
      ...inPool('2024-01-21'),
      integrationNo: '整2',
      integrationRegime: 'PILOT_INTEGRATION',
      lines: [{ ...LINE, documentNo: '省1', amount: '9.00' }],
    },
  ],
  ['cash-receipts', { ...inPool('2024-01-25'), receiptNo: '到1', lines: [{ ...NAMED, amount: '50.00' }] }],
  [
    'allocations',
    {
      ...inPool('2024-02-02'),
      allocationNo: '安2',
      lineSelection: 'fifo',
      lines: [{ ...LINE, projectCode: 'P-1', place: OTHER_VILLAGE, amount: '1.00' }],
    },
  ],
  [
    'repurposings',
    {
      ...inPool('2024-02-03'),
      approvalNo: '批1',
      lines: [{ ...LINE, documentNo: '省1', toPurposeCode: 'CUNLU', amount: '1.00' }],
    },
  ],
  [
    'reallocations',
    {
      ...inPool('2024-02-10'),
      reallocationNo: '调1',
      lines: [{ ...NAMED, fromProject: 'P-1', fromPlace: VILLAGE, to: null, amount: '1.00' }],
    },
  ],
  ['payment-requests', paymentOf('支1', '10.00')],
  ['payment-approvals', { ...inPool('2024-03-02'), voucherNo: '支1' }, { as: CHIEF }],
  ['payment-executions', { ...inPool('2024-03-03'), voucherNo: '支1' }],
  [
    'payment-returns',
    {
      ...inPool('2024-03-10'),
      voucherNo: '退1',
      originalVoucherNo: '支1',
      payee: '某某公司',
      lines: [{ ...AT_VILLAGE, amount: '1.00' }],
    },
  ],
  ['payment-requests', { ...paymentOf('支2', '1.00'), effectiveOn: '2024-03-11', repaysVoucherNo: '支1' }],
  ['payment-cancellations', { ...inPool('2024-03-12'), voucherNo: '支2', reason: '账户有误' }],
  ['payments', paymentOf('支3', '2.00')],
  [
    'recalls',
    {
      ...inPool('2024-04-01'),
      recallNo: '收1',
      recalledTo: '县财政局',
      lines: [{ ...NAMED, from: { projectCode: 'P-1', place: VILLAGE }, amount: '1.00' }],
    },
  ],
  ['bookmarks', { name: '四月', at: null, asOf: '2024-04-01', remark: null }],
  ['month-closings', { ...inPool('2024-06-30'), closingNo: '月6', month: '2024-06' }],
  [
    'payments',
    {
      ...paymentOf('支4', '1.00'),
      adjustment: { approvalNo: '调2', approvedBy: CHIEF.id, reason: '回单迟到' },
    },
  ],
  ['carry-overs', { ...inPool('2024-12-31'), carryOverNo: '结1', toFiscalYear: YEAR + 1 }],
  ['month-closings', { ...inPool('2024-12-31'), closingNo: '月12', month: '2024-12' }],
  ['reopening-requests', { ...REOPENING, reason: '漏记' }],
  ['reopenings', REOPENING, { as: CHIEF }],
  ['month-closings', { ...inPool('2024-12-31'), closingNo: '月12再', month: '2024-12' }],
  ['year-closings', { ...inPool('2024-12-31'), closingNo: '年1' }],
];

describe('what openapi.json promises', () => {
  let service: Service;
  /** Statuses that each operation has answered with. */
  const answered = new Map<string, Set<number>>();

  const noted = (method: string, path: string, answer: Answer): Answer => {
    const id = CONTRACT.operationOf(method, path)?.operationId;
    if (id === undefined) throw new Error(`${method} ${path} is not documented`);
    answered.set(id, (answered.get(id) ?? new Set()).add(answer.status));
    return answer;
  };
  const post = async (path: string, body: Body, options?: PostOptions) =>
    noted('POST', `/api/v1/${path}`, await service.post(path, body, options));
  const get = async (path: string, status = 200) => {
    const answer = noted('GET', path, await service.request(path, { headers: { authorization: await bearer() } }));
    expect([path, answer.status]).toEqual([path, status]);
    return answer.body;
  };
  const bearer = async () => `Bearer ${await service.token()}`;

  beforeAll(async () => {
    service = await Service.start();
    await registerWorld(service);
    await fund(service, '100.00');
  });
  afterAll(() => service.close());

  it('is what every command takes and answers, stored, there already, and refused', async () => {
    for (const [path, body, options] of COMMANDS) {
      const key = randomUUID();
      const once = await post(path, body, { ...options, key });
      expect([path, once.status, once.body]).toEqual([path, 201, expect.objectContaining({ unchanged: false })]);
      expect(await post(path, body, { ...options, key })).toMatchObject({ status: 200, body: { unchanged: true } });
      expect(await post(path, {})).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    }
    const appropriation = { ...NEXT_YEAR, documentNo: '误1', lines: [{ ...LINE, amount: '1.00' }] };
    const wrong = (await post('appropriations', appropriation)).body;
    const [eventId] = wrong['eventIds'] as string[];
    const reversal = { eventId, effectiveOn: '2025-01-11', reversalNo: '冲1', reason: '重复' };
    expect(await post('reversals', reversal)).toMatchObject({ status: 201 });
    expect(await post('reversals', reversal)).toMatchObject({ status: 200 });
    expect(await post('reversals', {})).toMatchObject({ status: 400 });
  });

  it('is what every question takes and answers, and how it refuses', async () => {
    await service.ledger.checkpoints.make();
    const position = await service.ledger.log.head();
    const { rows } = await get(`/api/v1/events?waitFor=${position}&limit=1000`);
    const [event] = (rows as Body[]).filter(({ type }) => type === 'PaymentExecuted');
    const size = await service.ledger.log.tree?.size();
    for (const path of [
      ...[
        'divisions',
        'departments',
        'purposes',
        'channels',
        'projects',
        'lines',
        'movements',
        'closings',
        'bookmarks',
      ],
      ...['balances?by=county&asOf=2024-04-01', 'balances?by=village&at=四月', 'events?limit=2&type=PaymentExecuted'],
      ...[`events/${event?.['id']}`, 'trace/支1', `trace/${encodeURIComponent(DOCUMENT)}?at=四月`, 'trace/P-1'],
      ...[
        'balances/provenance?by=county&measure=paid',
        `history?by=county&key=${COUNTY}`,
        'diff?by=county&from=1&to=四月',
      ],
      ...[`diff?by=village&from=1&to=${position}&events=2`, 'bookmarks/四月', 'movements?at=四月&limit=1'],
      ...[`proofs/inclusion/${event?.['id']}`, `proofs/consistency?from=1&to=${size}`, 'lines?at=四月'],
    ]) {
      await get(`/api/v1/${path}`);
    }
    for (const path of ['/log/checkpoint', `/log/tile/0/000.p/${size}`, `/log/tile/0%2F000.p%2F${size}`]) {
      await get(path);
    }
    for (const bundle of ['data', 'entries', 'wide']) await get(`/log/tile/${bundle}/000.p%2F${size}`);
    for (const path of ['/health/live', '/health/ready', '/metrics']) await get(path);

    const lists = ['divisions', 'departments', 'purposes', 'channels', 'projects', 'lines', 'movements', 'events'];
    for (const path of [...lists, 'closings', 'balances?by=county', 'trace/P-1']) {
      await get(`/api/v1/${path}${path.includes('?') ? '&' : '?'}at=nowhere`, 404);
    }
    for (const path of ['balances/provenance', 'history', 'diff', 'proofs/consistency', 'events/1']) {
      await get(`/api/v1/${path}`, 400);
    }
    await get('/api/v1/bookmarks/nothing', 404);
    await get(`/api/v1/proofs/inclusion/00000000-0000-5000-8000-000000000000`, 404);
    for (const path of ['/log/tile/9/000', '/log/tile/data/999', '/log/tile/entries/999', '/log/tile/wide/999']) {
      await get(path, 404);
    }
  });

  it('names nothing that was not answered', () => {
    const unrefused = ['HealthLive', 'HealthReady', 'Metrics', 'LogCheckpoint', 'ListBookmarks'];
    for (const id of CONTRACT.routes.map(({ operation }) => operation.operationId)) {
      const statuses = [...(answered.get(id) ?? [])];
      expect([id, statuses.some((status) => status < 300)]).toEqual([id, true]);
      if (!unrefused.includes(id)) expect([id, statuses.some((status) => status >= 400)]).toEqual([id, true]);
    }
  });

  it('has a schema wherever it refers to one, and closed ones for what is sent', () => {
    const { schemas } = openApi.components;
    const names = new Set(
      [...JSON.stringify(openApi).matchAll(/"#\/components\/schemas\/([^"]*)"/g)].map(([, n]) => n),
    );
    expect([...names].filter((name) => !(String(name) in schemas))).toEqual([]);
    expect(schemas.AllocateFundsDto.properties.lines.items.$ref).toBe('#/components/schemas/PlacedLineDto');
    expect(schemas.PlacedLineDto.additionalProperties).toBe(false);
  });

  it('is held against answers and requests by a check that notices', () => {
    const good = { method: 'POST', path: '/api/v1/purposes', sent: { purposeCode: 'A', name: '甲' }, status: 201 };
    const body = { eventIds: [], position: '1', stream: 's', unchanged: false };
    const type = 'application/json; charset=utf-8';
    expect(CONTRACT.breachOf({ ...good, type, body })).toBeNull();
    expect(CONTRACT.breachOf({ ...good, type, body: { ...body, more: 1 } })).toContain(
      'must NOT have additional properties',
    );
    expect(CONTRACT.breachOf({ ...good, type, body: { ...body, position: 1 } })).toContain('must be string');
    expect(CONTRACT.breachOf({ ...good, type: 'text/plain', body })).toContain('declares no text/plain');
    expect(CONTRACT.breachOf({ ...good, type, body, status: 202 })).toContain('declares no 202');
    expect(CONTRACT.breachOf({ ...good, type, body, sent: { name: 1 } })).toContain('takes what it does not declare');
    expect(CONTRACT.breachOf({ ...good, type, body, status: 400 })).toContain('declares no application/json');
  });
});
