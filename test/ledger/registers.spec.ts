import type { CommandAnswer } from '../../src/event-log/decider';
import type { LedgerEvent } from '../../src/event-log/event';
import { readEvent } from '../../src/event-log/upcasting';
import type { Ledger } from '../../src/ledger/ledger';
import { fenFromYuan } from '../../src/money/fen';
import type { ProjectParticulars } from '../../src/project-library/project';
import type { Channel } from '../../src/registry/channels/channels';
import { ask, COUNTY, registerSmallWorld, request, VILLAGE } from '../support/small-ledger';
import { withTemporaryLedger } from '../support/temporary-ledger';

const ON = '2024-06-30';
const OTHER_VILLAGE = '630222103201';
const POOL = 'pool-630222-2024';

const ROAD_1: ProjectParticulars = {
  projectCode: 'ROAD-1',
  projectName: '通村路',
  division: COUNTY,
  purposeCode: 'ROAD',
  places: [VILLAGE],
  category: null,
  nature: null,
  implementer: null,
  content: null,
};
const CHANNEL: Channel = {
  channelCode: 'C-JT',
  name: '四好农村路',
  departmentCode: 'JT',
  level: '省',
  kind: '行业',
  allowedPurposes: [],
  cashRequired: false,
};
const NO_MILESTONES = { enteredOn: null, startedOn: null, completedOn: null, acceptedOn: null };

/** The small world with a tree of purposes: INFRA over ROAD, and WATER beside it. */
const world = async (ledger: Ledger): Promise<void> => {
  await registerSmallWorld(ledger);
  const { desk } = ledger;
  for (const [purposeCode, parentPurpose] of [
    ['INFRA', null],
    ['ROAD', 'INFRA'],
    ['ROAD-REPAIR', 'ROAD'],
    ['WATER', null],
  ] as const) {
    await desk.registerPurpose({ purposeCode, name: purposeCode, parentPurpose }, ON, request());
  }
  await desk.registerDivision(
    { divisionCode: OTHER_VILLAGE, name: '另村', validFrom: null, validTo: null },
    ON,
    request(),
  );
};

const line = (purposeCode: string, amount: string) => ({
  documentNo: '文1',
  channelCode: 'C-JT',
  purposeCode,
  amount: fenFromYuan(amount),
});

const appropriate = (ledger: Ledger, purposeCode: string, amount: string): Promise<CommandAnswer> =>
  ask(ledger, 'AppropriateFunds', '2024-01-10', {
    documentNo: '文1',
    lines: [{ ...line(purposeCode, amount), parentDocumentNo: null }],
  });

const integrate = (
  ledger: Ledger,
  purposeCode: string,
  amount: string,
  integrationRegime: 'BUNDLING_UNCHANGED' | 'PILOT_INTEGRATION' = 'BUNDLING_UNCHANGED',
): Promise<CommandAnswer> =>
  ask(ledger, 'IntegrateFunds', '2024-01-20', {
    integrationNo: '整1',
    integrationRegime,
    lines: [line(purposeCode, amount)],
  });

const allocate = (ledger: Ledger, purposeCode: string, amount: string, allocationNo = '安1'): Promise<CommandAnswer> =>
  ask(ledger, 'AllocateFunds', '2024-02-01', {
    allocationNo,
    lineSelection: 'fifo',
    lines: [{ ...line(purposeCode, amount), projectCode: 'ROAD-1', place: VILLAGE }],
  });

const funded = async (ledger: Ledger, purposeCode = 'ROAD'): Promise<void> => {
  await world(ledger);
  await appropriate(ledger, purposeCode, '18000000.00');
  await integrate(ledger, purposeCode, '18000000.00');
  await allocate(ledger, purposeCode, '18000000.00');
};

const project = (ledger: Ledger, changed: Partial<ProjectParticulars>): Promise<CommandAnswer> =>
  ledger.desk.registerProject({ ...ROAD_1, ...changed }, NO_MILESTONES, ON, request());
const channel = (ledger: Ledger, changed: Partial<Channel>): Promise<CommandAnswer> =>
  ledger.desk.registerChannel({ ...CHANNEL, ...changed }, ON, request());
const purpose = (ledger: Ledger, purposeCode: string, parentPurpose: string | null): Promise<CommandAnswer> =>
  ledger.desk.registerPurpose({ purposeCode, name: purposeCode, parentPurpose }, ON, request());

const backIntoPool = (ledger: Ledger, purposeCode: string, amount: string): Promise<CommandAnswer> =>
  ask(ledger, 'ReallocateFunds', '2024-03-01', {
    reallocationNo: '调1',
    lines: [{ ...line(purposeCode, amount), fromProject: 'ROAD-1', fromPlace: VILLAGE, to: null }],
  });

const reverse = async (ledger: Ledger, stored: CommandAnswer, reversalNo = '冲1'): Promise<CommandAnswer> => {
  const original = await ledger.findEvent(stored.stream, stored.eventIds[0] ?? '');
  return ask(ledger, 'ReverseEntry', ON, {
    reversalNo,
    reason: '登记有误',
    original: original as never,
    followsTaker: false,
  });
};

const newest = async (ledger: Ledger, stream: string): Promise<LedgerEvent | undefined> =>
  (await ledger.log.readStream(stream, 0, 100)).map(readEvent).at(-1);

it('refuses purposes in a circle at once, also where money of another purpose was let in by a repurposing', () =>
  withTemporaryLedger(async (ledger) => {
    await world(ledger);
    await appropriate(ledger, 'WATER', '30.00');
    await integrate(ledger, 'WATER', '30.00', 'PILOT_INTEGRATION');
    await ask(ledger, 'RepurposeFunds', '2024-01-25', {
      approvalNo: '批1',
      lines: [{ ...line('WATER', '30.00'), toPurposeCode: 'ROAD' }],
    });
    await allocate(ledger, 'WATER', '30.00');
    const head = await ledger.log.head();
    await expect(purpose(ledger, 'INFRA', 'ROAD-REPAIR')).rejects.toMatchObject({ code: 'PURPOSE_CYCLE' });
    expect(await ledger.log.head()).toBe(head);
  }));

describe('a project that has money', () => {
  it('keeps its purpose (资金用途不变), and the money is named', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger);
      const head = await ledger.log.head();
      await expect(project(ledger, { purposeCode: 'WATER' })).rejects.toMatchObject({
        code: 'REGISTER_IN_USE',
        kind: 'rule',
        parameters: {
          register: 'project',
          registerCode: 'ROAD-1',
          field: 'purposeCode',
          value: 'WATER',
          money: [
            {
              field: 'purposeCode',
              pool: POOL,
              quotaLine: '文1/C-JT/ROAD',
              documentNo: '文1',
              projectCode: 'ROAD-1',
              place: VILLAGE,
              amount: '18000000.00',
              on: null,
            },
          ],
        },
      });
      expect(await ledger.log.head()).toBe(head);
    }));

  it('keeps it when the money is held or paid, too', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger);
      await ask(ledger, 'RecordPayment', '2024-03-01', {
        voucherNo: '支1',
        payee: '某施工队',
        lineSelection: 'fifo',
        requestedBy: null,
        approvedBy: null,
        lines: [{ ...line('ROAD', '18000000.00'), projectCode: 'ROAD-1', place: VILLAGE }],
      });
      await expect(project(ledger, { purposeCode: 'WATER' })).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
    }));

  it('may be given a narrower purpose, a wider one only where its money fits', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger);
      await project(ledger, { purposeCode: 'ROAD-REPAIR' });
      await project(ledger, { purposeCode: 'ROAD' });
      await expect(project(ledger, { purposeCode: 'INFRA' })).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
    }));

  it('keeps the places that have money, and may get others', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger);
      await project(ledger, { places: [VILLAGE, OTHER_VILLAGE] });
      await expect(project(ledger, { places: [OTHER_VILLAGE] })).rejects.toMatchObject({
        code: 'REGISTER_IN_USE',
        parameters: { field: 'places', money: [{ field: 'places', place: VILLAGE, amount: '18000000.00' }] },
      });
      await project(ledger, { places: [VILLAGE] });
    }));

  it('is renamed without a look at any pool', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger);
      await project(ledger, { projectName: '通村公路', implementer: '某局' });
      expect((await newest(ledger, 'project-ROAD-1'))?.metadata['seal']).not.toContain(POOL);
    }));

  it('seals the pools that were looked at', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger);
      await project(ledger, { purposeCode: 'ROAD-REPAIR' });
      expect((await newest(ledger, 'project-ROAD-1'))?.metadata['seal']).toContain(` ${POOL}@2`);
    }));

  it('is free again once its money has left, but the money does not come back to another purpose', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger);
      const left = await backIntoPool(ledger, 'ROAD', '18000000.00');
      await project(ledger, { purposeCode: 'WATER' });
      await expect(reverse(ledger, left)).rejects.toMatchObject({
        code: 'PURPOSE_CHANGED',
        parameters: { asked: 'WATER' },
      });
      await project(ledger, { purposeCode: 'ROAD' });
      await reverse(ledger, left);
    }));

  it('does not get money back at a place that it has lost', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger);
      const left = await backIntoPool(ledger, 'ROAD', '18000000.00');
      await project(ledger, { places: [OTHER_VILLAGE] });
      await expect(reverse(ledger, left)).rejects.toMatchObject({ code: 'PLACE_NOT_IN_PROJECT' });
    }));

  it('keeps it over the end of the year', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger);
      await ask(ledger, 'CarryOverFunds', '2024-12-31', { carryOverNo: '结1', toFiscalYear: 2025 });
      await expect(project(ledger, { purposeCode: 'WATER' })).rejects.toMatchObject({
        code: 'REGISTER_IN_USE',
        parameters: { money: [{ pool: 'pool-630222-2025', amount: '18000000.00' }] },
      });
    }));

  it('answers a command that was stored as before, whatever has come in since', () =>
    withTemporaryLedger(async (ledger) => {
      await world(ledger);
      const commandId = '1b671a64-40d5-491e-99b0-da01ff1f3341';
      const asWater = () =>
        ledger.desk.registerProject({ ...ROAD_1, purposeCode: 'WATER' }, NO_MILESTONES, ON, request(commandId));
      const first = await asWater();
      await project(ledger, {});
      await appropriate(ledger, 'ROAD', '5.00');
      await integrate(ledger, 'ROAD', '5.00');
      await allocate(ledger, 'ROAD', '5.00');
      expect(await asWater()).toMatchObject({ eventIds: first.eventIds, unchanged: true });
    }));
});

describe('money that rests on a repurposing', () => {
  const repurposed = async (ledger: Ledger): Promise<CommandAnswer> => {
    await world(ledger);
    await appropriate(ledger, 'WATER', '10.00');
    await integrate(ledger, 'WATER', '10.00', 'PILOT_INTEGRATION');
    await ask(ledger, 'RepurposeFunds', '2024-01-25', {
      approvalNo: '批1',
      lines: [{ ...line('WATER', '10.00'), toPurposeCode: 'ROAD' }],
    });
    return allocate(ledger, 'WATER', '10.00');
  };

  it('lets the project go to what the repurposing covers, or to the line’s own purpose', () =>
    withTemporaryLedger(async (ledger) => {
      await repurposed(ledger);
      await project(ledger, { purposeCode: 'ROAD-REPAIR' });
      await expect(project(ledger, { purposeCode: 'INFRA' })).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
      await project(ledger, { purposeCode: 'WATER' });
    }));

  it('does not lend an authority that was approved and not used to money of the line’s own purpose', () =>
    withTemporaryLedger(async (ledger) => {
      await world(ledger);
      await project(ledger, { purposeCode: 'WATER' });
      await appropriate(ledger, 'WATER', '10.00');
      await integrate(ledger, 'WATER', '10.00', 'PILOT_INTEGRATION');
      await allocate(ledger, 'WATER', '10.00');
      await ask(ledger, 'RepurposeFunds', '2024-02-25', {
        approvalNo: '批1',
        lines: [{ ...line('WATER', '10.00'), toPurposeCode: 'ROAD' }],
      });
      await expect(project(ledger, { purposeCode: 'ROAD' })).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
    }));

  it('comes back by a reversal only while the project has the purpose that it had', () =>
    withTemporaryLedger(async (ledger) => {
      await repurposed(ledger);
      const left = await backIntoPool(ledger, 'WATER', '10.00');
      await project(ledger, { purposeCode: 'INFRA' });
      await project(ledger, { purposeCode: 'ROAD' });
      await expect(reverse(ledger, left)).rejects.toMatchObject({ code: 'PURPOSE_CHANGED' });
    }));

  it('comes back by a reversal where nothing was changed', () =>
    withTemporaryLedger(async (ledger) => {
      await repurposed(ledger);
      await reverse(ledger, await backIntoPool(ledger, 'WATER', '10.00'));
    }));
});

describe('a purpose that money leans on', () => {
  it('stays under what covers it', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger, 'INFRA');
      await expect(purpose(ledger, 'ROAD', 'WATER')).rejects.toMatchObject({
        code: 'REGISTER_IN_USE',
        parameters: {
          register: 'purpose',
          registerCode: 'ROAD',
          field: 'parentPurpose',
          money: [{ quotaLine: '文1/C-JT/INFRA', projectCode: 'ROAD-1', amount: '18000000.00' }],
        },
      });
      await expect(purpose(ledger, 'ROAD', null)).rejects.toMatchObject({ code: 'REGISTER_IN_USE' });
    }));

  it('may be moved where its money fits still', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger, 'ROAD');
      await purpose(ledger, 'ROAD', 'WATER');
    }));

  it('stays among what a channel allows', () =>
    withTemporaryLedger(async (ledger) => {
      await world(ledger);
      await channel(ledger, { allowedPurposes: ['INFRA'] });
      await appropriate(ledger, 'ROAD', '5.00');
      await expect(purpose(ledger, 'ROAD', null)).rejects.toMatchObject({
        code: 'REGISTER_IN_USE',
        parameters: { money: [{ field: 'allowedPurposes', quotaLine: '文1/C-JT/ROAD', amount: '5.00', place: null }] },
      });
    }));
});

describe('a channel that has lines', () => {
  it.each([
    ['level', { level: '市' }],
    ['kind', { kind: '衔接' }],
    ['cashRequired', { cashRequired: true }],
    ['departmentCode', { departmentCode: 'SL' }],
    ['allowedPurposes', { allowedPurposes: ['WATER'] }],
  ] as const)('keeps its %s, until the lines are reversed', (field, changed) =>
    withTemporaryLedger(async (ledger) => {
      await world(ledger);
      await ledger.desk.registerDepartment(
        { departmentCode: 'SL', name: '水利厅', validFrom: null, validTo: null, mergedInto: null },
        ON,
        request(),
      );
      const stored = await appropriate(ledger, 'ROAD', '5.00');
      await expect(channel(ledger, changed)).rejects.toMatchObject({
        code: 'REGISTER_IN_USE',
        parameters: {
          register: 'channel',
          registerCode: 'C-JT',
          field,
          money: [{ field, amount: '5.00', pool: POOL }],
        },
      });
      await reverse(ledger, stored);
      await channel(ledger, changed);
    }),
  );

  it('may be renamed and allow what its lines are for', () =>
    withTemporaryLedger(async (ledger) => {
      await world(ledger);
      await appropriate(ledger, 'ROAD', '5.00');
      await channel(ledger, { name: '农村公路', allowedPurposes: ['INFRA'] });
      await channel(ledger, { name: '农村公路', allowedPurposes: [] });
    }));
});

describe('the end of a division', () => {
  const end = (ledger: Ledger, divisionCode: string, validTo: string): Promise<CommandAnswer> =>
    ledger.desk.registerDivision({ divisionCode, name: '某', validFrom: null, validTo }, ON, request());

  it('of a place is judged on the days on which money moved there', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger);
      await expect(end(ledger, VILLAGE, '2024-01-31')).rejects.toMatchObject({
        code: 'REGISTER_IN_USE',
        parameters: {
          register: 'division',
          field: 'validTo',
          money: [{ field: 'inForce', place: VILLAGE, on: '2024-02-01', amount: '18000000.00' }],
        },
      });
      await end(ledger, VILLAGE, '2024-02-01');
    }));

  it('of a pool is judged on the days on which money came in', () =>
    withTemporaryLedger(async (ledger) => {
      await funded(ledger);
      await expect(end(ledger, COUNTY, '2024-01-09')).rejects.toMatchObject({
        code: 'REGISTER_IN_USE',
        parameters: { money: [{ place: null, on: '2024-01-10' }] },
      });
      await end(ledger, COUNTY, '2024-01-10');
    }));
});

describe('a department’s merger', () => {
  it('begins after the lines that were issued under its old owner', () =>
    withTemporaryLedger(async (ledger) => {
      await world(ledger);
      const { desk } = ledger;
      await desk.registerDepartment(
        { departmentCode: 'SL', name: '水利厅', validFrom: null, validTo: null, mergedInto: null },
        ON,
        request(),
      );
      await appropriate(ledger, 'ROAD', '5.00');
      const merge = (validTo: string) =>
        desk.registerDepartment(
          { departmentCode: 'JT', name: '交通运输厅', validFrom: null, validTo, mergedInto: 'SL' },
          ON,
          request(),
        );
      await expect(merge('2024-01-09')).rejects.toMatchObject({
        code: 'REGISTER_IN_USE',
        parameters: { register: 'department', registerCode: 'JT', field: 'validTo', money: [{ amount: '5.00' }] },
      });
      await merge('2024-01-10');
    }));
});

describe('a change of a project and money for it at the same time', () => {
  const ROUNDS = Array.from({ length: 12 }, (_, round) => round);

  it.each(['project first', 'money first'])('never both go through, %s', (order) =>
    withTemporaryLedger(async (ledger) => {
      await world(ledger);
      await appropriate(ledger, 'ROAD', '100.00');
      await integrate(ledger, 'ROAD', '100.00');
      for (const round of ROUNDS) {
        const change = () => project(ledger, { purposeCode: 'WATER' });
        const money = () => allocate(ledger, 'ROAD', '1.00', `安${round}`);
        const asked = order === 'project first' ? [change(), money()] : [money(), change()];
        const outcomes = await Promise.allSettled(asked);
        expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([
          { reason: { code: expect.stringMatching(/^(REGISTER_IN_USE|PURPOSE_CHANGED)$/) as string } },
        ]);
        const stored = outcomes.find((outcome) => outcome.status === 'fulfilled')?.value;
        if (stored?.stream === POOL) await reverse(ledger, stored, `冲${round}`);
        else await project(ledger, {});
      }
    }),
  );
});
