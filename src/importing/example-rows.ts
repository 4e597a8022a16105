import type { FieldOf, LedgerKind } from './ledger-row';

/**
 * What marks a row of the template as an example, in any column of notes. Such a row is passed over as long as it is
 * still the example; one that was changed is refused, so that nobody's own row is lost for a forgotten mark.
 */
export const EXAMPLE_MARK = '示例';
const EXAMPLE_MARK_EN = 'example';

export const isExampleMark = (note: string): boolean => {
  const mark = note.trim().toLowerCase();
  return mark === EXAMPLE_MARK || mark === EXAMPLE_MARK_EN;
};

/** What an example row's cells say, as an office would write it; empty cells are left out. */
export type ExampleRow = Readonly<Record<string, string>>;

type ExampleOf<Kind extends LedgerKind> = { readonly [Field in FieldOf<Kind> | 'unit']?: string };

const quota = { fiscalYear: '2024', channelCode: 'SL-GS', purposeCode: 'GONGSHUI', unit: '万元' } as const;
const minhe = { division: '630222', documentNo: '青财农〔2024〕15号', ...quota } as const;
const atVillage = { projectCode: 'MH-2024-001', place: '630222103200' } as const;

/**
 * One small ledger with real codes: 1,000,000 元 from the province through its pool to a village's water supply.
 * Whoever clears the marks and imports it gets a ledger that adds up.
 */
const EXAMPLES: { readonly [Kind in LedgerKind]: readonly ExampleOf<Kind>[] } = {
  divisions: [
    { divisionCode: '630000000000', name: '青海省' },
    { divisionCode: '630200000000', name: '海东市' },
    { divisionCode: '630222000000', name: '民和回族土族自治县' },
    { divisionCode: '630222103000', name: '官亭镇' },
    { divisionCode: '630222103200', name: '官中村委会', validFrom: '2000-01-01' },
  ],
  departments: [{ departmentCode: 'SLT', name: '省水利厅', validFrom: '2000-01-01' }],
  purposes: [{ purposeCode: 'GONGSHUI', name: '农村供水' }],
  channels: [
    {
      channelCode: 'SL-GS',
      name: '农村供水保障资金',
      departmentCode: 'SLT',
      level: '省',
      kind: '行业',
      allowedPurposes: 'GONGSHUI',
      cashRequired: '是',
    },
  ],
  appropriations: [
    { ...minhe, division: '630000', parentDocumentNo: '财农〔2023〕130号', effectiveOn: '2024-03-20', amount: '100' },
  ],
  integrations: [
    {
      ...minhe,
      integrationNo: '青乡建〔2024〕3号',
      effectiveOn: '2024-03-25',
      division: '630000',
      regime: '用途渠道不变',
      amount: '100',
    },
  ],
  transfers: [
    {
      ...quota,
      transferNo: '青财农〔2024〕21号',
      effectiveOn: '2024-04-01',
      fromDivision: '630000',
      toDivision: '630222',
      documentNo: minhe.documentNo,
      integrated: '是',
      amount: '100',
    },
  ],
  'cash-receipts': [{ ...minhe, receiptNo: '到2024-0001', effectiveOn: '2024-04-10', amount: '60' }],
  projects: [
    {
      projectCode: 'MH-2024-001',
      projectName: '官亭镇官中村供水改造',
      division: '630222',
      purposeCode: 'GONGSHUI',
      places: '630222103200',
      enteredOn: '2024-01-15',
      category: '基础设施',
      nature: '改建',
      implementer: '民和县水利局',
      content: '改造供水管网 6.2 公里',
      startedOn: '2024-05-06',
    },
  ],
  allocations: [{ ...minhe, ...atVillage, allocationNo: '民财〔2024〕8号', effectiveOn: '2024-04-15', amount: '100' }],
  reallocations: [
    {
      ...minhe,
      reallocationNo: '民财〔2024〕30号',
      effectiveOn: '2024-09-10',
      fromProject: atVillage.projectCode,
      fromPlace: atVillage.place,
      amount: '5',
    },
  ],
  payments: [
    {
      ...minhe,
      ...atVillage,
      voucherNo: '支2024-0001',
      effectiveOn: '2024-06-12',
      payee: '民和某某水利工程有限公司',
      amount: '40.5',
      status: '已支付',
      requestedBy: '张三',
      approvedBy: '李四',
    },
  ],
  recalls: [
    {
      ...minhe,
      ...atVillage,
      recallNo: '民财〔2024〕41号',
      effectiveOn: '2024-11-20',
      amount: '3',
      recalledTo: '630000',
    },
  ],
  'carry-overs': [
    {
      carryOverNo: '民财〔2024〕50号',
      effectiveOn: '2024-12-31',
      division: '630222',
      fiscalYear: '2024',
      toFiscalYear: '2025',
    },
  ],
};

export const exampleRows = (kind: LedgerKind): readonly ExampleRow[] => EXAMPLES[kind] as readonly ExampleRow[];
