import type { Actor } from '../event-log/event';
import { fingerprintHash } from '../event-log/fingerprint';
import { addFen, fen, type Fen, ZERO_FEN } from '../money/fen';
import { documentsOf, type Pool, type SideAccount } from './pool';
import type { DocumentKind, Reversal } from './document-book';
import { poolStream } from './pool-stream';
import { closedPeriodOn, isYear } from './closing/closed-periods';
import { approvedBySamePerson, periodClosed } from './closing/closing-errors';
import type { PoolEntry, PoolMatter } from './pool-command';
import {
  cashOfFormerIssue,
  dateBeforeYear,
  dateInFuture,
  duplicateDocument,
  placeNotOfProject,
  placeOutsideDivision,
  projectNotInLibrary,
  rebooksUnknown,
  unknownDivision,
  unknownProject,
  yearClosed,
} from './pool-errors';
import type { BroughtLines, PoolEvent } from './pool-event';
import type { PoolFacts, ProjectFacts } from './pool-facts';
import { CHANNEL_PARTICULARS, isSameLine, type QuotaLine, type QuotaLineId } from './quota-line';

/** What a decision about a pool rests on. */
export interface PoolDecision<Command extends PoolMatter> {
  readonly command: Command;
  readonly pool: Pool;
  readonly facts: PoolFacts;
  /** Content of the command in canonical form; tells the same document from another with its number. */
  readonly fingerprint: string;
  /** Who brings the command. */
  readonly actor: Pick<Actor, 'id'>;
  /** Business day on which it is recorded. */
  readonly today: string;
  /** Documents of this pool whose other half is in no pool yet; looked up only where a year is to be closed. */
  readonly notTakenIn: readonly string[];
}

export type DecidePool<Command extends PoolMatter> = (decision: PoolDecision<Command>) => readonly PoolEvent[];

/**
 * Nothing is entered before it happens, nor before a pool's year may have money: 提前下达 begins on 1 October before it.
 *
 * @throws DomainError DATE_IN_FUTURE, DATE_BEFORE_YEAR
 */
export const requirePossibleDate = ({ pool, command, today }: PoolDecision<PoolMatter>): void => {
  const { effectiveOn } = command;
  if (effectiveOn > today) throw dateInFuture(effectiveOn, today, pool.fiscalYear);
  if (effectiveOn < firstDayOf(pool.fiscalYear))
    throw dateBeforeYear(effectiveOn, firstDayOf(pool.fiscalYear), pool.fiscalYear, today);
};

/** The first business date on which a pool of a year may have money. */
export const firstDayOf = (fiscalYear: number): string => `${fiscalYear - 1}-10-01`;

/**
 * An entry's date can be, and is in an open period, or an approval lets it into the closed one (结账后调整).
 *
 * @param given a date that another entry gives: an entry that answers to it may bear it, whatever it is
 * @throws DomainError PERIOD_CLOSED, YEAR_CLOSED, DATE_IN_FUTURE, DATE_BEFORE_YEAR; SAME_PERSON when the one who
 *   approves is the one who enters
 */
export const requireOpen = (decision: PoolDecision<PoolEntry>, given?: string): void => {
  const { pool, command, actor } = decision;
  const { effectiveOn, adjustment } = command;
  if (effectiveOn !== given) requirePossibleDate(decision);
  const period = closedPeriodOn(pool, effectiveOn);
  if (period === null) return;
  if (adjustment === undefined) {
    throw isYear(period)
      ? yearClosed(poolStream(pool.division, pool.fiscalYear))
      : periodClosed(effectiveOn, pool.closedThrough ?? period);
  }
  if (adjustment.approvedBy === actor.id) throw approvedBySamePerson(adjustment.approvalNo, actor.id);
};

/**
 * A code that was mistyped is told so, not that its pool lacks something: nobody has such a pool. One that has had money
 * outlives its division.
 * @throws DomainError UNKNOWN_DIVISION
 */
export const requirePool = ({ pool, facts, command }: PoolDecision<PoolMatter>): void => {
  if (pool.lines.size > 0 || facts.hasDivision(pool.division, command.effectiveOn)) return;
  throw unknownDivision(pool.division, 'division');
};

/** Vouchers that are requested or approved and neither executed nor cancelled. */
export const pendingVouchers = (pool: Pool): readonly string[] =>
  [...pool.payments.values()]
    .filter(({ status }) => status === 'requested' || status === 'approved')
    .map(({ voucherNo }) => voucherNo);

/**
 * True when nothing is to be done: this very document with this very content is in the pool already, or was and has
 * been taken back. Only who says so (重记) enters again what was reversed; other content under its number is taken.
 *
 * @throws DomainError DUPLICATE_DOCUMENT when the number stands for something else, also on another date
 *   (系统规则：同一文号不得重复登记); REBOOKS_UNKNOWN when 重记 names no reversal of the number
 */
export const isRecorded = (
  { pool, command, fingerprint }: PoolDecision<PoolEntry>,
  kind: DocumentKind,
  documentNo: string,
): boolean => {
  const { rebooks } = command;
  const known = documentsOf(pool, kind, documentNo);
  if (known.length === 0 && rebooks === undefined) return false;
  const digest = fingerprintHash(fingerprint);
  const same = known.filter((document) => document.fingerprint === digest);
  if (same.some(({ standing }) => standing > 0)) return true;
  const other = known.find(({ standing }) => standing > 0);
  if (other !== undefined) throw duplicateDocument(documentNo, other.effectiveOn, command.effectiveOn);
  if (rebooks === undefined) return same.length > 0;
  if (!known.some(({ reversal }) => reversal?.reversalNo === rebooks)) throw rebooksUnknown(documentNo, rebooks);
  return same.some((document) => document.rebooks === rebooks);
};

/** What took a document back that is not in force any more; null when it is, or never was. */
export const reversalOf = (pool: Pool, kind: DocumentKind, documentNo: string): Reversal | null => {
  const known = documentsOf(pool, kind, documentNo);
  return known.some(({ standing }) => standing > 0) ? null : (known[0]?.reversal ?? null);
};

/**
 * Of lines that are brought in: those that the pool does not know, or knows with a younger 下达日期 (entries come in any
 * order of dates); and those that it knows otherwise and of which nothing stands any more, which are issued anew.
 *
 * @throws DomainError CHANNEL_NOT_AS_ISSUED where cash of such a line is there still, under what its channel was
 */
export const linesToRemember = (
  pool: Pool,
  brought: Iterable<QuotaLine>,
): BroughtLines & Required<Pick<BroughtLines, 'lines'>> => {
  const lines = new Map<QuotaLineId, QuotaLine>();
  const reissued = new Map<QuotaLineId, QuotaLine>();
  for (const line of brought) {
    const { quotaLine } = line;
    const said = lines.get(quotaLine);
    const known = said ?? pool.lines.get(quotaLine);
    if (known === undefined) lines.set(quotaLine, line);
    else if (said === undefined && !isSameLine(known, line) && pool.accounts.isEmpty(quotaLine)) {
      requireNoCashOf(pool, known, line);
      reissued.set(quotaLine, line);
    } else if (line.issuedOn < known.issuedOn) lines.set(quotaLine, { ...known, issuedOn: line.issuedOn });
  }
  return {
    lines: [...lines.values()],
    ...(reissued.size === 0 ? {} : { reissuedLines: [...reissued.values()] }),
  };
};

const requireNoCashOf = (pool: Pool, known: QuotaLine, line: QuotaLine): void => {
  if (pool.sides.latest(line.quotaLine, 'cash') === 0) return;
  const changed = CHANNEL_PARTICULARS.find((field) => known[field] !== line[field]);
  if (changed !== undefined) throw cashOfFormerIssue(line.quotaLine, line.channelCode, changed);
};

/** The project, when it is in the library on the date and `place` is one of its places inside the pool's division. */
export const requireProjectPlace = (
  decision: PoolDecision<PoolEntry>,
  projectCode: string,
  place: string,
): ProjectFacts => {
  const { facts, pool, command } = decision;
  const project = facts.project(projectCode);
  if (project === undefined) throw unknownProject(projectCode);
  if (
    project.enteredOn === null ||
    command.effectiveOn < project.enteredOn ||
    (project.exitedOn !== null && command.effectiveOn >= project.exitedOn)
  ) {
    throw projectNotInLibrary(projectCode, command.effectiveOn, project.enteredOn);
  }
  if (!facts.hasDivision(place, command.effectiveOn)) throw unknownDivision(place, 'place');
  if (!place.startsWith(pool.division)) throw placeOutsideDivision(place, pool.division);
  if (!project.places.includes(place)) throw placeNotOfProject(place, projectCode, project.places);
  return project;
};

/** Side balances (cash, authorities) after what the command itself has used of them. */
export class SideDraft {
  readonly #pool: Pool;
  readonly #on: string;
  readonly #used = new Map<string, Fen>();

  constructor(pool: Pool, on: string) {
    this.#pool = pool;
    this.#on = on;
  }

  left(line: QuotaLineId, side: SideAccount): Fen {
    const lowest = this.#pool.sides.lowestFrom(line, side, this.#on).balance;
    return fen(lowest - (this.#used.get(`${line}|${side}`) ?? ZERO_FEN));
  }

  use(line: QuotaLineId, side: SideAccount, amount: Fen): void {
    const key = `${line}|${side}`;
    this.#used.set(key, addFen(this.#used.get(key) ?? ZERO_FEN, amount));
  }
}
