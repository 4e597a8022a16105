import { stream } from 'exceljs';

import { ledgerDefinition } from '../../src/importing/ledger-definitions';
import type { LedgerKind } from '../../src/importing/ledger-row';

const YEAR = 2024;
const COUNTIES = 20;
const PROJECTS_PER_COUNTY = 5;
const VILLAGES_PER_PROJECT = 4;
/** Enough that no payment of any benchmark is refused. */
const ALLOCATED_TO_A_PLACE = '100000';
/** Every so many payments one comes back. */
const RETURN_EVERY = 50;
/** Every so many payments one leaves the quota line to first in, first out. */
const FIFO_EVERY = 10;

const LINES = [
  { channelCode: 'JT-LU', purposeCode: 'ROAD', documentNo: '青财建〔2024〕11号' },
  { channelCode: 'SL-GS', purposeCode: 'WATER', documentNo: '青财农〔2024〕15号' },
  { channelCode: 'NY-CS', purposeCode: 'TOILET', documentNo: '青财农〔2024〕23号' },
] as const;

type CellValue = string | number | Date;
type Fields = Readonly<Record<string, CellValue | undefined>>;

const county = (index: number): string => `6302${String(index + 1).padStart(2, '0')}`;
const township = (index: number): string => `${county(index)}100`;
const village = (index: number, number: number): string => `${township(index)}${200 + number}`;
const project = (index: number, number: number): string => `P${county(index)}-${number}`;
const line = (number: number): (typeof LINES)[number] => LINES[number % LINES.length] ?? LINES[0];
const day = (month: number, date: number): Date => new Date(Date.UTC(YEAR, month - 1, date));

/**
 * Writes a workbook that an import takes whole: registries, projects and money of twenty counties, and so many rows of
 * payments, of which some come back. The same number of rows gives the same rows.
 */
export const generatePaymentsWorkbook = async (path: string, rows: number): Promise<void> => {
  const workbook = new stream.xlsx.WorkbookWriter({ filename: path, useStyles: true, useSharedStrings: true });
  writeLedger(workbook, 'divisions', divisions());
  writeLedger(workbook, 'departments', [{ departmentCode: 'BM', name: '行业主管部门' }]);
  writeLedger(
    workbook,
    'purposes',
    LINES.map(({ purposeCode }) => ({ purposeCode, name: `用途${purposeCode}` })),
  );
  writeLedger(
    workbook,
    'channels',
    LINES.map(({ channelCode }) => ({
      channelCode,
      name: `渠道${channelCode}`,
      departmentCode: 'BM',
      level: '省',
      kind: '行业',
    })),
  );
  writeLedger(workbook, 'appropriations', quotas('', 3));
  writeLedger(workbook, 'integrations', quotas('integrationNo', 5));
  writeLedger(workbook, 'projects', projects());
  writeLedger(workbook, 'allocations', allocations());
  writeLedger(workbook, 'payments', payments(rows));
  await workbook.commit();
};

const writeLedger = (workbook: stream.xlsx.WorkbookWriter, kind: LedgerKind, rows: Iterable<Fields>): void => {
  const { title, columns } = ledgerDefinition(kind);
  const sheet = workbook.addWorksheet(title);
  const fields = [...columns.keys()];
  sheet.columns = fields.map((field) => ({
    key: field,
    header: columns.get(field)?.title ?? field,
    style: columns.get(field)?.type === 'date' ? { numFmt: 'yyyy-mm-dd' } : {},
  }));
  for (const row of rows) sheet.addRow(fields.map((field) => row[field])).commit();
  sheet.commit();
};

function* counties(): Generator<number> {
  for (let index = 0; index < COUNTIES; index += 1) yield index;
}

function* divisions(): Generator<Fields> {
  yield { divisionCode: '630000000000', name: '青海省' };
  yield { divisionCode: '630200000000', name: '海东市' };
  for (const index of counties()) {
    yield { divisionCode: county(index), name: `第${index + 1}县` };
    yield { divisionCode: township(index), name: `第${index + 1}县城关镇` };
    for (let number = 0; number < VILLAGES_PER_PROJECT; number += 1) {
      yield { divisionCode: village(index, number), name: `第${index + 1}县${number + 1}村` };
    }
  }
}

/** What every county is given, and puts into its pool: of each line enough for all its projects. */
function* quotas(numberField: '' | 'integrationNo', month: number): Generator<Fields> {
  const amount = Number(ALLOCATED_TO_A_PLACE) * PROJECTS_PER_COUNTY * VILLAGES_PER_PROJECT;
  for (const index of counties()) {
    for (const quota of LINES) {
      yield {
        ...quota,
        ...(numberField === '' ? {} : { [numberField]: `整〔2024〕${index + 1}号`, regime: '用途渠道不变' }),
        effectiveOn: day(1, month),
        division: county(index),
        fiscalYear: YEAR,
        amount,
        unit: '万元',
      };
    }
  }
}

function* projects(): Generator<Fields> {
  for (const index of counties()) {
    for (let number = 0; number < PROJECTS_PER_COUNTY; number += 1) {
      yield {
        projectCode: project(index, number),
        projectName: `第${index + 1}县项目${number + 1}`,
        division: county(index),
        purposeCode: line(number).purposeCode,
        places: Array.from({ length: VILLAGES_PER_PROJECT }, (_, place) => village(index, place)).join(';'),
        enteredOn: day(1, 1),
      };
    }
  }
}

function* allocations(): Generator<Fields> {
  for (const index of counties()) {
    for (let number = 0; number < PROJECTS_PER_COUNTY; number += 1) {
      for (let place = 0; place < VILLAGES_PER_PROJECT; place += 1) {
        yield {
          ...line(number),
          allocationNo: `安〔2024〕${index + 1}-${number + 1}号`,
          effectiveOn: day(1, 10),
          division: county(index),
          fiscalYear: YEAR,
          projectCode: project(index, number),
          place: village(index, place),
          amount: Number(ALLOCATED_TO_A_PLACE),
          unit: '万元',
        };
      }
    }
  }
}

function* payments(rows: number): Generator<Fields> {
  for (let index = 0; index < rows; index += 1) {
    const comesBack = index % RETURN_EVERY === RETURN_EVERY - 1;
    if (!comesBack) yield payment(index);
    else yield { ...payment(index - 1), voucherNo: `退${index}`, status: '退回', originalVoucherNo: `支${index - 1}` };
  }
}

const payment = (index: number): Fields => {
  const home = index % COUNTIES;
  const number = Math.floor(index / COUNTIES) % PROJECTS_PER_COUNTY;
  const quota = line(number);
  return {
    voucherNo: `支${index}`,
    effectiveOn: day(2 + (Math.floor(index / 7) % 11), 1 + (index % 28)),
    division: `${county(home)}000000`,
    fiscalYear: YEAR,
    projectCode: project(home, number),
    place: village(home, Math.floor(index / 3) % VILLAGES_PER_PROJECT),
    channelCode: quota.channelCode,
    purposeCode: quota.purposeCode,
    documentNo: index % FIFO_EVERY === 0 ? undefined : quota.documentNo,
    payee: `收款单位${index % 1000}`,
    amount: 1 + ((index * 7919) % 1_000_000) / 100,
    unit: '元',
    status: '已支付',
    requestedBy: '张三',
    approvedBy: '李四',
  };
};
