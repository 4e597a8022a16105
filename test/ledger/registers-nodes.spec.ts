import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventStoreDbEventLog } from '../../src/event-log/eventstoredb/eventstoredb-event-log';
import { SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log';
import type { UnitOfWork } from '../../src/event-log/unit-of-work';
import { Ledger } from '../../src/ledger/ledger';
import { LedgerDesk } from '../../src/ledger/ledger-desk';
import { fenFromYuan } from '../../src/money/fen';
import { StandInServer } from '../support/eventstoredb/stand-in-server';
import { ask, COUNTY, line, PROVINCE, registerSmallWorld, request, VILLAGE } from '../support/small-ledger';
import { cutOff, fundTheProvince, GIVER, newest, TAKER, typesOf } from './support/two-pools';

let directory: string;
let open: { close(): Promise<unknown> }[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-registers-'));
  open = [];
});
afterEach(async () => {
  for (const each of open.reverse()) await each.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Programs on one log, each with a data directory and a memory of its own. */
const PROGRAMS: Readonly<Record<string, () => Promise<() => Promise<Ledger>>>> = {
  sqlite: () =>
    Promise.resolve(async () => {
      const log = new SqliteEventLog({ file: join(directory, 'log.sqlite') });
      return Ledger.on(log, { dataDir: mkdtempSync(join(directory, 'program-')) });
    }),
  eventstoredb: async () => {
    const server = await StandInServer.start();
    open.push({ close: () => server.stop() });
    return () =>
      Ledger.on(new EventStoreDbEventLog(server.connectionString), {
        dataDir: mkdtempSync(join(directory, 'program-')),
      });
  },
};

const fund = async (ledger: Ledger): Promise<void> => {
  await registerSmallWorld(ledger);
  await ledger.desk.registerPurpose(
    { purposeCode: 'WATER', name: '供水', parentPurpose: null },
    '2024-01-01',
    request(),
  );
  const { channelCode, purposeCode, amount, documentNo } = line('文1', '100.00');
  await ask(ledger, 'AppropriateFunds', '2024-01-10', {
    documentNo,
    lines: [{ parentDocumentNo: null, channelCode, purposeCode, amount }],
  });
  await ask(ledger, 'IntegrateFunds', '2024-01-20', {
    integrationNo: '整1',
    integrationRegime: 'BUNDLING_UNCHANGED',
    lines: [line('文1', '100.00')],
  });
};

const allocationOf = (allocationNo: string) => ({
  division: COUNTY,
  fiscalYear: 2024,
  effectiveOn: '2024-02-01',
  allocationNo,
  lineSelection: 'fifo' as const,
  lines: [{ ...line('文1', '10.00'), projectCode: 'ROAD-1', place: VILLAGE }],
});

type Desk = Pick<Ledger['desk'], 'registerProject' | 'registerChannel' | 'pool'> | ReturnType<Ledger['deskOn']>;

const allocate = (desk: Desk, allocationNo = '安1') =>
  desk.pool('AllocateFunds', allocationOf(allocationNo), request());

const registerRoad = (desk: Desk, projectCode: string, projectName: string, purposeCode: string) =>
  desk.registerProject(
    {
      projectCode,
      projectName,
      division: COUNTY,
      purposeCode,
      places: [VILLAGE],
      category: null,
      nature: null,
      implementer: null,
      content: null,
    },
    { enteredOn: '2023-01-01', startedOn: null, completedOn: null, acceptedOn: null },
    '2023-01-01',
    request(),
  );

const turnToWater = (desk: Desk) => registerRoad(desk, 'ROAD-1', '通村路', 'WATER');

describe.each(Object.keys(PROGRAMS))('two programs on one log on %s', (engine) => {
  let one: Ledger;
  let two: Ledger;
  beforeEach(async () => {
    const start = (await PROGRAMS[engine]?.()) ?? (() => Promise.reject(new Error(engine)));
    [one, two] = [await start(), await start()];
    open.push(one, two);
    await fund(one);
  });

  /** A whole import of one program, in the midst of which, the first time, the other one does something. */
  const importing = async (
    work: (desk: Desk) => Promise<unknown>,
    meanwhile: () => Promise<unknown>,
  ): Promise<number> => {
    let attempts = 0;
    const done = one.commands.runUnit(async (unit: UnitOfWork) => {
      attempts += 1;
      await work(one.deskOn(unit));
      if (attempts === 1) await meanwhile();
    });
    await done;
    return attempts;
  };

  it('an import that changes a project is judged anew by money that came in meanwhile', async () => {
    await expect(importing(turnToWater, () => allocate(two.desk))).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
  });

  it('money of an import is judged anew by a project that was changed meanwhile', async () => {
    await expect(importing(allocate, () => turnToWater(two.desk))).rejects.toMatchObject({ code: 'PURPOSE_CHANGED' });
    await expect(allocate(two.desk)).rejects.toMatchObject({ code: 'PURPOSE_CHANGED' });
  });

  it('an import that changes a channel is judged anew by a line that came into a pool it had looked at', async () => {
    const toRoads = (desk: Desk) =>
      desk.registerChannel(
        {
          channelCode: 'C-JT',
          name: '四好农村路',
          departmentCode: 'JT',
          level: '省',
          kind: '行业',
          allowedPurposes: ['ROAD'],
          cashRequired: false,
        },
        '2024-01-01',
        request(),
      );
    const water = { parentDocumentNo: null, channelCode: 'C-JT', purposeCode: 'WATER', amount: fenFromYuan('5.00') };
    const appropriate = () => ask(two, 'AppropriateFunds', '2024-02-10', { documentNo: '文2', lines: [water] });
    await expect(importing(toRoads, appropriate)).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
  });

  it('what others write elsewhere lets an import go its way', async () => {
    expect(await importing(allocate, () => registerRoad(two.desk, 'ROAD-2', '另一条路', 'ROAD'))).toBe(1);
  });
});

it('a half that is finished waits for a change of a register that is under way', async () => {
  const ledger = await Ledger.open({ dataDir: directory, eventLog: `sqlite:${join(directory, 'log.sqlite')}` });
  open.push(ledger);
  await fundTheProvince(ledger);
  await ledger.desk.registerPurpose(
    { purposeCode: 'WATER', name: '供水', parentPurpose: null },
    '2024-01-01',
    request(),
  );
  await cutOff(ledger, () =>
    ask(
      ledger,
      'TransferFunds',
      '2024-10-01',
      { transferNo: '下1', lines: [{ ...line('文1', '40.00'), toDivision: COUNTY, integrated: false }] },
      { division: PROVINCE },
    ),
  );
  const issued = await newest(ledger, GIVER, 'TransferIssued');
  let looks: () => void = () => undefined;
  let goOn: (pools: readonly string[]) => void = () => undefined;
  const looking = new Promise<void>((resolve) => (looks = resolve));
  const nowhere = () => Promise.resolve([]);
  const desk = new LedgerDesk(ledger.commands, (stream, id) => ledger.findEvent(stream, id), {
    ofProjects: () => {
      looks();
      return new Promise((resolve) => (goOn = resolve));
    },
    ofChannels: nowhere,
    ofPurposes: nowhere,
    ofDivision: nowhere,
    projectsOfPurposes: nowhere,
  });
  const change = turnToWater(desk);
  await looking;
  const finished = desk.finish(issued as Parameters<typeof desk.finish>[0]);
  // Far more turns than a half takes that waits for nobody.
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  expect(await typesOf(ledger, TAKER)).toEqual([]);
  goOn([]);
  await Promise.all([change, finished]);
  expect(await typesOf(ledger, TAKER)).toEqual(['TransferReceived']);
});
