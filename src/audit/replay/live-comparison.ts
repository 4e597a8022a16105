import { balancesFromFacts } from '../../balances/balances-from-facts';
import type { Dimension } from '../../balances/balances-query';
import { MEASURES, type Measures } from '../../balances/measures';
import type { Position, RecordedEvent } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import { readEvent } from '../../event-log/upcasting';
import { DomainError } from '../../platform/domain-error';
import { PROJECTION_NAMES, type ProjectionName } from '../../projecting/projection-loader';
import type { ReadSnapshot, SnapshotSource } from '../../projecting/read-database';
import { compareEntries, type Difference } from './entry-comparison';
import type { Finding } from '../proofs/finding';
import { PurposeCheck } from '../proofs/purpose-check';
import { VoucherCheck } from '../proofs/voucher-check';
import { FactComparison } from './fact-comparison';
import { type LiveFinding, liveFinding, type ReplayFinding } from './live-finding';
import { OfficialFold } from './official-fold';
import { differenceText, firstParting } from './parting';
import { aheadOfLog, behind, findingOfTables, positionOfTables } from './table-findings';

/** Told how far a comparison is: positions done, and the position it goes to. */
export type ReplayProgress = (done: Position, total: Position, events: number) => void;

/** A log for reading: a replay has no other way to it, so that it cannot write. */
export type ReadableLog = Pick<EventLog, 'readAll' | 'readAt' | 'readStream' | 'head'>;

/** Events read at once: so few that they are done with before the collector has to move them. */
const BATCH_EVENTS = 512;

/** Where the tables are wrong in many places, the first of them say enough. */
const MOST_FINDINGS = 20;

/** While the service goes on, the tables move; so often their newest state is tried to be met. */
const MOST_ATTEMPTS = 1000;

/** The dimension that each official projection answers. */
export const DIMENSION_OF: Readonly<Record<ProjectionName, Dimension>> = {
  'department-balance': 'department',
  'county-balance': 'division',
  'village-balance': 'village',
  'project-balance': 'project',
};

/**
 * Replays the log through the official projections, in memory, and holds the live tables against it: every row of the
 * facts against the event that it was made of, and every figure against the projection, to the fen. Nothing is written.
 */
export class LiveComparison {
  readonly fold: OfficialFold;
  readonly #live: SnapshotSource | null;
  readonly #facts = new FactComparison();
  readonly #vouchers = new VoucherCheck(MOST_FINDINGS);
  readonly #purposes = new PurposeCheck(MOST_FINDINGS);
  readonly #asOf: string | null;
  #position: Position = 0;
  #events = 0;

  /**
   * @param live null: there is nothing to compare with, only to fold
   * @param asOf only money up to this business date; figures at such a moment are held against the live facts
   */
  constructor(live: SnapshotSource | null, asOf: string | null = null) {
    this.#live = live;
    this.#asOf = asOf;
    this.fold = new OfficialFold(asOf);
  }

  /** Position of the last event that was taken. */
  get position(): Position {
    return this.#position;
  }

  get events(): number {
    return this.#events;
  }

  /** What is wrong with the money itself, whatever the tables say: what vouchers are to one another, and purposes. */
  async moneyFindings(log: ReadableLog): Promise<readonly Finding[]> {
    return [...(await this.#vouchers.finish(log)), ...this.#purposes.findings];
  }

  /** Takes events that follow one another in the log. The live tables must have them already. */
  take(events: readonly RecordedEvent[]): void {
    const last = events.at(-1);
    if (last === undefined) return;
    for (const event of events) {
      this.fold.apply(event);
      this.#vouchers.take(event);
      this.#purposes.take(event);
    }
    this.#live?.read((snapshot) => this.#facts.take(snapshot, events));
    this.#position = last.position;
    this.#events += events.length;
  }

  /** Reads on from where it is, up to a position. */
  async readTo(log: ReadableLog, to: Position, progress: ReplayProgress = () => undefined): Promise<void> {
    while (this.#position < to) {
      const page = await log.readAll(this.#position, BATCH_EVENTS);
      const events = page.filter(({ position }) => position <= to).map(readEvent);
      if (events.length === 0) return;
      this.take(events);
      progress(this.#position, to, this.#events);
    }
  }

  /**
   * What is different, at the position that was reached. Where that is the newest one of the live tables, their stored
   * balances are compared as well; at earlier positions the balances that their facts give.
   */
  async finish(log: ReadableLog): Promise<readonly ReplayFinding[]> {
    const ofMoney = await this.moneyFindings(log);
    if (this.#live === null) return ofMoney;
    const found = this.#live.read((snapshot) => {
      const facts = this.#facts.finish(snapshot);
      const isNewest = snapshot.position === this.#position && this.#asOf === null;
      return {
        facts,
        figures: [...this.#compareFigures(snapshot, facts), ...(isNewest ? compareEntries(snapshot, this.fold) : [])],
      };
    });
    const findings: ReplayFinding[] = [...ofMoney];
    if (found.facts !== null) findings.push(found.facts);
    for (const difference of found.figures.slice(0, MOST_FINDINGS)) {
      findings.push(await this.#findingOf(log, difference, found.facts));
    }
    return findings;
  }

  /** Figures of all pools together, from the live facts at the moment. */
  #compareFigures(snapshot: ReadSnapshot, facts: LiveFinding | null): Difference[] {
    // Where the facts are wrong, so is every figure that is made of them: the first wrong fact says it all.
    if (facts !== null || this.#events === 0) return [];
    return PROJECTION_NAMES.flatMap((projection, index) => {
      const query = { by: DIMENSION_OF[projection], under: null, year: null, at: this.#position, asOf: this.#asOf };
      const live = answerable(() => balancesFromFacts(snapshot, query));
      return differences(this.fold.cells(index), live).map((difference) => ({
        ...difference,
        projection,
        state: null,
      }));
    });
  }

  async #findingOf(log: ReadableLog, difference: Difference, facts: LiveFinding | null): Promise<LiveFinding> {
    const { projection, state, key, expected, found } = difference;
    const position =
      facts?.position ??
      (state === null ? null : await firstParting(log, state.stream, state.projection, key, found, this.#position));
    const where = state === null ? '' : `（${state.stream}）`;
    const whereEn = state === null ? '' : ` of ${state.stream}`;
    const what = difference.text ?? differenceText(expected, found);
    const since = position === null ? '' : `，自位置 ${position} 的事件起`;
    const sinceEn = position === null ? '' : `, from the event at position ${position} on`;
    return liveFinding(
      'LIVE_BALANCE_DIFFERS',
      position,
      `${projection} 中 ${key}${where}的余额与重放不符${since}：${what}（应为 ≠ 实为）。`,
      `The balance ${key}${whereEn} in ${projection} is not what the replay gives${sinceEn}: ${what} (should be ≠ is).`,
    );
  }
}

const differences = (
  expected: ReadonlyMap<string, Measures>,
  found: ReadonlyMap<string, Measures>,
): Pick<Difference, 'key' | 'expected' | 'found'>[] =>
  [...new Set([...expected.keys(), ...found.keys()])]
    .sort()
    .map((key) => ({ key, expected: expected.get(key) ?? null, found: found.get(key) ?? null }))
    .filter((each) => MEASURES.some((measure) => (each.expected?.[measure] ?? 0) !== (each.found?.[measure] ?? 0)));

/** A moment before every business date has no balances; that is what a replay of it gives, too. */
const answerable = <Answer>(ask: () => ReadonlyMap<string, Answer>): ReadonlyMap<string, Answer> => {
  try {
    return ask();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'DATE_BEFORE_FIRST_EVENT') return new Map<string, Answer>();
    throw error;
  }
};

export interface CompareWithLive {
  readonly log: ReadableLog;
  readonly live: SnapshotSource;
  /** Brings the tables up to the log first; a failure of theirs to take its events is a finding like any other. */
  readonly catchUp?: () => Promise<void>;
  /** Looks at the file that the tables lie in, while their rows are compared. */
  readonly checkFile?: (() => Promise<readonly LiveFinding[]>) | undefined;
  readonly progress?: ReplayProgress;
}

/**
 * Replays the whole log and says where the live tables differ from it; nothing found: they are equal to the fen. Events
 * that the tables have not taken yet are a finding of their own, because what is not there cannot be compared.
 */
export const compareWithLive = async (question: CompareWithLive): Promise<readonly ReplayFinding[]> => {
  const caughtUp = await findingsOf(async () => {
    await question.catchUp?.();
    return [];
  });
  // A thread may look through the file meanwhile; what it finds is told behind what the rows show.
  const file = question.checkFile?.() ?? Promise.resolve([]);
  file.catch(() => undefined);
  const rows = caughtUp.length > 0 ? caughtUp : await findingsOf(() => compareNewest(question));
  return [...rows, ...(await file)];
};

/** A failure of the tables is a finding, too. */
const findingsOf = async (work: () => Promise<readonly ReplayFinding[]>): Promise<readonly ReplayFinding[]> => {
  try {
    return await work();
  } catch (error) {
    return [findingOfTables(error)];
  }
};

const compareNewest = async ({ log, live, progress }: CompareWithLive): Promise<readonly ReplayFinding[]> => {
  const head = await log.head();
  const comparison = new LiveComparison(live);
  for (let attempt = 0; ; attempt += 1) {
    const position = positionOfTables(live);
    await comparison.readTo(log, position, progress);
    const reached = comparison.position;
    if (reached < position) return [aheadOfLog(reached, position)];
    const isNewest = live.read((snapshot) => snapshot.position === reached);
    if (!isNewest && attempt < MOST_ATTEMPTS) continue;
    const findings = await comparison.finish(log);
    return reached < head ? [...findings, behind(reached, head)] : findings;
  }
};
