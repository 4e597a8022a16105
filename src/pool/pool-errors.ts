import { type Fen, yuanFromFen } from '../money/fen';
import { DomainError, refuseValue } from '../platform/domain-error';
import type { RecordedDocument } from './document-book';
import type { Payment } from './payment';
import type { PoolEvent } from './pool-event';
import { POOL_EVENT_WORDS } from './pool-event-words';
import { customaryCode, poolInWords, poolStream } from './pool-stream';

export const grouped = (amount: Fen): string => {
  const [whole = '', cents = ''] = yuanFromFen(amount).split('.');
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}.${cents}`;
};

/** A refusal by a rule of the ledger. */
export const rule = (
  code: string,
  message: string,
  messageEn: string,
  remedy: string,
  remedyEn: string,
  parameters: Record<string, unknown> = {},
): DomainError => new DomainError('rule', { code, message, messageEn, remedy, remedyEn, parameters });

/** A payment that names no document is paid by all lines of its channel and purpose together: a star stands for them. */
const lineInWords = (line: string): { readonly zh: string; readonly en: string } =>
  line.startsWith('*/')
    ? { zh: `渠道/用途 ${line.slice(2)} 的全部指标`, en: `every quota line of ${line.slice(2)} taken together` }
    : { zh: `指标 ${line}`, en: `quota line ${line}` };

export const overdraft = (of: {
  readonly line: string;
  readonly where: string;
  readonly whereEn: string;
  readonly account: string;
  readonly asked: Fen;
  readonly available: Fen;
  readonly on: string;
}): DomainError => {
  const short = (of.asked - of.available) as Fen;
  const line = lineInWords(of.line);
  return rule(
    'OVERDRAFT',
    `${of.where}余额不足：${line.zh}，${of.on} 可用 ${grouped(of.available)} 元，申请 ${grouped(of.asked)} 元，缺 ${grouped(short)} 元。`,
    `${of.whereEn} is short: ${line.en} has ${grouped(of.available)} yuan on ${of.on}, ${grouped(of.asked)} yuan were asked for, ${grouped(short)} yuan are missing.`,
    '减少金额、改用有余额的指标，或先办理下达、整合或安排；补记以前日期的支出时，以后每一天的余额都不得为负。',
    'Lower the amount, name a line with money left, or first issue, integrate or allocate more; a back-dated outflow must leave every later day at zero or above.',
    {
      quotaLine: of.line,
      account: of.account,
      available: yuanFromFen(of.available),
      asked: yuanFromFen(of.asked),
      short: yuanFromFen(short),
      on: of.on,
    },
  );
};

export const cashNotReceived = (line: string, asked: Fen, available: Fen, on: string): DomainError =>
  rule(
    'CASH_NOT_RECEIVED',
    `指标 ${line} 须到账后支付：${on} 到位未用资金 ${grouped(available)} 元，申请 ${grouped(asked)} 元，缺 ${grouped((asked - available) as Fen)} 元。`,
    `Quota line ${line} pays only from cash received: ${grouped(available)} yuan are left on ${on}, ${grouped(asked)} yuan were asked for.`,
    '先登记资金到位，或减少金额。',
    'Record the cash receipt first, or lower the amount.',
    {
      quotaLine: line,
      available: yuanFromFen(available),
      asked: yuanFromFen(asked),
      short: yuanFromFen((asked - available) as Fen),
      on,
    },
  );

export const purposeChanged = (asked: string, allowed: readonly string[], what: string, whatEn: string): DomainError =>
  rule(
    'PURPOSE_CHANGED',
    `资金用途不变：${what} 的用途 ${asked} 不在该指标允许的用途（${allowed.join('、')}）之内。`,
    `Funds keep their purpose: ${whatEn} is for ${asked}, this line may pay for ${allowed.join(', ')}.`,
    '改用该用途的指标；试点整合的资金须先办理批准文件和用途调整。',
    'Use a line of that purpose; under the pilot regime first record the approved repurposing.',
    { asked, allowed },
  );

export const channelChanged = (documentNo: string, asked: string, known: readonly string[]): DomainError =>
  rule(
    'CHANNEL_CHANGED',
    `资金渠道不变：文号 ${documentNo} 在本池的渠道与用途为 ${known.join('、')}，不是 ${asked}。`,
    `Funds keep their channel: document ${documentNo} is in this pool as ${known.join(', ')}, not as ${asked}.`,
    '按原渠道和用途填写，或改用另一文号的指标。',
    'Give the original channel and purpose, or name another document.',
    { documentNo, asked, known },
  );

export const unknownLine = (line: string, pool: string): DomainError =>
  refuseValue(
    'UNKNOWN_QUOTA_LINE',
    'documentNo',
    line,
    `${poolInWords(pool, 'zh')}中没有指标 ${line}。`,
    `The ${poolInWords(pool, 'en')} has no quota line ${line}.`,
    '核对文号、渠道和用途；先登记指标下达或上级分解。',
    'Check document, channel and purpose; first record the appropriation or the transfer.',
  );

export const noMoneyOfChannelAndPurpose = (channel: string, purpose: string, pool: string): DomainError =>
  refuseValue(
    'UNKNOWN_QUOTA_LINE',
    'channelCode',
    `${channel}/${purpose}`,
    `${poolInWords(pool, 'zh')}中没有渠道 ${channel}、用途 ${purpose} 的指标。`,
    `The ${poolInWords(pool, 'en')} has no quota line of channel ${channel} and purpose ${purpose}.`,
    '核对渠道和用途，或写明指标文号。',
    'Check channel and purpose, or name the document.',
  );

export const unknownChannel = (code: string): DomainError =>
  refuseValue(
    'UNKNOWN_CHANNEL',
    'channelCode',
    code,
    `没有渠道 ${code}。`,
    `There is no channel ${code}.`,
    '先在渠道表登记该渠道。',
    'Register the channel first.',
  );

export const unknownPurpose = (code: string): DomainError =>
  refuseValue(
    'UNKNOWN_PURPOSE',
    'purposeCode',
    code,
    `没有用途 ${code}。`,
    `There is no purpose ${code}.`,
    '先在用途表登记该用途。',
    'Register the purpose first.',
  );

export const unknownDivision = (code: string, field: string): DomainError =>
  refuseValue(
    'UNKNOWN_DIVISION',
    field,
    code,
    `没有区划 ${customaryCode(code)}，或在该日期未启用。`,
    `There is no division ${customaryCode(code)}, or it is not in force on that date.`,
    '核对区划编码，或先在区划表登记。',
    'Check the code, or register the division first.',
  );

export const unknownProject = (code: string, field = 'projectCode'): DomainError =>
  refuseValue(
    'UNKNOWN_PROJECT',
    field,
    code,
    `没有项目 ${code}。`,
    `There is no project ${code}.`,
    '先在项目台账登记该项目。',
    'Register the project first.',
  );

export const purposeNotAllowed = (channel: string, purpose: string, allowed: readonly string[]): DomainError =>
  rule(
    'PURPOSE_NOT_ALLOWED',
    `渠道 ${channel} 只允许用途 ${allowed.join('、')}，不允许 ${purpose}。`,
    `Channel ${channel} allows the purposes ${allowed.join(', ')}, not ${purpose}.`,
    '核对用途编码，或先修改渠道的允许用途。',
    'Check the purpose, or change what the channel allows first.',
    { channel, purpose, allowed },
  );

export const projectNotInLibrary = (code: string, on: string, enteredOn: string | null): DomainError =>
  rule(
    'PROJECT_NOT_IN_LIBRARY',
    enteredOn === null
      ? `项目 ${code} 尚未入库，不得安排或支付资金。`
      : `项目 ${code} 在 ${on} 不在库（入库日期 ${enteredOn}）。`,
    enteredOn === null
      ? `Project ${code} has not entered the library; it cannot be given money.`
      : `Project ${code} is not in the library on ${on} (entered ${enteredOn}).`,
    '先办理项目入库，或核对日期。',
    'Enter the project into the library first, or check the date.',
    { projectCode: code, on, enteredOn },
  );

export const placeNotOfProject = (place: string, project: string, places: readonly string[]): DomainError =>
  rule(
    'PLACE_NOT_IN_PROJECT',
    `建设地点 ${place} 不在项目 ${project} 的地点（${places.join('、')}）之内。`,
    `Place ${place} is not one of the places of project ${project} (${places.join(', ')}).`,
    '核对建设地点，或先在项目台账补充地点。',
    'Check the place, or add it to the project first.',
    { place, projectCode: project, places },
  );

export const placeOutsideDivision = (place: string, division: string, field = 'place'): DomainError =>
  rule(
    'PLACE_OUTSIDE_DIVISION',
    `地点 ${customaryCode(place)} 不属于区划 ${customaryCode(division)}。`,
    `Place ${customaryCode(place)} does not belong to division ${customaryCode(division)}.`,
    '核对地点编码和区划编码。',
    'Check the codes of place and division.',
    { place, division, field },
  );

export const transferNotDownward = (from: string, to: string): DomainError =>
  rule(
    'TRANSFER_NOT_DOWNWARD',
    `分解下达只能由上级到下级：${customaryCode(to)} 不在 ${customaryCode(from)} 之下。`,
    `Quota is issued downwards only: ${customaryCode(to)} is not below ${customaryCode(from)}.`,
    '核对下达区划和接收区划；退回上级请用收回。',
    'Check both divisions; to give money back, use a recall.',
    { from, to },
  );

/** @param on the date under which the number stands */
export const duplicateDocument = (documentNo: string, on: string, asked: string): DomainError =>
  on === asked
    ? rule(
        'DUPLICATE_DOCUMENT',
        `文号 ${documentNo}（${on}）已登记，内容不同。`,
        `Document ${documentNo} (${on}) is recorded already, with other content.`,
        '核对文号和内容；更正已登记的内容请先红字冲销，再重新登记。',
        'Check number and content; to correct what is recorded, reverse it first and enter it again.',
        { documentNo, on },
      )
    : rule(
        'DUPLICATE_DOCUMENT',
        `文号 ${documentNo} 已登记，日期为 ${on}，不是 ${asked}。`,
        `Document ${documentNo} is recorded already, dated ${on} and not ${asked}.`,
        `同一笔的，日期写 ${on}；日期登记错了的，先红字冲销 ${on} 的那一笔，再按 ${asked} 登记；另一笔的，用另一个文号。`,
        `If it is the same, date it ${on}; where that date is wrong, reverse the entry of ${on} first and enter it on ${asked}; another document needs another number.`,
        { documentNo, on, asked },
      );

/**
 * A reversal cannot be taken back where its entry's number stands for another document meanwhile.
 *
 * @param other the document that has the number
 */
export const numberTakenSince = (
  documentNo: string,
  { effectiveOn: on, rebooks }: Pick<RecordedDocument, 'effectiveOn' | 'rebooks'>,
  reversalNo: string,
): DomainError =>
  rule(
    'DUPLICATE_DOCUMENT',
    `文号 ${documentNo} 在冲销 ${reversalNo} 之后已由 ${on} 的另一笔${rebooks === null ? '' : `（重记 ${rebooks}）`}占用，原来的一笔不能恢复。`,
    `Since the reversal ${reversalNo}, document ${documentNo} stands for another entry of ${on}${rebooks === null ? '' : ` (rebooks ${rebooks})`}; the first cannot stand again.`,
    `先红字冲销 ${on} 的那一笔，再冲销 ${reversalNo}；${on} 的那一笔无误的，无须再办。`,
    `Reverse the entry of ${on} first, then take ${reversalNo} back; where the entry of ${on} is right, nothing is left to do.`,
    { documentNo, on, reversalNo, ...(rebooks === null ? {} : { rebooks }) },
  );

/** @param field what the channel says otherwise than when the line was issued */
export const channelNotAsIssued = (line: string, channelCode: string, field: string): DomainError =>
  rule(
    'CHANNEL_NOT_AS_ISSUED',
    `渠道 ${channelCode} 的 ${field} 已更改，与指标 ${line} 下达时不同，原来的一笔不能恢复。`,
    `Channel ${channelCode} says another ${field} than when line ${line} was issued; the entry cannot stand again.`,
    '按渠道现在的内容重新登记，或先更正渠道台账。',
    'Enter it again as the channel is now, or correct the register of channels first.',
    { quotaLine: line, channelCode, field },
  );

/** Cash stays with what its line was; a line that says otherwise would leave it behind. */
export const cashOfFormerIssue = (line: string, channelCode: string, field: string): DomainError =>
  rule(
    'CHANNEL_NOT_AS_ISSUED',
    `指标 ${line} 原已全部冲销，但按原 ${field} 到位的资金还在；渠道 ${channelCode} 的 ${field} 现已不同。`,
    `All of line ${line} was reversed, but cash that was received for it under another ${field} is still there; channel ${channelCode} says otherwise now.`,
    '先冲销原到位资金，重新登记指标后再登记到位。',
    'Reverse the cash receipts first, and record them again after the line.',
    { quotaLine: line, channelCode, field },
  );

/** The same day in another year, where a mistyped year is the likeliest cause; null when that cannot be either. */
const inYear = (on: string, year: number, from: string, to: string): string | null => {
  const likely = `${year}${on.slice(4)}`;
  return likely >= from && likely <= to ? likely : null;
};

const yearMistyped = (likely: string | null): readonly [zh: string, en: string] =>
  likely === null
    ? ['核对日期和年度。', 'Check the date and the fiscal year.']
    : [`多半是年份写错：是不是 ${likely}？`, `The year is probably mistyped: is it ${likely}?`];

export const dateInFuture = (on: string, today: string, fiscalYear: number): DomainError => {
  const likely =
    inYear(on, fiscalYear, `${fiscalYear - 1}-10-01`, today) ??
    inYear(on, Number(today.slice(0, 4)), `${fiscalYear - 1}-10-01`, today);
  const [remedy, remedyEn] = yearMistyped(likely);
  return rule(
    'DATE_IN_FUTURE',
    `日期 ${on} 还没有到（今天 ${today}）。`,
    `The date ${on} has not come yet (today is ${today}).`,
    `${remedy}事情发生以后再登记。`,
    `${remedyEn} Nothing is entered before it happens.`,
    { on, today, ...(likely === null ? {} : { likely }) },
  );
};

export const dateBeforeYear = (on: string, firstDay: string, fiscalYear: number, today: string): DomainError => {
  const likely = inYear(on, fiscalYear, firstDay, today);
  const [remedy, remedyEn] = yearMistyped(likely);
  return rule(
    'DATE_BEFORE_YEAR',
    `日期 ${on} 早于 ${fiscalYear} 年资金最早可以入账的 ${firstDay}（上年 10 月 1 日起可提前下达）。`,
    `The date ${on} is before ${firstDay}, when money of ${fiscalYear} may first be entered (1 October of the year before).`,
    `${remedy}日期无误的，核对年度 ${fiscalYear}。`,
    `${remedyEn} Where the date is right, check the fiscal year ${fiscalYear}.`,
    { on, firstDay, fiscalYear, ...(likely === null ? {} : { likely }) },
  );
};

export const rebooksUnknown = (documentNo: string, rebooks: string): DomainError =>
  refuseValue(
    'REBOOKS_UNKNOWN',
    'rebooks',
    rebooks,
    `没有以 ${rebooks} 冲销过文号 ${documentNo}，不能重记。`,
    `No reversal ${rebooks} has taken back document ${documentNo}; it cannot be entered again after it.`,
    '核对红字冲销的文号；不是重记的，留空。',
    'Check the number of the reversal; leave it empty where nothing is entered again.',
  );

export const yearClosed = (pool: string): DomainError =>
  rule(
    'YEAR_CLOSED',
    `${poolInWords(pool, 'zh')}已年度关账。`,
    `The ${poolInWords(pool, 'en')} is closed for the year.`,
    '在下一年度的池中办理；确须补记的，附批准文号和批准人作结账后调整（adjustment），或经申请、批准后反结账。',
    'Work in the next year’s pool; where it must be this one, give an adjustment with its approval, or have the year reopened by two persons.',
    { pool },
  );

export const unknownPayment = (voucherNo: string, pool: string, field = 'voucherNo'): DomainError =>
  refuseValue(
    'UNKNOWN_PAYMENT',
    field,
    voucherNo,
    `${poolInWords(pool, 'zh')}中没有支付凭证 ${voucherNo}。`,
    `The ${poolInWords(pool, 'en')} has no payment voucher ${voucherNo}.`,
    '核对支付凭证号、区划和年度。',
    'Check voucher number, division and fiscal year.',
  );

/** How far a payment is, or that money of it came back. */
type PaymentStep = Payment['status'] | 'returned';

const STEP_WORDS: Readonly<Record<PaymentStep, string>> = {
  requested: '已申请',
  approved: '已批准',
  paid: '已支付',
  cancelled: '已撤销',
  returned: '已退回',
};

/** @param status undefined when there is no such payment any more */
export const paymentState = (
  voucherNo: string,
  status: Payment['status'] | undefined,
  ...wanted: readonly PaymentStep[]
): DomainError =>
  rule(
    'PAYMENT_STATE',
    `支付 ${voucherNo} 的状态为${status === undefined ? '已冲销' : STEP_WORDS[status]}，该操作要求${wanted.map((step) => STEP_WORDS[step]).join('或')}。`,
    `Payment ${voucherNo} is ${status ?? 'reversed'}; this step needs it ${wanted.join(' or ')}.`,
    '按 申请—批准—支付 的顺序办理；冲销从最后一步起依次进行。',
    'Follow the order requested, approved, executed; reverse the last step first.',
    { voucherNo, status: status ?? null, wanted },
  );

export const samePerson = (voucherNo: string, person: string): DomainError =>
  rule(
    'SAME_PERSON',
    `支付 ${voucherNo} 的申请人和批准人不得为同一人（${person}）。`,
    `Payment ${voucherNo}: the person who asked (${person}) must not approve.`,
    '由另一人批准。',
    'Let another person approve.',
    { voucherNo, person },
  );

export const reversedBeforeEntry = (on: string, entered: string): DomainError =>
  rule(
    'REVERSED_BEFORE_ENTRY',
    `冲销日期 ${on} 早于原记账日期 ${entered}。`,
    `The reversal’s date ${on} is before the entry’s own, ${entered}.`,
    `冲销日期写 ${entered} 或以后。`,
    `Date the reversal ${entered} or later.`,
    { on, entered },
  );

export const returnExceedsPayment = (voucherNo: string, asked: Fen, left: Fen): DomainError =>
  rule(
    'RETURN_EXCEEDS_PAYMENT',
    `退回 ${grouped(asked)} 元超过凭证 ${voucherNo} 在该地点已支付未退回的 ${grouped(left)} 元。`,
    `A return of ${grouped(asked)} yuan exceeds what voucher ${voucherNo} paid there and has not come back, ${grouped(left)} yuan.`,
    '核对原凭证号、指标、地点和金额。',
    'Check the original voucher, line, place and amount.',
    { voucherNo, asked: yuanFromFen(asked), left: yuanFromFen(left) },
  );

export const samePlace = (project: string, place: string): DomainError =>
  rule(
    'SAME_PLACE',
    `调出与调入相同：项目 ${project} 的 ${customaryCode(place)}。`,
    `Money cannot be reallocated from a place to itself: project ${project} at ${customaryCode(place)}.`,
    '核对调出、调入的项目和地点；无须调剂的删去该行。',
    'Check both projects and places; leave the line out where nothing is to be moved.',
    { projectCode: project, place },
  );

export const samePurpose = (purpose: string, toPurpose: string): DomainError =>
  rule(
    'SAME_PURPOSE',
    `用途 ${purpose} 的指标本来就可以用于 ${toPurpose}，无须调整用途。`,
    `A line of purpose ${purpose} pays for ${toPurpose} as it is; there is nothing to repurpose.`,
    '核对调整后的用途；不变的不必登记。',
    'Check the purpose it is changed to; what stays the same needs no entry.',
    { purpose, toPurpose },
  );

export const nothingToReturn = (voucherNo: string, on: string): DomainError =>
  rule(
    'NOTHING_TO_RETURN',
    `凭证 ${voucherNo} 已全部退回，${on} 没有可退回的金额。`,
    `Voucher ${voucherNo} has come back wholly; nothing is left to return on ${on}.`,
    '核对原凭证号；退回已登记的，无须再次登记。',
    'Check the original voucher; a return that is recorded need not be entered again.',
    { voucherNo, on },
  );

export const beforePaymentStep = (voucherNo: string, on: string, steppedOn: string): DomainError =>
  rule(
    'BEFORE_PAYMENT_STEP',
    `支付 ${voucherNo} 的上一步在 ${steppedOn}，这一步不能在 ${on}。`,
    `The last step of payment ${voucherNo} was on ${steppedOn}; the next cannot be on ${on}.`,
    `日期写 ${steppedOn} 或以后；上一步日期有误的，先红字冲销上一步。`,
    `Date it ${steppedOn} or later; where the last step has the wrong date, reverse that step first.`,
    { voucherNo, on, steppedOn },
  );

export const parentsDiffer = (channel: string, purpose: string): DomainError =>
  refuseValue(
    'DOCUMENT_INCONSISTENT',
    'parentDocumentNo',
    `${channel}/${purpose}`,
    `同一文号、渠道 ${channel}、用途 ${purpose} 的各行上级文号不一致。`,
    `The lines of channel ${channel} and purpose ${purpose} disagree in their parent document.`,
    '一条指标只有一个上级文号：核对各行。',
    'A quota line has one parent document: check the lines.',
  );

export const paymentsPending = (vouchers: readonly string[]): DomainError =>
  rule(
    'PAYMENTS_PENDING',
    `尚有 ${vouchers.length} 笔支付已申请未支付：${vouchers.slice(0, 5).join('、')}。`,
    `${vouchers.length} payments are requested and not executed: ${vouchers.slice(0, 5).join(', ')}.`,
    '先支付或撤销这些支付申请。',
    'Execute or cancel them first.',
    { vouchers },
  );

export const nothingToCarryOver = (pool: string): DomainError =>
  rule(
    'NOTHING_TO_CARRY_OVER',
    `${poolInWords(pool, 'zh')}没有可结转的余额。`,
    `The ${poolInWords(pool, 'en')} has nothing to carry over.`,
    '核对区划和年度。',
    'Check division and fiscal year.',
    { pool },
  );

export const carryOverBackwards = (from: number, to: number): DomainError =>
  refuseValue(
    'CARRY_OVER_YEAR',
    'toFiscalYear',
    String(to),
    `结转只能转入以后的年度：由 ${from} 年不能转入 ${to} 年。`,
    `Funds carry over into a later year: not from ${from} to ${to}.`,
    '核对年度和转入年度。',
    'Check both years.',
  );

export const notReversible = (type: PoolEvent['type'], why: string, whyEn: string): DomainError =>
  rule(
    'NOT_REVERSIBLE',
    `“${POOL_EVENT_WORDS[type].zh}”不能红字冲销：${why}`,
    `“${POOL_EVENT_WORDS[type].en}” cannot be reversed: ${whyEn}`,
    '按说明办理。',
    'Do as the message says.',
    { type },
  );

export const reversedAlready = (eventId: string): DomainError =>
  rule(
    'REVERSED_ALREADY',
    `事件 ${eventId} 已被冲销。`,
    `Event ${eventId} is reversed already.`,
    '无须再次冲销。',
    'Nothing is left to do.',
    { eventId },
  );

export const regimeForbids = (line: string, asked: Fen, left: Fen): DomainError =>
  rule(
    'REGIME_FORBIDS_REPURPOSING',
    `指标 ${line} 以试点方式整合、尚未调整用途的只有 ${grouped(left)} 元，不能调整 ${grouped(asked)} 元。`,
    `Only ${grouped(left)} yuan of line ${line} are integrated under the pilot regime and not yet repurposed; ${grouped(asked)} yuan were asked for.`,
    '只有试点方式整合的资金可以按批准文件调整用途。',
    'Only funds integrated under the pilot regime can be repurposed.',
    { quotaLine: line, asked: yuanFromFen(asked), left: yuanFromFen(left) },
  );

/** The sum of a document's lines is beyond what a pool may hold at all. */
export const documentTooLarge = (asked: bigint, limit: Fen): DomainError => {
  const sum = `${asked / 100n}.${String(asked % 100n).padStart(2, '0')}`;
  return rule(
    'DOCUMENT_TOO_LARGE',
    `单据各行合计 ${sum} 元，超过一个资金池至多可容纳的 ${grouped(limit)} 元（10 万亿元）。`,
    `The document's lines add up to ${sum} yuan; a pool may hold ${grouped(limit)} yuan (10 万亿元) at most.`,
    '核对金额和单位。',
    'Check the amounts and their unit.',
    { asked: sum, limit: yuanFromFen(limit) },
  );
};

/** What ever came into a pool, reversed since or not, stays below a limit up to which every sum of it is exact. */
export const poolTooLarge = (
  pool: { readonly division: string; readonly fiscalYear: number },
  of: 'quota' | 'cash',
  present: number,
  asked: number,
  limit: Fen,
): DomainError => {
  const stream = poolStream(pool.division, pool.fiscalYear);
  const [what, whatEn] = of === 'quota' ? ['资金', 'money'] : ['到位资金', 'cash'];
  const [there, more] = [present as Fen, asked as Fen];
  return rule(
    'POOL_TOO_LARGE',
    `${poolInWords(stream, 'zh')}累计转入的${what}（含已冲销的）为 ${grouped(there)} 元，再转入 ${grouped(more)} 元将超过上限 ${grouped(limit)} 元（10 万亿元）。`,
    `${grouped(there)} yuan of ${whatEn} ever came into the ${poolInWords(stream, 'en')} (reversed entries counted); ${grouped(more)} yuan more would exceed the limit of ${grouped(limit)} yuan (10 万亿元).`,
    '核对金额和单位。',
    'Check the amount and its unit.',
    {
      pool: stream,
      of,
      present: yuanFromFen(there),
      asked: yuanFromFen(more),
      limit: yuanFromFen(limit),
    },
  );
};
