import { randomUUID } from 'node:crypto';

import type { CommandRunner } from '../../src/event-log/command-runner';
import type { CommandAnswer } from '../../src/event-log/decider';
import { commandIdFrom } from '../../src/event-log/event-id';
import type { LeaningPools } from '../../src/ledger/leaning-pools';
import { type CommandRequest, LedgerDesk } from '../../src/ledger/ledger-desk';
import { fen, fenFromYuan } from '../../src/money/fen';

/** Counties with a pool each, projects in each, and money in them that payments can be asked for. */
export interface CountyPoolsOptions {
  readonly pools: number;
  readonly projectsPerPool: number;
  readonly villagesPerProject: number;
}

const YEAR = 2024;
const ISSUED_ON = '2024-01-15';
const PURPOSES = ['RURAL_ROAD', 'WATER_SUPPLY', 'TOILETS'];
const CHANNELS = ['TRANSPORT', 'WATER', 'BRIDGING'];
/** Enough that no benchmark ever comes to its end. */
const PLENTY = fenFromYuan('1000000000.00');

const countyCode = (pool: number): string => `63${String(pool).padStart(4, '0')}`;
const villageCode = (pool: number, project: number, village: number): string =>
  `${countyCode(pool)}${String(project).padStart(3, '0')}${String(village).padStart(3, '0')}`;
const projectCode = (pool: number, project: number): string => `P${countyCode(pool)}-${YEAR}-${project}`;

const ACTOR = { id: 'u-630000-0042', role: 'finance-clerk', division: '630000' };

/** What one sitting of a clerk causes belongs together. */
const CORRELATION = randomUUID();

const requestFor = (key: string): CommandRequest => ({
  commandId: commandIdFrom(key),
  correlationId: CORRELATION,
  causationId: null,
  actor: ACTOR,
});

/** Entries of one day in all pools together. */
const ENTRIES_A_DAY = 500;
/** Every so many entries one comes late, for a day up to two months ago. */
const LATE_EVERY = 16;
const FIRST_DAY_MS = Date.UTC(YEAR, 1, 1);
const DAY_MS = 86_400_000;
const BUSINESS_DAYS = 300;

/** Work goes on day by day, as it does in an office; now and then an entry is back-dated. */
const businessDate = (index: number): string => {
  const day = Math.floor(index / ENTRIES_A_DAY) % BUSINESS_DAYS;
  const late = index % LATE_EVERY === 0 ? Math.min(day, index % 60) : 0;
  return DATES[day - late] as string;
};

const DATES = Array.from({ length: BUSINESS_DAYS }, (_, day) =>
  new Date(FIRST_DAY_MS + day * DAY_MS).toISOString().slice(0, 10),
);

/** Nothing is registered twice here, so that no money is looked for. */
const NO_CHANGES: LeaningPools = {
  ofProjects: async () => [],
  ofChannels: async () => [],
  ofPurposes: async () => [],
  ofDivision: async () => [],
  projectsOfPurposes: async () => [],
};

/** Registers what payments rest on, and returns the desk and a function that asks for the n-th payment. */
export const countyPools = async (
  commands: CommandRunner,
  options: CountyPoolsOptions,
): Promise<(index: number) => Promise<CommandAnswer>> => {
  const desk = new LedgerDesk(commands, async () => undefined, NO_CHANGES);
  await registerCommonData(desk, options);
  for (let pool = 0; pool < options.pools; pool += 1) await fillPool(desk, pool, options);
  // The callers' own work is not what is measured: their names are put together beforehand.
  const counties = Array.from({ length: options.pools }, (_, pool) => {
    const projects = Array.from({ length: options.projectsPerPool }, (_, project) => ({
      projectCode: projectCode(pool, project),
      channelCode: CHANNELS[project % CHANNELS.length] as string,
      purposeCode: PURPOSES[project % PURPOSES.length] as string,
      places: Array.from({ length: options.villagesPerProject }, (_, village) => villageCode(pool, project, village)),
    }));
    return { division: countyCode(pool), projects };
  });
  return (index) => {
    const county = counties[index % options.pools] as (typeof counties)[number];
    const turn = Math.floor(index / options.pools) % options.projectsPerPool;
    const project = county.projects[turn] as (typeof county.projects)[number];
    return desk.pool(
      'RequestPayment',
      {
        division: county.division,
        fiscalYear: YEAR,
        effectiveOn: businessDate(index),
        voucherNo: `支〔2024〕${index}号`,
        payee: '民和县乡村建设工程有限公司',
        requestedBy: 'u-630000-0042',
        repaysVoucherNo: null,
        lineSelection: 'fifo',
        lines: [
          {
            projectCode: project.projectCode,
            place: project.places[index % options.villagesPerProject] as string,
            documentNo: null,
            channelCode: project.channelCode,
            purposeCode: project.purposeCode,
            amount: fen(100 + (index % 9900)),
          },
        ],
      },
      { commandId: randomUUID(), correlationId: CORRELATION, causationId: null, actor: ACTOR },
    );
  };
};

type Desk = LedgerDesk<CommandAnswer>;

const registerCommonData = async (desk: Desk, options: CountyPoolsOptions): Promise<void> => {
  const always = { validFrom: null, validTo: null };
  const divisions: string[] = ['63'];
  for (let pool = 0; pool < options.pools; pool += 1) {
    divisions.push(countyCode(pool));
    for (let project = 0; project < options.projectsPerPool; project += 1) {
      for (let village = 0; village < options.villagesPerProject; village += 1) {
        divisions.push(villageCode(pool, project, village));
      }
    }
  }
  await Promise.all(
    divisions.map((divisionCode) =>
      desk.registerDivision(
        { divisionCode, name: `区划${divisionCode}`, ...always },
        ISSUED_ON,
        requestFor(divisionCode),
      ),
    ),
  );
  await desk.registerDepartment(
    { departmentCode: 'FINANCE', name: '财政局', mergedInto: null, ...always },
    ISSUED_ON,
    requestFor('department'),
  );
  for (const purposeCode of PURPOSES) {
    await desk.registerPurpose(
      { purposeCode, name: purposeCode, parentPurpose: null },
      ISSUED_ON,
      requestFor(purposeCode),
    );
  }
  for (const channelCode of CHANNELS) {
    await desk.registerChannel(
      {
        channelCode,
        name: channelCode,
        departmentCode: 'FINANCE',
        level: '省',
        kind: '行业',
        allowedPurposes: [],
        cashRequired: false,
      },
      ISSUED_ON,
      requestFor(channelCode),
    );
  }
};

const fillPool = async (desk: Desk, pool: number, options: CountyPoolsOptions): Promise<void> => {
  const entry = { division: countyCode(pool), fiscalYear: YEAR, effectiveOn: ISSUED_ON };
  const documentNo = `青财农〔2024〕${pool}号`;
  const lines = PURPOSES.map((purposeCode, index) => ({
    channelCode: CHANNELS[index] as string,
    purposeCode,
    amount: PLENTY,
  }));
  await desk.pool(
    'AppropriateFunds',
    { ...entry, documentNo, lines: lines.map((line) => ({ ...line, parentDocumentNo: null })) },
    requestFor(`appropriate ${pool}`),
  );
  await desk.pool(
    'IntegrateFunds',
    {
      ...entry,
      integrationNo: `整〔2024〕${pool}号`,
      integrationRegime: 'BUNDLING_UNCHANGED',
      lines: lines.map((line) => ({ ...line, documentNo })),
    },
    requestFor(`integrate ${pool}`),
  );
  const shares = options.projectsPerPool * options.villagesPerProject;
  for (let project = 0; project < options.projectsPerPool; project += 1) {
    const places = Array.from({ length: options.villagesPerProject }, (_, village) =>
      villageCode(pool, project, village),
    );
    const line = lines[project % lines.length];
    if (line === undefined) throw new Error('every project has a line');
    await desk.registerProject(
      {
        projectCode: projectCode(pool, project),
        projectName: `通村道路硬化工程${project}`,
        division: countyCode(pool),
        purposeCode: line.purposeCode,
        places,
        category: null,
        nature: null,
        implementer: null,
        content: null,
      },
      { enteredOn: ISSUED_ON, startedOn: null, completedOn: null, acceptedOn: null },
      ISSUED_ON,
      requestFor(`project ${pool} ${project}`),
    );
    await desk.pool(
      'AllocateFunds',
      {
        ...entry,
        allocationNo: `安〔2024〕${pool}-${project}号`,
        lineSelection: 'fifo',
        lines: places.map((place) => ({
          projectCode: projectCode(pool, project),
          place,
          documentNo: null,
          channelCode: line.channelCode,
          purposeCode: line.purposeCode,
          amount: fen(Math.floor(PLENTY / shares)),
        })),
      },
      requestFor(`allocate ${pool} ${project}`),
    );
  }
};
