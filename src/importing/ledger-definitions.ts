import { AMOUNT_UNITS } from '../money/amount-text';
import type { Fen } from '../money/fen';
import type { IntegrationRegime } from '../pool/pool-event';
import { CHANNEL_KINDS, CHANNEL_LEVELS } from '../registry/channels/channel-kind';
import { type FieldOf, LEDGER_KINDS, type LedgerKind, PAYMENT_STATUSES, type RowOf } from './ledger-row';

/** How a column's cells are read. */
export type ColumnType =
  | 'code'
  | 'codes'
  | 'name'
  | 'text'
  | 'division'
  | 'division-or-name'
  | 'place'
  | 'places'
  | 'date'
  | 'year'
  | 'amount'
  | 'unit'
  | 'yes-no'
  | 'choice';

export interface ColumnDefinition {
  readonly title: string;
  readonly titleEn: string;
  readonly required: boolean;
  readonly type: ColumnType;
  /** What a cell may say, when it is one of few words. */
  readonly choices?: readonly string[];
  /** What a choice means inside, when that is not the word itself. */
  readonly meanings?: Readonly<Record<string, string>>;
  /** What an empty cell or an absent column means; null when absent here. */
  readonly whenEmpty?: string | boolean;
  /** What to enter, for the notes of the template. */
  readonly hint: string;
  readonly hintEn: string;
}

export interface LedgerDefinition {
  readonly kind: LedgerKind;
  readonly title: string;
  readonly titleEn: string;
  readonly purpose: string;
  readonly purposeEn: string;
  /** By field name, in the order of the template. `unit` is a column, not a field of a row. */
  readonly columns: ReadonlyMap<string, ColumnDefinition>;
}

/** The fields of a ledger; those with an amount also need its unit. */
type Columns<Kind extends LedgerKind> = {
  readonly [Field in FieldOf<Kind>]: ColumnDefinition & ColumnFor<RowOf<Kind>[Field]>;
} & ('amount' extends FieldOf<Kind> ? { readonly unit: ColumnDefinition } : unknown);

/** A field that may be null stands in a column that may be empty, and the other way round. */
type ColumnFor<Value> = null extends Value
  ? { readonly required: false; readonly whenEmpty?: never }
  : Value extends Fen
    ? { readonly type: 'amount' }
    : { readonly required: true } | { readonly whenEmpty: string | boolean };

const ledger = <Kind extends LedgerKind>(
  kind: Kind,
  titles: Omit<LedgerDefinition, 'kind' | 'columns'>,
  columns: Columns<Kind>,
): LedgerDefinition => ({
  kind,
  ...titles,
  columns: new Map(Object.entries<ColumnDefinition>(columns)),
});

interface TypedColumn<Type extends ColumnType, Required extends boolean> extends Omit<ColumnDefinition, 'whenEmpty'> {
  readonly type: Type;
  readonly required: Required;
}

const column = <Type extends ColumnType>(
  title: string,
  titleEn: string,
  type: Type,
  hint: string,
  hintEn: string,
): TypedColumn<Type, true> => ({
  title,
  titleEn,
  required: true,
  type,
  hint,
  hintEn,
});

const optional = <Type extends ColumnType>(definition: TypedColumn<Type, true>): TypedColumn<Type, false> => ({
  ...definition,
  required: false,
});

/** What 整合方式 says, and the regime it names. */
const REGIME_WORDS: Readonly<Record<string, IntegrationRegime>> = {
  用途渠道不变: 'BUNDLING_UNCHANGED',
  试点: 'PILOT_INTEGRATION',
  长效机制: 'LONG_TERM_MECHANISM',
};

const YES_NO = ['是', '否'] as const;

const CODE_HINT = '1–64 个字符：字母、数字、汉字和 -_.〔〕（）()，不含空格';
const CODE_HINT_EN = '1–64 characters: letters, digits, Chinese characters and -_.〔〕（）(), no spaces';
const DATE_HINT = '2024-03-20、2024/3/20、2024年3月20日或表格日期';
const DATE_HINT_EN = '2024-03-20, 2024/3/20, 2024年3月20日 or a spreadsheet date';

const code = (title: string, titleEn: string, hint: string, hintEn: string) =>
  column(title, titleEn, 'code', `${hint}（${CODE_HINT}）`, `${hintEn} (${CODE_HINT_EN})`);
const date = (title: string, titleEn: string, hint: string, hintEn: string) =>
  column(title, titleEn, 'date', `${hint}：${DATE_HINT}`, `${hintEn}: ${DATE_HINT_EN}`);
const divisionColumn = (title: string, titleEn: string, hint: string, hintEn: string) =>
  column(
    title,
    titleEn,
    'division',
    `${hint}：2、4、6、9 或 12 位区划编码，可补零到 12 位`,
    `${hintEn}: division code of 2, 4, 6, 9 or 12 digits, zeros may follow up to 12`,
  );
const placeColumn = (title: string, titleEn: string, hint: string, hintEn: string) =>
  column(
    title,
    titleEn,
    'place',
    `${hint}：村（12 位）；资金不落到一个村时填乡镇（9 位）或县（6 位）`,
    `${hintEn}: village (12 digits), or township (9) or county (6) for money not meant for one village`,
  );

const name = column('名称', 'name', 'name', '全称', 'full name');
const validFrom = optional(date('启用日期', 'validFrom', '从这一天起有效，可空', 'valid from this day, may be empty'));
const validTo = optional(date('停用日期', 'validTo', '到这一天止有效，可空', 'valid until this day, may be empty'));
const channelCode = code('渠道编码', 'channelCode', '“渠道”表中的编码', 'code from the channels sheet');
const purposeCode = code('用途编码', 'purposeCode', '“用途”表中的编码', 'code from the purposes sheet');
const projectCode = code('项目编号', 'projectCode', '“项目台账”中的编号', 'code from the projects sheet');
const documentNo = code(
  '指标文号',
  'documentNo',
  '指标下达文件的文号，如 青财农〔2024〕15号',
  'number of the document that issued the quota',
);
const documentNoOrOldest = optional({
  ...documentNo,
  hint: '指标文号；空着表示先进先出：该渠道、用途在该地点有余额的指标，下达最早的先用',
  hintEn: 'document of the quota line; empty: the oldest line of that channel and purpose with money there (FIFO)',
});
const effectiveOn = date('日期', 'effectiveOn', '业务日期', 'business date');
const division = divisionColumn('区划', 'division', '资金所在的区划', 'division whose pool it is');
const fiscalYear = column('年度', 'fiscalYear', 'year', '预算年度，四位数字', 'fiscal year, four digits');
const place = placeColumn('建设地点', 'place', '钱用在哪里', 'where the money is meant for');
const amount = column(
  '金额',
  'amount',
  'amount',
  '正数，最多到分；可用千位分隔',
  'positive, at most whole fen; thousands separators allowed',
);
const unit = {
  ...column(
    '单位',
    'unit',
    'unit',
    '元、万元或亿元；也可写在金额表头：金额（万元）',
    '元, 万元 or 亿元; or in the header: 金额（万元）',
  ),
  choices: AMOUNT_UNITS,
};
const lineNo = optional(
  code(
    '行号',
    'lineNo',
    '同一凭证有两行内容完全相同、确为两笔时用来区分，可空',
    'tells two rows of one document apart that say the very same and are both meant, may be empty',
  ),
);
const rebooks = optional(
  code(
    '重记',
    'rebooks',
    '已冲销、确要按原内容再记一次时，填冲销它的红字文号，可空',
    'to enter again what was reversed, with the same content: number of the reversal, may be empty',
  ),
);
const yesNo = (title: string, titleEn: string, whenEmpty: boolean, hint: string, hintEn: string) => ({
  ...optional(column(title, titleEn, 'yes-no', hint, hintEn)),
  choices: YES_NO,
  whenEmpty,
});

const DEFINITIONS: { readonly [Kind in LedgerKind]: LedgerDefinition } = {
  divisions: ledger(
    'divisions',
    {
      title: '区划',
      titleEn: 'divisions',
      purpose: '行政区划：省、市、县、乡镇、村',
      purposeEn: 'Divisions: province, city, county, township, village',
    },
    {
      divisionCode: divisionColumn('区划编码', 'divisionCode', '统计用区划编码', 'statistical division code'),
      name,
      validFrom,
      validTo,
    },
  ),
  departments: ledger(
    'departments',
    { title: '部门', titleEn: 'departments', purpose: '主管部门', purposeEn: 'Departments that own channels' },
    {
      departmentCode: code('部门编码', 'departmentCode', '自定编码', 'code of your choice'),
      name,
      validFrom,
      validTo,
      mergedInto: optional(
        code(
          '并入部门',
          'mergedInto',
          '撤并后并入的部门编码，可空',
          'code of the department it was merged into, may be empty',
        ),
      ),
    },
  ),
  purposes: ledger(
    'purposes',
    {
      title: '用途',
      titleEn: 'purposes',
      purpose: '资金用途，成一棵树：上级用途的钱可以用于下级用途的项目',
      purposeEn: 'Purposes, a tree: money of a purpose pays for projects of everything under it',
    },
    {
      purposeCode: code('用途编码', 'purposeCode', '自定编码', 'code of your choice'),
      name,
      parentPurpose: optional(
        code('上级用途', 'parentPurpose', '上级用途的编码，最上级空着', 'code of the parent purpose, empty at the top'),
      ),
    },
  ),
  channels: ledger(
    'channels',
    { title: '渠道', titleEn: 'channels', purpose: '资金渠道', purposeEn: 'Channels that money comes through' },
    {
      channelCode: code('渠道编码', 'channelCode', '自定编码', 'code of your choice'),
      name,
      departmentCode: code('主管部门编码', 'departmentCode', '“部门”表中的编码', 'code from the departments sheet'),
      level: {
        ...column(
          '级次',
          'level',
          'choice',
          `只能是：${CHANNEL_LEVELS.join('、')}`,
          `one of ${CHANNEL_LEVELS.join(', ')}`,
        ),
        choices: CHANNEL_LEVELS,
      },
      kind: {
        ...column(
          '类型',
          'kind',
          'choice',
          `只能是：${CHANNEL_KINDS.join('、')}`,
          `one of ${CHANNEL_KINDS.join(', ')}`,
        ),
        choices: CHANNEL_KINDS,
      },
      allowedPurposes: optional(
        column(
          '允许用途',
          'allowedPurposes',
          'codes',
          '用途编码，用 ; 隔开；空着表示全部',
          'purpose codes with ; between; empty means all',
        ),
      ),
      cashRequired: yesNo(
        '须到账',
        'cashRequired',
        false,
        '是：资金到位后才能支付；空着表示否',
        '是: payments wait for cash; empty means 否',
      ),
    },
  ),
  appropriations: ledger(
    'appropriations',
    { title: '指标台账', titleEn: 'appropriations', purpose: '指标下达', purposeEn: 'Appropriations: quota issued' },
    {
      documentNo,
      parentDocumentNo: optional(
        code('上级文号', 'parentDocumentNo', '上级文件的文号，可空', 'number of the parent document, may be empty'),
      ),
      effectiveOn: date('下达日期', 'effectiveOn', '文件下达的日期', 'date of the document'),
      division,
      fiscalYear,
      channelCode,
      purposeCode,
      amount,
      unit,
      lineNo,
      rebooks,
    },
  ),
  integrations: ledger(
    'integrations',
    {
      title: '整合台账',
      titleEn: 'integrations',
      purpose: '整合进池',
      purposeEn: 'Integrations: quota put into the pool',
    },
    {
      integrationNo: code('整合文号', 'integrationNo', '整合方案的文号', 'number of the integration document'),
      effectiveOn,
      division,
      fiscalYear,
      regime: {
        ...column(
          '整合方式',
          'regime',
          'choice',
          `只能是：${Object.keys(REGIME_WORDS).join('、')}`,
          `one of ${Object.keys(REGIME_WORDS).join(', ')}`,
        ),
        choices: Object.keys(REGIME_WORDS),
        meanings: REGIME_WORDS,
      },
      documentNo,
      channelCode,
      purposeCode,
      amount,
      unit,
      lineNo,
      rebooks,
    },
  ),
  transfers: ledger(
    'transfers',
    { title: '分解下达', titleEn: 'transfers', purpose: '向下级分解下达', purposeEn: 'Transfers to lower divisions' },
    {
      transferNo: code('下达文号', 'transferNo', '分解下达的文号', 'number of the transfer document'),
      effectiveOn,
      fromDivision: divisionColumn('下达区划', 'fromDivision', '下达的一方', 'the giver'),
      toDivision: divisionColumn('接收区划', 'toDivision', '接收的一方', 'the taker'),
      fiscalYear,
      documentNo,
      channelCode,
      purposeCode,
      integrated: yesNo(
        '已整合',
        'integrated',
        true,
        '是：从池内可用下达；否：从未整合下达；空着表示是',
        '是: out of the pool; 否: not integrated yet; empty means 是',
      ),
      amount,
      unit,
      lineNo,
      rebooks,
    },
  ),
  'cash-receipts': ledger(
    'cash-receipts',
    {
      title: '资金到位',
      titleEn: 'cash receipts',
      purpose: '资金到账，不动指标',
      purposeEn: 'Cash that arrived; moves no quota',
    },
    {
      receiptNo: code('到账凭证号', 'receiptNo', '到账凭证的编号', 'number of the receipt voucher'),
      effectiveOn,
      division,
      fiscalYear,
      documentNo,
      channelCode,
      purposeCode,
      amount,
      unit,
      lineNo,
      rebooks,
    },
  ),
  projects: ledger(
    'projects',
    { title: '项目台账', titleEn: 'projects', purpose: '入库项目', purposeEn: 'Projects in the library' },
    {
      projectCode: code('项目编号', 'projectCode', '项目库编号', 'code in the project library'),
      projectName: column('项目名称', 'projectName', 'name', '全称', 'full name'),
      division,
      purposeCode,
      places: column(
        '建设地点',
        'places',
        'places',
        '村、乡镇或县的区划编码，几个地点用 ; 隔开',
        'codes of villages, townships or counties, with ; between',
      ),
      enteredOn: date('入库日期', 'enteredOn', '进入项目库的日期', 'date of entering the library'),
      category: optional(column('类别', 'category', 'name', '可空', 'may be empty')),
      nature: optional(
        column('建设性质', 'nature', 'name', '新建、改建、扩建等，可空', 'new, rebuilt, extended …, may be empty'),
      ),
      implementer: optional(column('实施单位', 'implementer', 'name', '可空', 'may be empty')),
      content: optional(column('建设内容', 'content', 'text', '内容和规模，可空', 'content and size, may be empty')),
      startedOn: optional(date('开工日期', 'startedOn', '可空', 'may be empty')),
      completedOn: optional(date('竣工日期', 'completedOn', '可空', 'may be empty')),
      acceptedOn: optional(date('验收日期', 'acceptedOn', '可空', 'may be empty')),
    },
  ),
  allocations: ledger(
    'allocations',
    {
      title: '资金安排',
      titleEn: 'allocations',
      purpose: '把池内资金安排到项目和地点',
      purposeEn: 'Allocations to projects and places',
    },
    {
      allocationNo: code('安排文号', 'allocationNo', '资金安排的文号', 'number of the allocation document'),
      effectiveOn,
      division,
      fiscalYear,
      projectCode,
      place,
      documentNo: documentNoOrOldest,
      channelCode,
      purposeCode,
      amount,
      unit,
      lineNo,
      rebooks,
    },
  ),
  reallocations: ledger(
    'reallocations',
    {
      title: '调剂',
      titleEn: 'reallocations',
      purpose: '项目之间调剂，或退回池内',
      purposeEn: 'Reallocations between projects or back into the pool',
    },
    {
      reallocationNo: code('调剂文号', 'reallocationNo', '调剂的文号', 'number of the reallocation document'),
      effectiveOn,
      division,
      fiscalYear,
      documentNo,
      channelCode,
      purposeCode,
      fromProject: code('调出项目', 'fromProject', '调出的项目编号', 'project that gives'),
      fromPlace: placeColumn('调出地点', 'fromPlace', '调出的地点', 'place that gives'),
      toProject: optional(
        code(
          '调入项目',
          'toProject',
          '调入的项目编号；与调入地点同时空着表示退回池内',
          'project that takes; empty with toPlace: back into the pool',
        ),
      ),
      toPlace: optional(placeColumn('调入地点', 'toPlace', '调入的地点', 'place that takes')),
      amount,
      unit,
      lineNo,
      rebooks,
    },
  ),
  payments: ledger(
    'payments',
    { title: '支付台账', titleEn: 'payments', purpose: '支付和退回', purposeEn: 'Payments and returned payments' },
    {
      voucherNo: code('支付凭证号', 'voucherNo', '支付凭证的编号', 'number of the payment voucher'),
      effectiveOn,
      division,
      fiscalYear,
      projectCode,
      place,
      documentNo: documentNoOrOldest,
      channelCode,
      purposeCode,
      payee: column('收款人', 'payee', 'name', '收款单位或个人', 'who is paid'),
      amount,
      unit,
      status: {
        ...optional(
          column(
            '状态',
            'status',
            'choice',
            '已支付或退回；空着表示已支付',
            '已支付 paid or 退回 returned; empty means 已支付',
          ),
        ),
        choices: PAYMENT_STATUSES,
        whenEmpty: '已支付',
      },
      originalVoucherNo: optional(
        code('原凭证号', 'originalVoucherNo', '退回时填被退回的支付凭证号', 'for 退回: the voucher that came back'),
      ),
      requestedBy: optional(column('申请人', 'requestedBy', 'name', '可空', 'may be empty')),
      approvedBy: optional(column('批准人', 'approvedBy', 'name', '可空', 'may be empty')),
      lineNo,
      rebooks,
    },
  ),
  recalls: ledger(
    'recalls',
    { title: '收回', titleEn: 'recalls', purpose: '收回结余资金', purposeEn: 'Recalls of money' },
    {
      recallNo: code('收回文号', 'recallNo', '收回的文号', 'number of the recall document'),
      effectiveOn,
      division,
      fiscalYear,
      projectCode: optional({
        ...projectCode,
        hint: '从项目收回时填项目编号；与建设地点同时空着表示从池内收回',
        hintEn: 'project it is taken from; empty with place: out of the pool',
      }),
      place: optional(place),
      documentNo,
      channelCode,
      purposeCode,
      amount,
      unit,
      recalledTo: optional(
        column(
          '收回至',
          'recalledTo',
          'division-or-name',
          '收回到哪里：区划编码或名称，可空',
          'where it goes: division code or name, may be empty',
        ),
      ),
      lineNo,
      rebooks,
    },
  ),
  'carry-overs': ledger(
    'carry-overs',
    {
      title: '结转',
      titleEn: 'carry-overs',
      purpose: '把一个区划一年内未用完的全部结转下年',
      purposeEn: 'Carry over everything unspent of a pool',
    },
    {
      carryOverNo: code('结转文号', 'carryOverNo', '结转的文号', 'number of the carry-over document'),
      effectiveOn,
      division,
      fiscalYear,
      toFiscalYear: column(
        '转入年度',
        'toFiscalYear',
        'year',
        '转入的预算年度，四位数字',
        'fiscal year it goes to, four digits',
      ),
      rebooks,
    },
  ),
};

/** All ledgers, in the order in which they are taken up and stand in the template. */
export const LEDGER_DEFINITIONS: readonly LedgerDefinition[] = LEDGER_KINDS.map((kind) => DEFINITIONS[kind]);

export const ledgerDefinition = (kind: LedgerKind): LedgerDefinition => DEFINITIONS[kind];
