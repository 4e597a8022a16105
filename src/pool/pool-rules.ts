import type { Actor } from '../event-log/event';
import { fingerprintHash } from '../event-log/fingerprint';
import { addFen, fen, type Fen, ZERO_FEN } from '../money/fen';
import type { Pool, SideAccount } from './pool';
import { poolStream } from './pool-stream';
import { closedPeriodOn, isYear } from './closing/closed-periods';
import { approvedBySamePerson, periodClosed } from './closing/closing-errors';
import type { PoolEntry, PoolMatter } from './pool-command';
import {
  duplicateDocument,
  placeNotOfProject,
  placeOutsideDivision,
  projectNotInLibrary,
  unknownDivision,
  unknownProject,
  yearClosed,
} from './pool-errors';
import type { PoolEvent } from './pool-event';
import type { PoolFacts, ProjectFacts } from './pool-facts';
import type { QuotaLine, QuotaLineId } from './quota-line';

/** What a decision about a pool rests on. */
export interface PoolDecision<Command extends PoolMatter> {
  readonly command: Command;
  readonly pool: Pool;
  readonly facts: PoolFacts;
  /** Content of the command in canonical form; tells the same document from another with its number. */
  readonly fingerprint: string;
  /** Who brings the command. */
  readonly actor: Pick<Actor, 'id'>;
  /** Documents of this pool whose other half is in no pool yet; looked up only where a year is to be closed. */
  readonly notTakenIn: readonly string[];
}

export type DecidePool<Command extends PoolMatter> = (decision: PoolDecision<Command>) => readonly PoolEvent[];

/**
 * An entry's date is in an open period, or an approval lets it into the closed one (结账后调整).
 * @throws DomainError PERIOD_CLOSED, YEAR_CLOSED; SAME_PERSON when the one who approves is the one who enters
 */
export const requireOpen = ({ pool, command, actor }: PoolDecision<PoolEntry>): void => {
  const { effectiveOn, adjustment } = command;
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
 * True when this very document with this very content is in the pool already, so that nothing is to be done.
 * @throws DomainError DUPLICATE_DOCUMENT when its content differs (系统规则：同一文号不得重复登记)
 */
export const isRecorded = (
  decision: PoolDecision<PoolMatter>,
  type: PoolEvent['type'],
  documentNo: string,
): boolean => {
  const { pool, command, fingerprint } = decision;
  const known = pool.documents.fingerprintOf(type, documentNo, command.effectiveOn);
  if (known === undefined) return false;
  if (known === fingerprintHash(fingerprint)) return true;
  throw duplicateDocument(documentNo, command.effectiveOn);
};

/** Particulars that the pool does not have yet, or has with a younger 下达日期 (entries come in any order of dates). */
export const linesToRemember = (pool: Pool, lines: Iterable<QuotaLine>): readonly QuotaLine[] => {
  const news = new Map<QuotaLineId, QuotaLine>();
  for (const line of lines) {
    const known = news.get(line.quotaLine) ?? pool.lines.get(line.quotaLine);
    if (known === undefined || line.issuedOn < known.issuedOn) news.set(line.quotaLine, line);
  }
  return [...news.values()];
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
