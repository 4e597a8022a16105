import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

import { EventStoreDbEventLog } from '../../src/event-log/eventstoredb/eventstoredb-event-log';
import { SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log';
import type { UnitOfWork } from '../../src/event-log/unit-of-work';
import { Ledger } from '../../src/ledger/ledger';
import { LedgerDesk } from '../../src/ledger/ledger-desk';
import { fenFromYuan } from '../../src/money/fen';
import { PURPOSES_STREAM, purposesKind } from '../../src/registry/purposes/purposes';
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

type Desk =
  | Pick<Ledger['desk'], 'registerProject' | 'registerChannel' | 'registerPurpose' | 'pool'>
  | ReturnType<Ledger['deskOn']>;

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

const registerChannel = (desk: Desk, allowedPurposes: readonly string[]) =>
  desk.registerChannel(
    {
      channelCode: 'C-JT',
      name: '四好农村路',
      departmentCode: 'JT',
      level: '省',
      kind: '行业',
      allowedPurposes,
      cashRequired: false,
    },
    '2024-01-01',
    request(),
  );

const registerPurpose = (desk: Desk, purposeCode: string, parentPurpose: string | null = null) =>
  desk.registerPurpose({ purposeCode, name: purposeCode, parentPurpose }, '2024-01-01', request());

/** What others have written, as soon as that is known. */
const othersWrites = async ({ log }: Ledger): Promise<number> => {
  for (;;) {
    const count = log.foreignWrites?.() ?? Number.NaN;
    if (!Number.isNaN(count)) return count;
    await pause(1);
  }
};

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
    const toRoads = (desk: Desk) => registerChannel(desk, ['ROAD']);
    const water = { parentDocumentNo: null, channelCode: 'C-JT', purposeCode: 'WATER', amount: fenFromYuan('5.00') };
    const appropriate = () => ask(two, 'AppropriateFunds', '2024-02-10', { documentNo: '文2', lines: [water] });
    await expect(importing(toRoads, appropriate)).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
  });

  /** Lets the other program do something each time that one has looked, decided, and is about to store it. */
  const beforeStoring = (meanwhile: () => Promise<unknown>, times = 1): void => {
    const { log } = one;
    const append = log.append.bind(log);
    let left = times;
    log.append = async (events) => {
      if (left > 0) {
        left -= 1;
        const before = await othersWrites(one);
        await meanwhile();
        while ((await othersWrites(one)) === before) await pause(1);
      }
      return append(events);
    };
  };

  /** A desk that is interrupted, once, when it looks at the county's pool. */
  const lookingAtPools = (meanwhile: () => Promise<unknown>): Desk => {
    let isInterrupted = false;
    return one.deskOn({
      storesAtOnce: true,
      execute: (command) => one.commands.execute(command),
      head: () => one.commands.head(),
      peek: (stream, kind) => one.commands.peek(stream, kind),
      load: async (stream, kind) => {
        if (stream === `pool-${TAKER}` && !isInterrupted) {
          isInterrupted = true;
          await meanwhile();
        }
        return one.commands.load(stream, kind);
      },
    });
  };

  it('money is judged anew by a project that was changed before it was stored', async () => {
    beforeStoring(() => turnToWater(two.desk));
    await expect(allocate(one.desk)).rejects.toMatchObject({ code: 'PURPOSE_CHANGED' });
    expect(await typesOf(one, TAKER)).not.toContain('FundsAllocated');
  });

  it('money is judged anew by a channel that was changed before it was stored', async () => {
    beforeStoring(() => registerChannel(two.desk, ['ROAD']));
    const water = { parentDocumentNo: null, channelCode: 'C-JT', purposeCode: 'WATER', amount: fenFromYuan('5.00') };
    const appropriate = ask(one, 'AppropriateFunds', '2024-02-10', { documentNo: '文2', lines: [water] });
    await expect(appropriate).rejects.toMatchObject({ code: 'PURPOSE_NOT_ALLOWED' });
  });

  it('money that fits still is stored once, by what is said then', async () => {
    const { revision } = await one.commands.load(PURPOSES_STREAM, purposesKind);
    beforeStoring(() => registerPurpose(two.desk, 'POWER'));
    const command = request();
    const answer = await one.desk.pool('AllocateFunds', allocationOf('安1'), command);
    const allocated = await newest(one, TAKER, 'FundsAllocated');
    expect(answer).toMatchObject({ unchanged: false, eventIds: [allocated.id] });
    expect(allocated.metadata['seal']).toContain(`${PURPOSES_STREAM}@${revision + 1} project-ROAD-1@`);
    expect(await one.desk.pool('AllocateFunds', allocationOf('安1'), command)).toMatchObject({
      unchanged: true,
      eventIds: answer.eventIds,
    });
  });

  it('money gives up when others go on changing what it rests on', async () => {
    let changes = 0;
    beforeStoring(() => registerPurpose(two.desk, `P-${(changes += 1)}`), Infinity);
    await expect(allocate(one.desk)).rejects.toMatchObject({ code: 'CONCURRENT_WRITE' });
    expect(changes).toBe(8);
    expect(await typesOf(one, TAKER)).not.toContain('FundsAllocated');
  });

  it('a change of a project is judged anew by money that came where there was none', async () => {
    beforeStoring(() => allocate(two.desk));
    await expect(turnToWater(one.desk)).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
    expect(await allocate(one.desk, '安2')).toMatchObject({ unchanged: false });
  });

  it('a change of a channel is judged anew by a line that came into a pool it had looked at', async () => {
    const water = { parentDocumentNo: null, channelCode: 'C-JT', purposeCode: 'WATER', amount: fenFromYuan('5.00') };
    beforeStoring(() => ask(two, 'AppropriateFunds', '2024-02-10', { documentNo: '文2', lines: [water] }));
    await expect(registerChannel(one.desk, ['ROAD'])).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
  });

  it('a change of a purpose is judged anew by a project that came under it with its money', async () => {
    await registerPurpose(one.desk, 'VILLAGE-ROAD', 'ROAD');
    await registerRoad(one.desk, 'ROAD-2', '另一条路', 'ROAD');
    const { lines, ...rest } = allocationOf('安2');
    await one.desk.pool(
      'AllocateFunds',
      { ...rest, lines: lines.map((each) => ({ ...each, projectCode: 'ROAD-2' })) },
      request(),
    );
    beforeStoring(() => registerRoad(two.desk, 'ROAD-2', '另一条路', 'VILLAGE-ROAD'));
    await expect(registerPurpose(one.desk, 'VILLAGE-ROAD', null)).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
  });

  it('a change of one entry is judged anew by another entry of its register that was changed', async () => {
    await registerPurpose(one.desk, 'LAND', null);
    await registerPurpose(one.desk, 'VILLAGE-ROAD', 'ROAD');
    await registerRoad(one.desk, 'ROAD-2', '另一条路', 'VILLAGE-ROAD');
    await one.desk.pool(
      'AllocateFunds',
      {
        ...allocationOf('安2'),
        lines: [{ ...line('文1', '10.00'), projectCode: 'ROAD-2', place: VILLAGE }],
      },
      request(),
    );
    await registerPurpose(one.desk, 'ALL', 'ROAD');
    // Somebody else here reads what has come in, so that the register has moved on before the change is decided.
    const desk = lookingAtPools(async () => {
      const before = await othersWrites(one);
      await registerPurpose(two.desk, 'ALL', 'LAND');
      while ((await othersWrites(one)) === before) await pause(1);
      await one.commands.load(PURPOSES_STREAM, purposesKind);
    });
    await expect(registerPurpose(desk, 'VILLAGE-ROAD', 'ALL')).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
  });

  it('a change that nothing leans on is stored, whatever others book elsewhere', async () => {
    let appends = 0;
    beforeStoring(() => {
      appends += 1;
      return registerRoad(two.desk, 'ROAD-2', '另一条路', 'ROAD');
    });
    expect(await turnToWater(one.desk)).toMatchObject({ unchanged: false });
    expect(appends).toBe(1);
  });

  it('what others write elsewhere lets an import go its way', async () => {
    expect(await importing(allocate, () => registerRoad(two.desk, 'ROAD-2', '另一条路', 'ROAD'))).toBe(1);
  });
});

describe('a process of its own on the file of a running program', () => {
  const YICHI = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');
  const ROAD = `ROAD-1,通村路,${COUNTY}`;
  const TABLES = {
    projects: `项目编号,项目名称,区划,用途编码,建设地点,入库日期\n${ROAD},WATER,${VILLAGE},2023-01-01\n`,
    allocations:
      '安排文号,日期,区划,年度,项目编号,建设地点,指标文号,渠道编码,用途编码,金额,单位\n' +
      `安1,2024-02-01,${COUNTY},2024,ROAD-1,${VILLAGE},文1,C-JT,ROAD,10,元\n`,
  };
  let ledger: Ledger;
  beforeEach(async () => {
    ledger = await Ledger.open({ dataDir: directory, eventLog: `sqlite:${join(directory, 'log.sqlite')}` });
    open.push(ledger);
    await fund(ledger);
  });

  /** Another process imports a table whole when this one has decided and is about to store. */
  const importedBeforeStoring = (table: keyof typeof TABLES): { readonly said: () => unknown } => {
    const { log } = ledger;
    const append = log.append.bind(log);
    let said: unknown = null;
    log.append = async (events) => {
      log.append = append;
      const file = join(directory, `${table}.csv`);
      writeFileSync(file, TABLES[table]);
      const settings = ['--data', join(directory, 'beside'), '--json'];
      const env = { ...process.env, YICHI_EVENT_LOG: `sqlite:${join(directory, 'log.sqlite')}` };
      const { stdout } = await promisify(execFile)(process.execPath, [YICHI, 'import', file, ...settings], { env });
      said = JSON.parse(stdout);
      return append(events);
    };
    return { said: () => said };
  };

  it('changes a project: money that was decided before is judged anew', async () => {
    const imported = importedBeforeStoring('projects');
    await expect(allocate(ledger.desk)).rejects.toMatchObject({ code: 'PURPOSE_CHANGED' });
    expect(imported.said()).toMatchObject({ import: { stored: 1 } });
  });

  it('brings money: a change of its project that was decided before is judged anew', async () => {
    const imported = importedBeforeStoring('allocations');
    await expect(turnToWater(ledger.desk)).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
    expect(imported.said()).toMatchObject({ import: { stored: 1 } });
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
