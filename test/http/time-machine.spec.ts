import { balances } from '../../src/balances/balances';
import openApi from '../../openapi.json';
import { leafHash } from '../../src/event-log/tree/merkle-hash';
import { TreeFrontier } from '../../src/event-log/tree/merkle-tree';
import {
  type Body,
  COUNTY,
  DOCUMENT,
  fund,
  LINE,
  OTHER_VILLAGE,
  paymentOf,
  registerWorld,
  Service,
  VILLAGE,
} from './support/service';

/** Every question that can be pinned to a moment, as the documentation lists them. */
const PINNED = Object.entries(
  openApi.paths as Readonly<
    Record<string, { readonly get?: { readonly parameters?: readonly { readonly name: string }[] } }>
  >,
)
  .filter(([, { get }]) => get?.parameters?.some(({ name }) => name === 'at') === true)
  .map(([path]) => path.replace('/api/v1/', '').replace('{id}', 'P-1'));

/** What a question needs besides its moment. */
const NEEDED: Readonly<Record<string, string>> = {
  balances: 'by=county&',
  'balances/provenance': 'by=county&measure=paid&',
  history: `by=county&key=${COUNTY}&`,
};

describe('the past over HTTP', () => {
  let service: Service;
  /** Positions: registry known, money at the village, first payment, second payment, changes of the registry. */
  let registered: string;
  let funded: string;
  let paid: string;
  let paidAgain: string;
  let changed: string;
  const head = async (): Promise<string> => String(await service.ledger.log.head());

  beforeAll(async () => {
    service = await Service.start();
    await registerWorld(service);
    registered = await head();
    await fund(service, '1000.00');
    funded = await head();
    await service.stored('payments', paymentOf('支1号', '300.00'));
    paid = await head();
    await service.stored('payments', { ...paymentOf('支2号', '100.00'), effectiveOn: '2024-02-15' });
    paidAgain = await head();
    await service.stored('divisions', { divisionCode: VILLAGE, name: '新史纳村' });
    await service.stored('channels', {
      channelCode: 'SL',
      name: '新水利资金',
      departmentCode: 'SLT',
      level: '省',
      kind: '行业',
      allowedPurposes: ['GSBZ'],
    });
    await service.stored('purposes', { purposeCode: 'GSBZ', name: '饮水', parentPurpose: null });
    await service.stored('departments', { departmentCode: 'SLT', name: '水务厅' });
    await service.stored('projects', {
      projectCode: 'P-1',
      projectName: '饮水工程',
      division: '630222000000',
      purposeCode: 'GSBZ',
      // The other village, at which there is no money, is left out.
      places: [VILLAGE],
      enteredOn: '2023-11-20',
      startedOn: '2024-03-01',
    });
    changed = await head();
    await service.get(`balances?by=county&waitFor=${changed}`);
  });
  afterAll(() => service.close());

  const ok = async (path: string): Promise<Body> => {
    const { status, body } = await service.get(path);
    expect([path, status, body['code']]).toEqual([path, 200, undefined]);
    return body;
  };
  const rows = async (path: string): Promise<Body[]> => (await ok(path))['rows'] as Body[];

  it('lists the registry as it was known at a position', async () => {
    const names = async (at: string): Promise<unknown[]> => [
      (await rows(`divisions?under=${VILLAGE}&at=${at}`)).map(({ name }) => name),
      (await rows(`departments?at=${at}`)).map(({ name }) => name),
      (await rows(`channels?at=${at}`)).map(({ name }) => name),
      (await rows(`purposes?at=${at}`)).map(({ name }) => name),
      (await rows(`projects?at=${at}`)).map(({ projectName, startedOn }) => [projectName, startedOn]),
    ];
    const before = [['史纳村'], ['水利厅'], ['水利发展资金'], ['村路', '供水保障'], [['供水工程', null]]];
    expect(await names(registered)).toEqual(before);
    expect(await names(paid)).toEqual(before);
    expect(await names(changed)).toEqual([
      ['新史纳村'],
      ['水务厅'],
      ['新水利资金'],
      ['村路', '饮水'],
      [['饮水工程', '2024-03-01']],
    ]);
    expect(await rows('channels?at=1')).toEqual([]);
  });

  it('lists projects by the places and milestones of the moment', async () => {
    const at = async (query: string): Promise<number> => (await rows(`projects?${query}`)).length;
    expect(await at(`place=${OTHER_VILLAGE}`)).toBe(0);
    expect(await at(`place=${OTHER_VILLAGE}&at=${paid}`)).toBe(1);
    expect(await at(`place=${VILLAGE}`)).toBe(1);
    const [project] = await rows('projects?asOf=2024-02-29');
    expect(project).toMatchObject({ enteredOn: '2023-11-20', startedOn: null });
    expect(await rows('projects?asOf=2023-11-20')).toHaveLength(1);
  });

  it('calls keys of a balance as they were called then', async () => {
    const name = async (query: string): Promise<unknown> => (await rows(`balances?by=village${query}`))[0]?.['name'];
    expect([await name(''), await name(`&at=${paid}`)]).toEqual(['新史纳村', '史纳村']);
  });

  it('traces money to where it was', async () => {
    const uses = async (query: string): Promise<unknown[]> =>
      ((await ok(`trace/${encodeURIComponent(DOCUMENT)}?${query}`))['uses'] as Body[]).map(
        ({ state, amount, voucherNo }) => [state, voucherNo, amount],
      );
    expect(await uses(`at=${funded}`)).toEqual([['unspent', null, '1000.00']]);
    expect(await uses('asOf=2024-01-15')).toEqual([['unintegrated', null, '1000.00']]);
    expect(await uses(`at=${paid}`)).toEqual([
      ['paid', '支1号', '300.00'],
      ['unspent', null, '700.00'],
    ]);
    expect(await uses('asOf=2024-02-20')).toEqual([
      ['paid', '支2号', '100.00'],
      ['unspent', null, '900.00'],
    ]);
    const unknownThen = await service.get(`trace/${encodeURIComponent('支1号')}?at=${funded}`);
    expect(unknownThen).toMatchObject({ status: 404, body: { code: 'TRACE_NOT_FOUND' } });
  });

  it('narrows movements to the accounts of a place', async () => {
    expect(await rows(`movements?place=${OTHER_VILLAGE}`)).toEqual([]);
    const found = await rows(`movements?place=${VILLAGE}&at=${paidAgain}`);
    expect(found.map(({ amount }) => amount)).toEqual(['1000.00', '300.00', '100.00']);
    expect(await rows(`movements?place=${VILLAGE}&asOf=2024-02-15&at=${paidAgain}`)).toHaveLength(2);
    expect(await rows('movements?projectCode=P-1&purposeCode=GSBZ')).toHaveLength(3);
    expect(await rows('movements?projectCode=P-1&purposeCode=CUNLU')).toEqual([]);
  });

  it('can be asked for balances, lines, movements, projects, the registry, closings, traces, histories and provenance', () =>
    expect(PINNED.sort()).toEqual([
      'balances',
      'balances/provenance',
      'channels',
      'closings',
      'departments',
      'divisions',
      'events',
      'history',
      'lines',
      'movements',
      'projects',
      'purposes',
      'trace/P-1',
    ]));

  it.each(PINNED)(
    '%s: at a position, on a business date, and both; and where there is no answer, an error',
    async (path) => {
      const ask = (moment: string) => service.get(`${path}?${NEEDED[path] ?? ''}${moment}`);
      expect(await ask(`at=${paid}`)).toMatchObject({ status: 200, body: { position: paid } });
      expect(await ask('asOf=2024-02-20')).toMatchObject({ status: 200, body: { position: changed } });
      const both = await ask(`at=${paid}&asOf=2024-02-20`);
      expect(both).toMatchObject({ status: 200, body: { position: paid } });
      for (const [moment, status, code] of [
        ['at=0', 400, 'BEFORE_FIRST_EVENT'],
        ['at=999999', 400, 'POSITION_NOT_REACHED'],
        ['at=-1', 400, 'POSITION_INVALID'],
        [`at=${encodeURIComponent('没有')}`, 404, 'BOOKMARK_UNKNOWN'],
        ['asOf=1990-01-01', 400, 'DATE_BEFORE_FIRST_EVENT'],
        ['asOf=2024-02-30', 400, 'DATE_INVALID'],
        [`at=${paid}&asOf=1990-01-01`, 400, 'DATE_BEFORE_FIRST_EVENT'],
      ] as const) {
        expect(await ask(moment)).toMatchObject({ status, body: { code } });
      }
    },
  );

  it.each([
    ['balances?by=county&at=0', 'BEFORE_FIRST_EVENT'],
    ['balances?by=county&asOf=2001-01-01', 'DATE_BEFORE_FIRST_EVENT'],
    ['lines?at=999999', 'POSITION_NOT_REACHED'],
    ['lines?asOf=2001-01-01', 'DATE_BEFORE_FIRST_EVENT'],
    ['movements?at=999999', 'POSITION_NOT_REACHED'],
    ['movements?asOf=2024-02-30', 'DATE_INVALID'],
    ['divisions?at=999999', 'POSITION_NOT_REACHED'],
    ['projects?asOf=2001-01-01', 'DATE_BEFORE_FIRST_EVENT'],
    ['events?at=0', 'BEFORE_FIRST_EVENT'],
    ['diff?by=county&from=0&to=1', 'BEFORE_FIRST_EVENT'],
    ['diff?by=county&from=1&to=2024-02-30', 'DATE_INVALID'],
    ['diff?by=county&from=1', 'REQUEST_INVALID'],
    ['diff?by=county&from=1&to=1e3', 'POSITION_INVALID'],
    ['diff?by=county&from=1&to=2&events=1001', 'EVENTS_INVALID'],
    ['history?by=county&key=630222&after=x', 'CURSOR_INVALID'],
    ['balances/provenance?by=county&key=630222&measure=moon', 'REQUEST_INVALID'],
  ])('refuses %s with %s instead of an empty answer', async (path, code) => {
    expect(await service.get(path)).toMatchObject({ status: 400, body: { code } });
  });

  it.each([
    ['balances?by=county&at=没有', 'BOOKMARK_UNKNOWN'],
    ['bookmarks/没有', 'BOOKMARK_UNKNOWN'],
    ['history?by=county&key=999999', 'KEY_UNKNOWN'],
    ['balances/provenance?by=county&key=999999&measure=paid', 'KEY_UNKNOWN'],
  ])('does not know %s: %s', async (path, code) => {
    expect(await service.get(encodeURI(path))).toMatchObject({ status: 404, body: { code } });
  });

  describe('bookmarks', () => {
    it('name a moment for good, with the root of its tree, once for each key', async () => {
      const body = { name: '年中', at: paid, asOf: '2024-02-20', remark: '测试' };
      const first = await service.post('bookmarks', body, { key: 'bookmark-1' });
      expect(first.status).toBe(201);
      expect(await service.post('bookmarks', body, { key: 'bookmark-1' })).toMatchObject({ status: 200 });
      expect(await service.post('bookmarks', body)).toMatchObject({ status: 200, body: { unchanged: true } });
      const other = await service.post('bookmarks', { ...body, at: funded });
      expect([other.status, other.body['code']]).toEqual([422, 'BOOKMARK_NAME_TAKEN']);
      const otherDate = await service.post('bookmarks', { ...body, asOf: null });
      expect(otherDate.body['code']).toBe('BOOKMARK_NAME_TAKEN');

      const frontier = new TreeFrontier();
      for (const { canonical } of await service.ledger.log.readAll(0, Number(paid)))
        frontier.append(leafHash(canonical));
      const bookmark = {
        ...body,
        position: paid,
        treeSize: Number(paid),
        treeRoot: frontier.root().toString('base64'),
      };
      const { at: _, ...expected } = bookmark;
      expect(await ok(`bookmarks/${encodeURIComponent('年中')}`)).toEqual(expected);
      expect(await rows('bookmarks')).toEqual([expected]);
      const [event] = await rows(`events?stream=registry-bookmarks&waitFor=${first.body['position']}`);
      expect(event?.['data']).toEqual(expected);
      expect(event).toMatchObject({ type: 'BookmarkSet', basis: '年中' });
    });

    it('without a moment stand for the newest event', async () => {
      const now = await head();
      await service.stored('bookmarks', { name: '此刻' });
      expect(await ok(`bookmarks/${encodeURIComponent('此刻')}`)).toMatchObject({ position: now, asOf: null });
    });

    it.each(['', '57', '2024-06-30', 'a/b', 'a:b', 'a@b', ' ', 'x'.repeat(65)])('are not called “%s”', async (name) => {
      const { status } = await service.post('bookmarks', { name });
      expect(status).toBe(400);
    });

    it.each([
      ['1', '999999'],
      ['1', 'nowhere'],
    ])('do not stand where there is nothing', async (_, at) => {
      expect((await service.post('bookmarks', { name: '远', at })).status).toBeGreaterThanOrEqual(400);
    });

    it('stand wherever a position does, and answers carry them', async () => {
      const name = encodeURIComponent('年中');
      const bookmark = await ok(`bookmarks/${name}`);
      const same = await ok(`balances?by=village&at=${paid}&asOf=2024-02-20`);
      const answer = await ok(`balances?by=village&at=${name}`);
      expect(answer).toEqual({ ...same, bookmark });
      for (const path of [
        `lines?at=${name}`,
        `movements?at=${name}`,
        `events?at=${name}`,
        `divisions?at=${name}`,
        `projects?at=${name}`,
        `trace/${encodeURIComponent(DOCUMENT)}?at=${name}`,
        `history?by=county&key=${COUNTY}&at=${name}`,
        `balances/provenance?by=county&key=${COUNTY}&measure=available&at=${name}`,
      ]) {
        const { bookmark: carried, position } = await ok(path);
        expect([path, carried, position]).toEqual([path, bookmark, paid]);
      }
      const compared = await ok(`diff?by=village&from=${name}&to=${paidAgain}`);
      expect(compared['from']).toEqual({ position: paid, asOf: '2024-02-20', bookmark });
      // A date of one's own takes the place of the bookmark's.
      expect(await ok(`balances?by=village&at=${name}&asOf=2024-03-31`)).toMatchObject({
        asOf: '2024-03-31',
        position: paid,
      });
    });
  });

  it('says which balances changed between two moments, and by which events', async () => {
    const answer = await ok(`diff?by=village&from=${funded}&to=${paidAgain}`);
    expect(answer).toMatchObject({
      by: 'village',
      from: { position: funded, asOf: null },
      to: { position: paidAgain },
    });
    expect(answer['rows']).toMatchObject([
      {
        key: VILLAGE,
        from: { paid: '0.00', unspent: '1000.00' },
        to: { paid: '400.00', unspent: '600.00' },
        change: { paid: '400.00', unspent: '-400.00', allocated: '0.00' },
        eventCount: 2,
        events: [
          {
            position: paid,
            documentNo: '支1号',
            type: 'PaymentExecuted',
            change: { paid: '300.00', unspent: '-300.00' },
          },
          { position: paidAgain, documentNo: '支2号', effectiveOn: '2024-02-15' },
        ],
      },
    ]);
    const back = await ok(`diff?by=village&from=${paidAgain}&to=${funded}&events=1`);
    expect(back['rows']).toMatchObject([
      { change: { paid: '-400.00' }, eventCount: 2, events: [{ change: { paid: '-300.00' } }] },
    ]);
    expect(await rows(`diff?by=village&from=2024-02-10&to=2024-02-20`)).toMatchObject([{ change: { paid: '100.00' } }]);
    expect(await rows(`diff?by=village&from=${paid}@2024-02-20&to=${paidAgain}@2024-02-20`)).toMatchObject([
      { eventCount: 1 },
    ]);
    expect(await rows(`diff?by=village&from=${registered}&to=${registered}`)).toEqual([]);
    expect(await rows(`diff?by=village&from=${funded}&to=${paid}&key=${OTHER_VILLAGE}`)).toEqual([]);
  });

  it('shows one balance through time, page by page', async () => {
    const path = `history?by=village&key=${VILLAGE}`;
    const answer = await ok(path);
    expect(
      (answer['rows'] as Body[]).map(({ effectiveOn, documentNo, change, balance }) => [
        effectiveOn,
        documentNo,
        change.paid,
        balance.unspent,
      ]),
    ).toEqual([
      ['2024-02-01', '安1号', undefined, '1000.00'],
      ['2024-02-15', '支2号', '100.00', '900.00'],
      ['2024-03-01', '支1号', '300.00', '600.00'],
    ]);
    const first = await ok(`${path}&limit=2`);
    expect(first['next']).toBe(`20240215.${paidAgain}`);
    const second = await ok(`${path}&limit=2&after=${first['next']}`);
    expect([second['next'], second['eventCount']]).toEqual([null, 3]);
    expect([...(first['rows'] as Body[]), ...(second['rows'] as Body[])]).toEqual(answer['rows']);
  });

  it('opens a figure down to its events, which sum to it', async () => {
    const path = `balances/provenance?by=village&key=${VILLAGE}&measure=unspent&at=${paidAgain}`;
    const answer = await ok(path);
    const tree = await ok(`bookmarks/${encodeURIComponent('年中')}`);
    expect(answer).toMatchObject({
      figure: '600.00',
      eventCount: 3,
      position: paidAgain,
      tree: { size: Number(paidAgain) },
    });
    expect((answer['rows'] as Body[]).map(({ contribution }) => contribution)).toEqual([
      '1000.00',
      '-300.00',
      '-100.00',
    ]);
    for (const row of answer['rows'] as Body[]) {
      expect(row['event']).toEqual((await ok(`events/${row['id']}`))['event']);
    }
    const figure = balances(service.ledger.readModel, {
      by: 'village',
      under: null,
      year: null,
      at: Number(paidAgain),
      asOf: null,
    });
    expect(figure.rows[0]?.measures.unspent).toBe(60_000);
    const pinned = await ok(`balances/provenance?by=village&measure=paid&at=${paid}&limit=1`);
    expect(pinned).toMatchObject({
      key: null,
      figure: '300.00',
      tree: { size: tree['treeSize'], root: tree['treeRoot'] },
    });
    const page = await ok(`${path}&limit=2`);
    expect(page['next']).toBe(paid);
    expect(await rows(`${path}&after=${page['next']}`)).toHaveLength(1);
  });

  it('needs money to be of the line that is asked for', async () => {
    expect(await rows(`lines?purposeCode=${LINE.purposeCode}&at=${funded}`)).toHaveLength(1);
    expect(await rows(`lines?at=${registered}`)).toEqual([]);
  });
});
