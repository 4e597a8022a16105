import { fenFromYuan, ZERO_FEN } from '../../money/fen';
import { parseAccount } from '../account';
import { documentKindOf, isSameDocument } from '../document-book';
import { requireInOrder } from '../disbursing/payment-draft';
import { channelAllows } from '../leaning-money';
import { partsOf, type Payment, stillOut } from '../payment';
import { documentOf, documentsOf, linesOf, type TakenBack } from '../pool';
import {
  channelNotAsIssued,
  notReversible,
  numberTakenSince,
  paymentState,
  paymentsPending,
  purposeChanged,
  purposeNotAllowed,
  returnExceedsPayment,
  unknownChannel,
  unknownDivision,
  unknownPurpose,
} from '../pool-errors';
import { linesToRemember, pendingVouchers, type PoolDecision, requireProjectPlace } from '../pool-rules';
import { CHANNEL_PARTICULARS, isSameLine, type QuotaLine } from '../quota-line';
import type { EntryReversed } from '../pool-event';
import type { Subject } from './particulars';
import type { ReverseEntry } from './reverse-entry';

type Decision = PoolDecision<ReverseEntry>;

/**
 * An entry stands again where nothing has come into its place meanwhile, and only by the rules that it would have to
 * keep if it were entered on this date: registers may have changed while it was out of force.
 *
 * @throws DomainError DUPLICATE_DOCUMENT, PAYMENT_STATE, RETURN_EXCEEDS_PAYMENT, PAYMENTS_PENDING, those of registers
 */
export const requireRestorable = (decision: Decision, subject: Subject): void => {
  const { pool, command } = decision;
  const taken = pool.takenBack.get(command.original.id);
  if (taken === undefined) {
    throw notReversible(
      subject.type,
      '这一笔由系统自动冲回，按从未登记处理，请重新登记。',
      'the ledger itself took this one back, so that it counts as never entered; enter it again.',
    );
  }
  requireNumberFree(decision, subject, taken);
  requireStepAgain(decision, subject, taken);
  requireRegisters(decision, subject, taken);
};

/**
 * What is brought in again is of the lines that went back, or, where they were issued anew at the giver meanwhile, of
 * those; the giver tells its taker.
 */
export const restoredLines = (
  { pool, command }: Decision,
  { type, movements }: Subject,
): Pick<EntryReversed['data'], 'reissuedLines' | 'sentLines'> => {
  const before = pool.takenBack.get(command.original.id)?.lines ?? [];
  switch (type) {
    case 'FundsAppropriated':
    case 'TransferReceived':
    case 'CarryOverReceived': {
      const { reissuedLines } = linesToRemember(pool, command.sentLines ?? before);
      return reissuedLines === undefined ? {} : { reissuedLines };
    }
    case 'TransferIssued':
    case 'FundsCarriedOver': {
      const sentLines = linesOf(pool, movements);
      return sentLines.every((line, index) => isSameLine(line, before[index] ?? line)) ? {} : { sentLines };
    }
    default:
      return {};
  }
};

/** A document's number stands once: whoever has taken it meanwhile goes first. */
const requireNumberFree = ({ pool }: Decision, { type, documentNo }: Subject, { document, reversal }: TakenBack) => {
  const kind = documentKindOf(type);
  if (document === null || kind === null) return;
  const other = documentsOf(pool, kind, documentNo).find(
    (each) => each.standing > 0 && !isSameDocument(each, document),
  );
  if (other !== undefined) throw numberTakenSince(documentNo, other, reversal.reversalNo);
};

/** A payment's steps are made again in their order, at the payment that they were steps of. */
const requireStepAgain = (decision: Decision, subject: Subject, taken: TakenBack): void => {
  const { pool, command } = decision;
  const { type, documentNo, particulars, movements } = subject;
  switch (type) {
    case 'PaymentApproved':
      requirePayment(decision, documentNo, taken, 'requested');
      return;
    case 'PaymentExecuted':
      if (taken.document === null) requirePayment(decision, documentNo, taken, 'approved');
      return;
    case 'PaymentCancelled':
      requirePayment(decision, documentNo, taken, 'requested', 'approved');
      return;
    case 'PaymentReturned': {
      const voucherNo = particulars.originalVoucherNo ?? documentNo;
      const payment = requirePayment(decision, voucherNo, taken, 'paid');
      for (const part of partsOf(pool.projectPlaces, movements, 'to')) {
        const paid = payment.parts.find(
          ({ quotaLine, projectCode, place }) =>
            quotaLine === part.quotaLine && projectCode === part.projectCode && place === part.place,
        );
        const left = paid === undefined ? ZERO_FEN : stillOut(paid, command.effectiveOn);
        if (part.amount > left) throw returnExceedsPayment(voucherNo, part.amount, left);
      }
      return;
    }
    case 'FundsCarriedOver': {
      const pending = pendingVouchers(pool);
      if (pending.length > 0) throw paymentsPending(pending);
      return;
    }
    default:
      return;
  }
};

const requirePayment = (
  { pool, command }: Decision,
  voucherNo: string,
  { payment: before, reversal }: TakenBack,
  ...wanted: readonly Payment['status'][]
): Payment => {
  const payment = pool.payments.get(voucherNo);
  if (payment === undefined || before === null) throw paymentState(voucherNo, undefined, ...wanted);
  const document = documentOf(payment);
  if (!isSameDocument(document, documentOf(before))) throw numberTakenSince(voucherNo, document, reversal.reversalNo);
  if (!wanted.includes(payment.status)) throw paymentState(voucherNo, payment.status, ...wanted);
  requireInOrder(payment, command.effectiveOn);
  return payment;
};

const requireRegisters = (decision: Decision, subject: Subject, taken: TakenBack): void => {
  const { pool, command, facts } = decision;
  const { type, movements } = subject;
  const requireDivision = (code: string, field: string): void => {
    if (!facts.hasDivision(code, command.effectiveOn)) throw unknownDivision(code, field);
  };
  switch (type) {
    case 'FundsAppropriated':
      requireDivision(pool.division, 'division');
      for (const line of taken.lines) requireChannel(decision, line);
      return;
    case 'TransferIssued':
    case 'FundsCarriedOver': {
      const { takersReversal } = command;
      if (takersReversal !== undefined) return;
      throw notReversible(
        type,
        '请冲销接收方对它的冲销，本方随之恢复。',
        'take the taking side’s reversal back; this side follows by itself.',
      );
    }
    case 'TransferReceived':
    case 'CarryOverReceived':
      if (command.followsGiver !== true) {
        throw notReversible(type, '它随下达方或转出方一并恢复。', 'it stands again together with the giving side.');
      }
      if (type === 'TransferReceived') requireDivision(pool.division, 'division');
      return;
    case 'FundsAllocated':
    case 'FundsReallocated':
      requireProjects(decision, subject);
      return;
    case 'FundsRepurposed':
      for (const { toPurposeCode } of subject.particulars.authorityChanges ?? []) {
        if (!facts.hasPurpose(toPurposeCode)) throw unknownPurpose(toPurposeCode);
      }
      return;
    case 'PaymentRequested':
    case 'PaymentExecuted':
      for (const { to } of movements) {
        const account = parseAccount(to);
        if (account.kind === 'project' && account.state === 'available') {
          requireProjectPlace(decision, account.projectCode, account.place);
        }
      }
      return;
    default:
      return;
  }
};

/** A line keeps what its channel was when it was issued, so the channel has to say the same still. */
const requireChannel = ({ command, facts }: Decision, line: QuotaLine): void => {
  const { channelCode, purposeCode, issuedOn } = line;
  const channel = facts.channel(channelCode, command.effectiveOn);
  if (channel === undefined) throw unknownChannel(channelCode);
  if (!facts.hasPurpose(purposeCode)) throw unknownPurpose(purposeCode);
  if (!channelAllows(channel, purposeCode, (purpose, other) => facts.purposeCovers(purpose, other))) {
    throw purposeNotAllowed(channelCode, purposeCode, channel.allowedPurposes);
  }
  const issuing = facts.channel(channelCode, issuedOn);
  const changed = CHANNEL_PARTICULARS.find((field) => issuing !== undefined && issuing[field] !== line[field]);
  if (changed !== undefined) throw channelNotAsIssued(line.quotaLine, channelCode, changed);
};

/**
 * 资金用途不变: money goes back into a project that its line is for, or by as much of an authority as it had used.
 */
const requireProjects = (decision: Decision, { movements, particulars }: Subject): void => {
  const { facts, pool } = decision;
  const authorities = (particulars.authorityChanges ?? []).map(({ quotaLine, toPurposeCode, amount }) => ({
    quotaLine,
    toPurposeCode,
    left: -fenFromYuan(amount),
  }));
  for (const { quotaLine, from: goesTo, amount } of movements) {
    const account = parseAccount(goesTo);
    if (account.kind !== 'project') continue;
    const project = requireProjectPlace(decision, account.projectCode, account.place);
    const purpose = pool.lines.get(quotaLine)?.purposeCode ?? '';
    if (facts.purposeCovers(purpose, project.purposeCode)) continue;
    let rest: number = fenFromYuan(amount);
    for (const authority of authorities) {
      if (authority.quotaLine !== quotaLine || !facts.purposeCovers(authority.toPurposeCode, project.purposeCode)) {
        continue;
      }
      const used = Math.min(rest, authority.left);
      authority.left -= used;
      rest -= used;
    }
    if (rest === 0) continue;
    throw purposeChanged(
      project.purposeCode,
      [purpose],
      `项目 ${account.projectCode}`,
      `project ${account.projectCode}`,
    );
  }
};
