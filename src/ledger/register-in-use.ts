import { yuanFromFen } from '../money/fen';
import { DomainError } from '../platform/domain-error';
import type { BrokenMoney, LeaningField } from '../pool/leaning-money';
import { grouped } from '../pool/pool-errors';
import { poolInWords } from '../pool/pool-stream';

/** What somebody wants to change in a register. */
export interface AskedChange {
  readonly register: 'project' | 'channel' | 'purpose' | 'division' | 'department';
  readonly code: string;
  /** The field that was asked for; where a channel or a project has several, the money that leans on one says which. */
  readonly field: string;
  readonly value: string;
}

/** So much money is named in a sentence; how much more there is, is said. */
const NAMED = 3;

const REGISTER_NAMES: Readonly<Record<AskedChange['register'], readonly [zh: string, en: string]>> = {
  project: ['项目', 'Project'],
  channel: ['渠道', 'Channel'],
  purpose: ['用途', 'Purpose'],
  division: ['区划', 'Division'],
  department: ['部门', 'Department'],
};

const RULES: Readonly<Record<LeaningField['field'], readonly [zh: string, en: string]>> = {
  purposeCode: ['资金用途不变', 'a line pays only for its own purpose'],
  places: ['资金只在项目的建设地点', 'money lies only at its project’s places'],
  departmentCode: ['指标的主管部门即渠道的主管部门', 'a line’s owner is its channel’s owner'],
  level: ['指标的级次即渠道的级次', 'a line’s level is its channel’s level'],
  kind: ['指标的类型即渠道的类型', 'a line’s kind is its channel’s kind'],
  cashRequired: ['指标须到账与否随渠道', 'a line waits for cash as its channel says'],
  allowedPurposes: ['渠道只下达允许用途的资金', 'a channel brings money of its allowed purposes only'],
  inForce: ['区划在用时才有资金往来', 'money moves only where the division is in force'],
};

const REMEDIES: Readonly<Record<AskedChange['register'], readonly [zh: string, en: string]>> = {
  project: [
    '改变资金用途须办理用途调整；先把这些资金调剂、收回或冲销出该项目（已支付的先退回）再改，或以新的项目编号登记新内容。',
    'A change of what money is for goes through repurposing; first move this money out of the project (reallocate, recall or reverse it; have paid money returned), or register the new content under a new project code.',
  ],
  channel: [
    '先冲销这些指标再改，或以新的渠道编码登记；部门撤并请在部门表登记并入部门。',
    'First reverse these lines, or register a channel with a new code; a merger of departments is entered in the department’s own row.',
  ],
  purpose: [
    '先把这些资金移出所列项目再改，或登记新的用途。',
    'First move this money out of the projects named, or register a new purpose.',
  ],
  division: [
    '停用日期不得早于这些资金往来的日期；请改用较晚的停用日期，或先冲销这些记录。',
    'The last day may not be earlier than this money moved; name a later last day, or reverse these entries first.',
  ],
  department: [
    '并入或停用应从这些指标下达之后开始：请改用较晚的停用日期，或先冲销这些指标。',
    'The merger or end has to begin after these lines were issued: name a later last day, or reverse these lines first.',
  ],
};

const moneyInWords = ({ pool, line, amount, projectCode, place, on }: BrokenMoney): readonly [string, string] => {
  const zhWhere = projectCode === null ? '' : `，在项目 ${projectCode} 的 ${place ?? ''}`;
  const enWhere = projectCode === null ? '' : ` at project ${projectCode}, ${place ?? ''}`;
  return [
    `指标 ${line.quotaLine} 的 ${grouped(amount)} 元${zhWhere}（${poolInWords(pool, 'zh')}${on === null ? '' : `，${on}`}）`,
    `${grouped(amount)} yuan of quota line ${line.quotaLine}${enWhere} (${poolInWords(pool, 'en')}${on === null ? '' : `, ${on}`})`,
  ];
};

/** Money was allowed by what the register says, and would not be by what it is asked to say. */
export const registerInUse = (asked: AskedChange, broken: readonly [BrokenMoney, ...BrokenMoney[]]): DomainError => {
  const [first] = broken;
  const [register, registerEn] = REGISTER_NAMES[asked.register];
  const [rule, ruleEn] = RULES[first.leansOn.field];
  const named = broken.slice(0, NAMED).map(moneyInWords);
  const more = broken.length - named.length;
  const [remedy, remedyEn] = REMEDIES[asked.register];
  return new DomainError('rule', {
    code: 'REGISTER_IN_USE',
    message: `${register} ${asked.code} 不能这样改：${named.map(([zh]) => zh).join('；')}${more > 0 ? `；另有 ${more} 处` : ''}，改后不再符合入账时的规则（${rule}）。`,
    messageEn: `${registerEn} ${asked.code} cannot be changed like this: ${named.map(([, en]) => en).join('; ')}${more > 0 ? `; and ${more} more` : ''} would no longer satisfy the rule by which it was let in (${ruleEn}).`,
    remedy,
    remedyEn,
    parameters: {
      register: asked.register,
      registerCode: asked.code,
      field: asked.field,
      value: asked.value,
      money: broken.map(({ leansOn, pool, line, amount, projectCode, place, on }) => ({
        field: leansOn.field,
        pool,
        quotaLine: line.quotaLine,
        documentNo: line.documentNo,
        projectCode,
        place,
        amount: yuanFromFen(amount),
        on,
      })),
    },
  });
};

/** Money is between two years' pools, and it is not known yet whether it arrives. */
export const moneyOnItsWay = ({ register, code, field, value }: AskedChange, documentNo: string): DomainError => {
  const [name, nameEn] = REGISTER_NAMES[register];
  return new DomainError('rule', {
    code: 'REGISTER_IN_USE',
    message: `${name} ${code} 暂不能这样改：有关的资金正在结转途中（${documentNo}）。`,
    messageEn: `${nameEn} ${code} cannot be changed like this now: money that may lean on it is being carried over (${documentNo}).`,
    remedy: '先由 yichi doctor 补记结转的另一半，再改。',
    remedyEn: 'Have yichi doctor bring in the other half of the carry-over first.',
    parameters: { register, registerCode: code, field, value, documentNo },
  });
};
