import { randomUUID } from 'node:crypto';

import type { CommandAnswer } from '../../src/event-log/decider';
import type { Ledger } from '../../src/ledger/ledger';
import type { CommandRequest } from '../../src/ledger/ledger-desk';
import type { PoolCommandName, PoolCommands } from '../../src/ledger/pool-decisions';
import { fenFromYuan } from '../../src/money/fen';
import { TESTER } from './temporary-ledger';

export const PROVINCE = '63';
export const COUNTY = '630222';
export const VILLAGE = '630222103200';

export const request = (commandId: string = randomUUID()): CommandRequest => ({
  commandId,
  correlationId: 'test',
  causationId: null,
  actor: TESTER,
});

/** Registers one province with a county and a village, two channels, a purpose and a project in the library. */
export const registerSmallWorld = async (ledger: Ledger): Promise<void> => {
  const { desk } = ledger;
  for (const [divisionCode, name] of [
    [PROVINCE, '青海省'],
    [COUNTY, '民和回族土族自治县'],
    [VILLAGE, '官中村'],
  ] as const) {
    await desk.registerDivision({ divisionCode, name, validFrom: null, validTo: null }, '2024-01-01', request());
  }
  await desk.registerDepartment(
    { departmentCode: 'JT', name: '交通运输厅', validFrom: null, validTo: null, mergedInto: null },
    '2024-01-01',
    request(),
  );
  await desk.registerPurpose({ purposeCode: 'ROAD', name: '道路', parentPurpose: null }, '2024-01-01', request());
  await desk.registerChannel(
    {
      channelCode: 'C-JT',
      name: '四好农村路',
      departmentCode: 'JT',
      level: '省',
      kind: '行业',
      allowedPurposes: [],
      cashRequired: false,
    },
    '2024-01-01',
    request(),
  );
  await desk.registerProject(
    {
      projectCode: 'ROAD-1',
      projectName: '通村路',
      division: COUNTY,
      purposeCode: 'ROAD',
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
};

type Content<Name extends PoolCommandName> = Omit<PoolCommands[Name], 'division' | 'fiscalYear' | 'effectiveOn'>;

/** One command to the pool of a division in 2024. */
export const ask = <Name extends PoolCommandName>(
  ledger: Ledger,
  name: Name,
  on: string,
  content: Content<Name>,
  of: { readonly division?: string; readonly commandId?: string } = {},
): Promise<CommandAnswer> =>
  ledger.desk.pool(
    name,
    { ...content, division: of.division ?? COUNTY, fiscalYear: 2024, effectiveOn: on } as unknown as PoolCommands[Name],
    request(of.commandId),
  );

export const line = (documentNo: string, amount: string) => ({
  documentNo,
  channelCode: 'C-JT',
  purposeCode: 'ROAD',
  amount: fenFromYuan(amount),
});

/** Appropriates and integrates an amount in the county and puts it into the road project at its village. */
export const fundTheRoad = async (ledger: Ledger, amount: string): Promise<void> => {
  await ask(ledger, 'AppropriateFunds', '2024-01-10', {
    documentNo: '文1',
    lines: [{ ...line('文1', amount), parentDocumentNo: null }],
  });
  await ask(ledger, 'IntegrateFunds', '2024-01-20', {
    integrationNo: '整1',
    integrationRegime: 'BUNDLING_UNCHANGED',
    lines: [line('文1', amount)],
  });
  await ask(ledger, 'AllocateFunds', '2024-02-01', {
    allocationNo: '安1',
    lineSelection: 'fifo',
    lines: [{ ...line('文1', amount), projectCode: 'ROAD-1', place: VILLAGE }],
  });
};
