import fc from 'fast-check';

import { PurposeCheck } from '../../src/audit/proofs/purpose-check';
import type { LedgerEvent } from '../../src/event-log/event';
import { readEvent } from '../../src/event-log/upcasting';
import type { Ledger } from '../../src/ledger/ledger';
import { fenFromYuan } from '../../src/money/fen';
import { DomainError } from '../../src/platform/domain-error';
import { ask, COUNTY, registerSmallWorld, request, VILLAGE } from '../support/small-ledger';
import { withTemporaryLedger } from '../support/temporary-ledger';

const ON = '2024-06-30';
const OTHER_VILLAGE = '630222103201';
const PURPOSES = ['INFRA', 'ROAD', 'WATER'] as const;
const PARENTS = [null, ...PURPOSES] as const;
const PROJECTS = ['ROAD-1', 'P-2'] as const;

interface Money {
  readonly quotaLine: string;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
}

/**
 * What the registers allowed when each event was recorded, written down from the events alone: no rule of the ledger's own
 * is asked. Finds money that was let into a project, or stands there when a register changes, without a right to.
 */
class Onlooker {
  readonly found: string[] = [];
  readonly #parents = new Map<string, string | null>();
  readonly #projects = new Map<string, { readonly purpose: string; readonly places: readonly string[] }>();
  readonly #allowed = new Map<string, readonly string[]>();
  readonly #levels = new Map<string, string>();
  readonly #lineLevels = new Map<string, string>();
  readonly #repurposed = new Set<string>();
  readonly #balances = new Map<string, number>();

  see(event: LedgerEvent): void {
    const data = event.data as never;
    if (/^Purpose/.test(event.type)) this.#purpose(data);
    else if (/^Project(Registered|Changed)$/.test(event.type)) this.#project(data);
    else if (/^Channel/.test(event.type)) this.#channel(data);
    else if (event.stream.startsWith('pool-')) this.#money(data);
    else return;
    this.#look(`${event.type} ${event.stream}@${event.revision}`);
  }

  #purpose({
    purposeCode,
    parentPurpose,
  }: {
    readonly purposeCode: string;
    readonly parentPurpose: string | null;
  }): void {
    this.#parents.set(purposeCode, parentPurpose);
  }

  #project(data: {
    readonly projectCode: string;
    readonly purposeCode: string;
    readonly places: readonly string[];
  }): void {
    this.#projects.set(data.projectCode, { purpose: data.purposeCode, places: data.places });
  }

  #channel(data: {
    readonly channelCode: string;
    readonly level: string;
    readonly allowedPurposes: readonly string[];
  }): void {
    this.#allowed.set(data.channelCode, data.allowedPurposes);
    this.#levels.set(data.channelCode, data.level);
  }

  #money(data: {
    readonly movements?: readonly Money[];
    readonly lines?: readonly { readonly quotaLine: string; readonly level: string }[];
    readonly authorities?: readonly { readonly quotaLine: string; readonly toPurposeCode: string }[];
  }): void {
    for (const { quotaLine, level } of data.lines ?? []) this.#lineLevels.set(quotaLine, level);
    for (const { quotaLine, toPurposeCode } of data.authorities ?? []) {
      this.#repurposed.add(`${quotaLine}>${toPurposeCode}`);
    }
    for (const { quotaLine, from, to, amount } of data.movements ?? []) {
      this.#add(quotaLine, from, -fenFromYuan(amount));
      this.#add(quotaLine, to, fenFromYuan(amount));
    }
  }

  #add(quotaLine: string, account: string, amount: number): void {
    const key = `${quotaLine}|${account}`;
    this.#balances.set(key, (this.#balances.get(key) ?? 0) + amount);
  }

  #covers(above: string, purpose: string): boolean {
    for (let each: string | null = purpose; each !== null; each = this.#parents.get(each) ?? null) {
      if (each === above) return true;
    }
    return false;
  }

  #look(at: string): void {
    for (const [key, balance] of this.#balances) {
      const [quotaLine = '', account = ''] = key.split('|');
      const [, channel = '', purpose = ''] = quotaLine.split('/');
      const [kind, code = '', place = ''] = account.split(':');
      if (kind === 'source' && balance < 0) this.#lookAtChannel(at, quotaLine, channel, purpose);
      if (kind !== 'project' || balance <= 0) continue;
      const project = this.#projects.get(code);
      const rights = [...this.#repurposed].filter((each) => each.startsWith(`${quotaLine}>`));
      const purposes = [purpose, ...rights.map((each) => each.slice(quotaLine.length + 1))];
      if (project === undefined || !purposes.some((each) => this.#covers(each, project.purpose))) {
        this.found.push(`${at}: ${quotaLine} in ${code}, which is for ${project?.purpose}`);
      }
      if (project?.places.includes(place) !== true) this.found.push(`${at}: ${quotaLine} at ${place}, not of ${code}`);
    }
  }

  #lookAtChannel(at: string, quotaLine: string, channel: string, purpose: string): void {
    const allowed = this.#allowed.get(channel) ?? [];
    if (allowed.length > 0 && !allowed.some((each) => this.#covers(each, purpose))) {
      this.found.push(`${at}: ${quotaLine} of a purpose that its channel does not allow`);
    }
    if (this.#levels.get(channel) !== this.#lineLevels.get(quotaLine)) {
      this.found.push(`${at}: ${quotaLine} of another level than its channel`);
    }
  }
}

type Step = (ledger: Ledger, serial: number) => Promise<unknown>;

const purposeCode = fc.constantFrom(...PURPOSES);
const projectCode = fc.constantFrom(...PROJECTS);
const amount = fc.constantFrom('10.00', '40.00', '100.00');
const place = fc.constantFrom(VILLAGE, OTHER_VILLAGE);

const lineOf = (purpose: string, yuan: string) => ({
  documentNo: '文1',
  channelCode: 'C-JT',
  purposeCode: purpose,
  amount: fenFromYuan(yuan),
});

const registerProject = (ledger: Ledger, code: string, purpose: string, places: readonly string[]) =>
  ledger.desk.registerProject(
    {
      projectCode: code,
      projectName: code,
      division: COUNTY,
      purposeCode: purpose,
      places,
      category: null,
      nature: null,
      implementer: null,
      content: null,
    },
    { enteredOn: '2023-01-01', startedOn: null, completedOn: null, acceptedOn: null },
    ON,
    request(),
  );

const reverseSome = async (ledger: Ledger, which: number, serial: number): Promise<unknown> => {
  const events = (await ledger.log.readStream('pool-630222-2024', 0, 1000)).map(readEvent);
  const original = events[which % Math.max(events.length, 1)];
  if (original === undefined) return undefined;
  return ask(ledger, 'ReverseEntry', ON, {
    reversalNo: `冲${serial}`,
    reason: '有误',
    original: original as never,
    followsTaker: false,
  });
};

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(projectCode, purposeCode, fc.constantFrom([VILLAGE], [OTHER_VILLAGE], [VILLAGE, OTHER_VILLAGE]))
      .map(
        ([code, purpose, places]): Step =>
          (ledger) =>
            registerProject(ledger, code, purpose, places),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(purposeCode, fc.constantFrom(...PARENTS)).map(
      ([code, parentPurpose]): Step =>
        ({ desk }) =>
          desk.registerPurpose({ purposeCode: code, name: code, parentPurpose }, ON, request()),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('省' as const, '市' as const), fc.constantFrom([], ['INFRA'], ['ROAD'], ['WATER']))
      .map(
        ([level, allowedPurposes]): Step =>
          ({ desk }) =>
            desk.registerChannel(
              {
                channelCode: 'C-JT',
                name: '四好农村路',
                departmentCode: 'JT',
                level,
                kind: '行业',
                allowedPurposes,
                cashRequired: false,
              },
              ON,
              request(),
            ),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(purposeCode, amount).map(
      ([purpose, yuan]): Step =>
        (ledger, serial) =>
          ask(ledger, 'RepurposeFunds', '2024-01-25', {
            approvalNo: `批${serial}`,
            lines: [{ ...lineOf('WATER', yuan), toPurposeCode: purpose }],
          }),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(projectCode, place, purposeCode, amount).map(
      ([code, at, purpose, yuan]): Step =>
        (ledger, serial) =>
          ask(ledger, 'AllocateFunds', '2024-02-01', {
            allocationNo: `安${serial}`,
            lineSelection: 'fifo',
            lines: [{ ...lineOf(purpose, yuan), projectCode: code, place: at }],
          }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(projectCode, place, purposeCode, amount).map(
      ([code, at, purpose, yuan]): Step =>
        (ledger, serial) =>
          ask(ledger, 'ReallocateFunds', '2024-03-01', {
            reallocationNo: `调${serial}`,
            lines: [{ ...lineOf(purpose, yuan), fromProject: code, fromPlace: at, to: null }],
          }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.nat(40).map(
      (which): Step =>
        (ledger, serial) =>
          reverseSome(ledger, which, serial),
    ),
  },
);

const begin = async (ledger: Ledger): Promise<void> => {
  await registerSmallWorld(ledger);
  for (const code of PURPOSES) {
    await ledger.desk.registerPurpose(
      { purposeCode: code, name: code, parentPurpose: code === 'ROAD' ? 'INFRA' : null },
      ON,
      request(),
    );
  }
  await ledger.desk.registerDivision(
    { divisionCode: OTHER_VILLAGE, name: '另村', validFrom: null, validTo: null },
    ON,
    request(),
  );
  await registerProject(ledger, 'P-2', 'WATER', [VILLAGE]);
  const lines = PURPOSES.map((purpose) => lineOf(purpose, '100.00'));
  await ask(ledger, 'AppropriateFunds', '2024-01-10', {
    documentNo: '文1',
    lines: lines.map((line) => ({ ...line, parentDocumentNo: null })),
  });
  await ask(ledger, 'IntegrateFunds', '2024-01-20', {
    integrationNo: '整1',
    integrationRegime: 'PILOT_INTEGRATION',
    lines,
  });
};

it('after any history with changes of registers, all money fits what they say, at every event', async () => {
  const codes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 15, maxLength: 40 }), (steps) =>
      withTemporaryLedger(async (ledger) => {
        await begin(ledger);
        for (const [serial, step] of steps.entries()) {
          try {
            await step(ledger, serial);
          } catch (error) {
            if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
            codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
          }
        }
        const onlooker = new Onlooker();
        const check = new PurposeCheck(100);
        for (const stored of await ledger.log.readAll(0, 10_000)) {
          const event = readEvent(stored);
          onlooker.see(event);
          check.take(event);
        }
        expect(onlooker.found).toEqual([]);
        expect(check.findings).toEqual([]);
      }),
    ),
    { numRuns: 60 },
  );
  // The histories are only worth something when changes and returns were refused in them.
  expect(codes.get('REGISTER_IN_USE') ?? 0).toBeGreaterThan(20);
  expect(codes.get('PURPOSE_CHANGED') ?? 0).toBeGreaterThan(20);
});
