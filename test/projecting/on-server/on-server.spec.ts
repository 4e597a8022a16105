import { compareProjections } from '../../../src/projecting/on-server/compare-projections';
import { deployProjections, removeProjections } from '../../../src/projecting/on-server/deploy-projections';
import { poolEventsOf } from '../../../src/projecting/on-server/pool-events';
import { projectionsStatus } from '../../../src/projecting/on-server/projections-status';
import { serverScript, serverScripts } from '../../../src/projecting/on-server/server-script';
import { PROJECTION_NAMES, projectionSource } from '../../../src/projecting/projection-loader';
import { LedgerModel } from '../../projections/ledger-model';
import { projectionsOf, type StandInProjections } from '../../support/eventstoredb/stand-in-projections';
import { StandInServer } from '../../support/eventstoredb/stand-in-server';
import { LedgerOnServer } from './ledger-on-server';
import { villageYear } from './village-year';

/** Numbers for the model of a ledger, the same in every run. */
function* numbers(): Generator<number, never> {
  for (let state = 7; ;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield (state >>> 8) % 10_000;
  }
}

const modelEvents = (steps: number) => {
  const model = new LedgerModel();
  const source = numbers();
  for (let step = 0; step < steps; step += 1) model.step(Array.from({ length: 10 }, () => source.next().value));
  return model.entries.map(({ event }) => event);
};

describe('the official projections on a server', () => {
  let standIn: StandInServer;
  let ledger: LedgerOnServer;
  let projections: StandInProjections;
  beforeEach(async () => {
    standIn = await StandInServer.start();
    projections = projectionsOf(standIn.log);
    ledger = new LedgerOnServer(standIn.connectionString);
  });
  afterEach(async () => {
    await ledger.close();
    await standIn.stop();
  });

  const deploy = async (scripts = serverScripts()) => {
    await ledger.catchUp();
    return deployProjections(ledger.server, ledger.readModel.read(poolEventsOf), undefined, scripts);
  };
  const compare = () => compareProjections(ledger.server, ledger.readModel, () => ledger.catchUp());

  it('are put there and give what we give, to the fen', async () => {
    await ledger.write([...modelEvents(300), ...villageYear('639901')]);
    const deployed = await deploy();
    expect(deployed.map(({ name, created, replaced }) => [name, created, replaced])).toEqual(
      serverScripts().map(({ name }) => [name, true, []]),
    );
    const comparison = await compare();
    expect(comparison.differences).toEqual([]);
    expect(comparison.position).toBe(await ledger.log.head());
    expect(comparison.figures).toBeGreaterThan(500);
    expect((await deploy()).every(({ created }) => !created)).toBe(true);
  });

  it('go on with what is written after them, and an empty ledger is equal too', async () => {
    await deploy();
    expect(await compare()).toMatchObject({ differences: [], figures: 0, pools: 0 });
    await ledger.write(villageYear('639902'));
    expect(await compare()).toMatchObject({ differences: [], pools: 1 });
  });

  it('each figure that is another one is named', async () => {
    await ledger.write(villageYear('639903'));
    await deploy();
    projections.tamper = (name, _partition, state) => {
      const cell = (state['cells'] as Record<string, Record<string, number>>)['639903100201'];
      if (name.startsWith('yichi-village') && cell !== undefined) cell['paid'] = 25_002;
    };
    expect((await compare()).differences).toEqual([
      {
        projection: 'village-balance',
        pool: 'pool-639903-2024',
        section: 'cells',
        key: '639903100201',
        measure: 'paid',
        ours: 25_001,
        theirs: 25_002,
      },
    ]);
    projections.tamper = (_name, _partition, state) => void delete state['lines'];
    expect((await compare()).differences).toMatchObject([
      { projection: 'department-balance', section: 'lines', measure: null, ours: '农业农村局', theirs: null },
    ]);
  });

  it('a changed file runs beside the old one, which goes when the new one has caught up', async () => {
    await ledger.write(villageYear('639904'));
    await deploy();
    const [old] = serverScripts();
    const source = `${projectionSource('department-balance')}\n// a changed file\n`;
    const changed = serverScript('department-balance', source);
    expect(changed.name).not.toBe(old?.name);

    projections.pace = 1;
    let both = 0;
    await ledger.catchUp();
    const deployed = await deployProjections(
      ledger.server,
      ledger.readModel.read(poolEventsOf),
      (done, total) => {
        if (
          done < total &&
          projections.names().includes(old?.name ?? '') &&
          projections.names().includes(changed.name)
        ) {
          both += 1;
        }
      },
      [changed],
    );
    expect(both).toBeGreaterThan(0);
    expect(deployed).toEqual([
      { projection: 'department-balance', name: changed.name, created: true, replaced: [old?.name] },
    ]);
    expect(projections.names()).not.toContain(old?.name);
    expect(projections.names()).toContain(changed.name);
  });

  it('a fault is told in plain words and leaves the older version where it is', async () => {
    await ledger.write(villageYear('639905'));
    await deploy();
    const source = projectionSource('county-balance').replace(
      'FundsAllocated: byDivision',
      'FundsAllocated: undefinedName',
    );
    const broken = serverScript('county-balance', source);
    await expect(deploy([broken])).rejects.toMatchObject({ code: 'PROJECTION_FAULTED', kind: 'verification' });
    const status = await projectionsStatus(ledger.server, [broken]);
    expect(status).toMatchObject([
      { name: '$by_category', state: 'running' },
      { name: broken.name, current: true, state: 'faulted', fault: expect.stringContaining('undefinedName') },
      ...PROJECTION_NAMES.map(() => ({ current: false, state: 'running', fault: null, behind: 0 })),
    ]);
  });

  it('a handler that a busy server gave no time is taken up again', async () => {
    await ledger.write(villageYear('639906'));
    await ledger.catchUp();
    projections.pace = 1;
    let faults = 0;
    await deployProjections(ledger.server, ledger.readModel.read(poolEventsOf), () => {
      const name = serverScripts()[2]?.name ?? '';
      if (faults < 3) projections.fault(name, 'Projection script took too long to execute');
      faults += 1;
    });
    expect(faults).toBeGreaterThan(3);
    expect((await compare()).differences).toEqual([]);
  });

  it('handlers that a busy server gives no time again and again are no fault as long as they get on', async () => {
    for (const county of ['639921', '639922', '639923']) await ledger.write(villageYear(county));
    await ledger.catchUp();
    projections.pace = 1;
    let looks = 0;
    const [first] = serverScripts();
    await deployProjections(
      ledger.server,
      ledger.readModel.read(poolEventsOf),
      () => {
        // It gets on by one event after each time that it is taken up again.
        if (looks % 2 === 0) projections.fault(first?.name ?? '', 'Projection script took too long to execute');
        looks += 1;
      },
      serverScripts().slice(0, 1),
    );
    // More than ten times in all.
    expect(looks).toBeGreaterThan(22);
  });

  it('a handler that never has the time is a fault', async () => {
    await ledger.write(villageYear('639924'));
    await ledger.catchUp();
    projections.pace = 0;
    const [first] = serverScripts();
    await expect(
      deployProjections(
        ledger.server,
        ledger.readModel.read(poolEventsOf),
        () => projections.fault(first?.name ?? '', 'Projection script took too long to execute'),
        serverScripts().slice(0, 1),
      ),
    ).rejects.toMatchObject({ code: 'PROJECTION_FAULTED' });
  });

  it('are taken away again, and nobody else’s with them', async () => {
    const other = "fromCategory('pool').foreachStream().when({ $init: () => ({}), Any: (state) => state });";
    await ledger.server.create('yichi-of-somebody', other);
    await deploy();
    expect((await removeProjections(ledger.server)).length).toBe(4);
    expect(projections.names()).toEqual(['$by_category', 'yichi-of-somebody']);
    await expect(compare()).rejects.toMatchObject({ code: 'PROJECTIONS_NOT_DEPLOYED' });
    expect(await removeProjections(ledger.server)).toEqual([]);
  });

  it('a ledger that is written all the while is compared at one position', async () => {
    await ledger.write(villageYear('639907'));
    await deploy();
    let writes = 0;
    projections.tamper = () => {
      writes += 1;
    };
    const writing = (async () => {
      for (let index = 0; index < 5; index += 1) await ledger.write(villageYear(`63991${index}`));
    })();
    expect((await compare()).differences).toEqual([]);
    await writing;
    expect(writes).toBeGreaterThan(0);
    expect(await compare()).toMatchObject({ differences: [], pools: 6 });
  });
});

it('a server without projections says what to switch on', async () => {
  const standIn = await StandInServer.start({ projections: false });
  const ledger = new LedgerOnServer(standIn.connectionString);
  try {
    await expect(projectionsStatus(ledger.server)).rejects.toMatchObject({ code: 'PROJECTIONS_OFF' });
  } finally {
    await ledger.close();
    await standIn.stop();
  }
});

it('a user who may only book and ask is told so', async () => {
  const standIn = await StandInServer.start();
  const ledger = new LedgerOnServer(standIn.connectionString);
  try {
    projectionsOf(standIn.log).denies = true;
    await ledger.write(villageYear('639962'));
    await ledger.catchUp();
    await expect(deployProjections(ledger.server, ledger.readModel.read(poolEventsOf))).rejects.toMatchObject({
      code: 'PROJECTIONS_DENIED',
    });
    expect(await projectionsStatus(ledger.server)).toEqual([
      expect.objectContaining({ name: '$by_category', state: 'stopped' }),
      ...serverScripts().map(({ projection, name }) => ({
        projection,
        name,
        current: true,
        state: 'missing',
        progress: 0,
        behind: null,
        fault: null,
      })),
    ]);
  } finally {
    await ledger.close();
    await standIn.stop();
  }
});
