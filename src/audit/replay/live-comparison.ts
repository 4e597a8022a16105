import { balancesFromFacts } from '../../balances/balances-from-facts';
import type { Dimension } from '../../balances/balances-query';
import { MEASURES, type Measures } from '../../balances/measures';
import type { Position, RecordedEvent } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import { isSqliteError } from '../../event-log/sqlite/sqlite-failure';
import { readEvent } from '../../event-log/upcasting';
import { DomainError } from '../../platform/domain-error';
import { PROJECTION_NAMES, type ProjectionName } from '../../projecting/projection-loader';
import { ProjectionHalted } from '../../projecting/projection-runner';
import { readModelVersion } from '../../projecting/read-model-version';
import type { ReadSnapshot, SnapshotSource } from '../../projecting/read-database';
import { FactComparison } from './fact-comparison';
import { type LiveFinding, liveFinding } from './live-finding';
import { measuresOf, OfficialFold } from './official-fold';
import { differenceText, firstParting } from './parting';

/** Told how far a comparison is: positions done, and the position it goes to. */
export type ReplayProgress = (done: Position, total: Position) => void;

/** A log for reading: a replay has no other way to it, so that it cannot write. */
export type ReadableLog = Pick<EventLog, 'readAll' | 'readStream' | 'head'>;

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

  /** Takes events that follow one another in the log. The live tables must have them already. */
  take(events: readonly RecordedEvent[]): void {
    const last = events.at(-1);
    if (last === undefined) return;
    for (const event of events) this.fold.apply(event);
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
      progress(this.#position, to);
    }
  }

  /**
   * What is different, at the position that was reached. Where that is the newest one of the live tables, their stored
   * balances are compared as well; at earlier positions the balances that their facts give.
   */
  async finish(log: ReadableLog): Promise<readonly LiveFinding[]> {
    if (this.#live === null) return [];
    const found = this.#live.read((snapshot) => {
      const facts = this.#facts.finish(snapshot);
      const isNewest = snapshot.position === this.#position && this.#asOf === null;
      return {
        facts,
        figures: [...this.#compareFigures(snapshot, facts), ...(isNewest ? this.#compareEntries(snapshot) : [])],
      };
    });
    const findings = found.facts === null ? [] : [found.facts];
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
        stream: null,
      }));
    });
  }

  #compareEntries(snapshot: ReadSnapshot): Difference[] {
    const stored = new Map<string, Map<string, string>>();
    for (const [projection, stream, section, key, value] of snapshot.all<
      readonly [number, string, string, string, string]
    >('SELECT projection, stream.name, section, key, value FROM entry JOIN stream ON stream.id = entry.pool')) {
      const name = `${projection} ${stream} ${section}`;
      const entries = stored.get(name) ?? new Map<string, string>();
      stored.set(name, entries.set(key, value));
    }
    const found: Difference[] = [];
    for (const [stream, states] of this.fold.states) {
      states.forEach((state, index) => {
        const projection = PROJECTION_NAMES[index] as ProjectionName;
        for (const [section, entries] of Object.entries(state)) {
          const name = `${index} ${stream} ${section}`;
          const live = stored.get(name);
          for (const [key, entry] of Object.entries(entries)) {
            const text = live?.get(key);
            live?.delete(key);
            if (text === JSON.stringify(entry)) continue;
            found.push(...entryDifference({ projection, stream, section, key, expected: entry, found: text }));
          }
        }
      });
    }
    for (const [name, entries] of stored) {
      const [index = '', stream = '', section = ''] = name.split(' ');
      const projection = PROJECTION_NAMES[Number(index)];
      if (projection === undefined) continue;
      for (const [key, text] of entries) {
        found.push(...entryDifference({ projection, stream, section, key, expected: undefined, found: text }));
      }
    }
    return found;
  }

  async #findingOf(log: ReadableLog, difference: Difference, facts: LiveFinding | null): Promise<LiveFinding> {
    const { projection, stream, key, expected, found } = difference;
    const position =
      facts?.position ??
      (stream === null ? null : await firstParting(log, stream, projection, key, found, this.#position));
    const where = stream === null ? '' : `（${stream}）`;
    const whereEn = stream === null ? '' : ` of ${stream}`;
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

interface Difference {
  readonly projection: ProjectionName;
  /** The pool; null: all pools together. */
  readonly stream: string | null;
  readonly key: string;
  readonly expected: Measures | null;
  readonly found: Measures | null;
  /** What is different, where it is not a figure. */
  readonly text?: string;
}

const differences = (
  expected: ReadonlyMap<string, Measures>,
  found: ReadonlyMap<string, Measures>,
): Pick<Difference, 'key' | 'expected' | 'found'>[] =>
  [...new Set([...expected.keys(), ...found.keys()])]
    .sort()
    .map((key) => ({ key, expected: expected.get(key) ?? null, found: found.get(key) ?? null }))
    .filter((each) => MEASURES.some((measure) => (each.expected?.[measure] ?? 0) !== (each.found?.[measure] ?? 0)));

const entryDifference = (entry: {
  readonly projection: ProjectionName;
  readonly stream: string;
  readonly section: string;
  readonly key: string;
  readonly expected: unknown;
  readonly found: string | undefined;
}): Difference[] => {
  const { projection, stream, section, key } = entry;
  const found = entry.found === undefined ? undefined : readEntry(entry.found);
  if (section !== 'cells') {
    const text = `${section}: ${JSON.stringify(entry.expected) ?? '—'} ≠ ${entry.found ?? '—'}`;
    return [{ projection, stream, key, expected: null, found: null, text }];
  }
  const expected = entry.expected === undefined ? null : measuresOf(entry.expected);
  const live = measuresOrNull(found);
  // The order of an entry's members is no difference.
  const isSame = expected !== null && live !== null && MEASURES.every((measure) => expected[measure] === live[measure]);
  return isSame ? [] : [{ projection, stream, key, expected, found: live }];
};

const readEntry = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const measuresOrNull = (entry: unknown): Measures | null => {
  try {
    return measuresOf(entry);
  } catch {
    return null;
  }
};

/** A moment before every business date has no balances; that is what a replay of it gives, too. */
const answerable = <Answer>(ask: () => ReadonlyMap<string, Answer>): ReadonlyMap<string, Answer> => {
  try {
    return ask();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'DATE_BEFORE_FIRST_EVENT') return new Map<string, Answer>();
    throw error;
  }
};

/** Position of the live tables and what made them, or why they cannot be compared. */
export const liveTables = (live: SnapshotSource): { readonly position: Position } | LiveFinding => {
  try {
    return live.read((snapshot) => {
      const [version] = snapshot.first<readonly [string]>("SELECT value FROM meta WHERE name = 'version'") ?? [];
      return version === readModelVersion() ? { position: snapshot.position } : ofOtherVersion();
    });
  } catch (error) {
    if (error instanceof DomainError && error.code === 'READ_MODEL_MISSING') return missing('');
    return findingOfTables(error);
  }
};

const ofOtherVersion = (): LiveFinding =>
  liveFinding(
    'LIVE_TABLES_OF_OTHER_VERSION',
    null,
    '读取库由另一版本的投影或程序建立，无法比对；请先运行 yichi rebuild。',
    'The read tables were made by other projections or another version and cannot be compared; run `yichi rebuild` first.',
  );

const missing = (detail: string): LiveFinding =>
  liveFinding(
    'LIVE_TABLES_MISSING',
    null,
    `没有可读的读取库${detail === '' ? '' : `（${detail}）`}；请先运行 yichi rebuild。`,
    `There are no read tables that can be read${detail === '' ? '' : ` (${detail})`}; run \`yichi rebuild\` first.`,
  );

/** Failures of SQLite that lie in what is in the file; a full disk or a lock is nobody's finding. */
const OF_THE_FILE = ['SQLITE_ERROR', 'SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_CONSTRAINT', 'SQLITE_MISMATCH'];

/**
 * What a failure says of the live tables, when it comes from them: they lack a table, or break their own rules, so that
 * they can be neither read nor brought up to the log. Any other failure is thrown again.
 */
export const findingOfTables = (error: unknown): LiveFinding => {
  const isOfTables = error instanceof ProjectionHalted || OF_THE_FILE.some((code) => isSqliteError(error, code));
  if (isOfTables) return missing((error as Error).message);
  throw error;
};

export interface CompareWithLive {
  readonly log: ReadableLog;
  readonly live: SnapshotSource;
  readonly progress?: ReplayProgress;
}

/**
 * Replays the whole log and says where the live tables differ from it; nothing found: they are equal to the fen. Events
 * that the tables have not taken yet are a finding of their own, because what is not there cannot be compared.
 */
export const compareWithLive = async (question: CompareWithLive): Promise<readonly LiveFinding[]> => {
  try {
    return await compareNewest(question);
  } catch (error) {
    return [findingOfTables(error)];
  }
};

const compareNewest = async ({ log, live, progress }: CompareWithLive): Promise<readonly LiveFinding[]> => {
  const head = await log.head();
  const comparison = new LiveComparison(live);
  for (let attempt = 0; ; attempt += 1) {
    const tables = liveTables(live);
    if ('code' in tables) return [tables];
    await comparison.readTo(log, tables.position, progress);
    const reached = comparison.position;
    if (reached < tables.position) return [aheadOfLog(reached, tables.position)];
    const isNewest = live.read(({ position }) => position === reached);
    if (!isNewest && attempt < MOST_ATTEMPTS) continue;
    const findings = await comparison.finish(log);
    return reached < head ? [...findings, behind(reached, head)] : findings;
  }
};

export const behind = (position: Position, head: Position): LiveFinding =>
  liveFinding(
    'LIVE_TABLES_BEHIND',
    position,
    `读取库只到位置 ${position}，日志已到 ${head}；请启动服务或运行 yichi rebuild 后再核对。`,
    `The read tables are at position ${position} and the log is at ${head}; start the service or run \`yichi rebuild\`.`,
  );

const aheadOfLog = (head: Position, position: Position): LiveFinding =>
  liveFinding(
    'LIVE_TABLE_DIFFERS',
    head,
    `读取库到了位置 ${position}，而日志只到 ${head}：读取库讲的不是这个日志。`,
    `The read tables are at position ${position}, but the log ends at ${head}: they tell of another log.`,
  );
