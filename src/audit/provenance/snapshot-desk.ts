import { canonicalJson } from '../../event-log/canonical-json';
import type { CommandRunner } from '../../event-log/command-runner';
import { commandIdFrom } from '../../event-log/event-id';
import type { CommandEnvelope, Position } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import { readEvent } from '../../event-log/upcasting';
import { officialProjection } from '../../balances/balances-from-projections';
import { type BalancesScope, COUNTY_LENGTH } from '../../balances/balances-query';
import { addMeasures, type Measures, measuresJson, type MutableMeasures, noMeasures } from '../../balances/measures';
import { factLimit } from '../../balances/moment';
import type { Moment } from '../../balances/moment-request';
import { nameOf } from '../../balances/names';
import { todayInShanghai } from '../../platform/business-date';
import { poolOfStream } from '../../pool/pool-stream';
import { PROJECTION_NAMES, type ProjectionState, projectionSource } from '../../projecting/projection-loader';
import type { SnapshotSource } from '../../projecting/read-database';
import { positionOfTreeSize, treeHeadAt } from '../bookmarks/tree-head';
import type { ReplayProgress } from '../replay/live-comparison';
import { ScriptFailure } from '../replay/isolate';
import { addCells } from '../replay/official-fold';
import { projectionInvalid } from '../replay/projection-invalid';
import { SealedProjection } from '../replay/sealed-projection';
import { findKeptProjection, keepProjection } from './kept-projection';
import {
  answerHashOf,
  evaluationKind,
  evaluationStream,
  MOST_SNAPSHOT_ROWS,
  notOfficial,
  requireSnapshotName,
  type Snapshot,
  type SnapshotQuestion,
  snapshotTooLarge,
  snapshotUnknown,
  takeSnapshot,
} from './snapshot';

export interface SnapshotWish {
  readonly name: string;
  readonly scope: BalancesScope;
  readonly moment: Moment;
}

export interface SnapshotProblem {
  readonly code: 'SNAPSHOT_PROJECTION_MISSING' | 'SNAPSHOT_TREE_DIFFERS' | 'SNAPSHOT_ANSWER_DIFFERS';
  readonly message: string;
  readonly messageEn: string;
}

/** A frozen answer, read again. */
export interface ReadSnapshotAgain {
  readonly snapshot: Snapshot;
  /** Position in this log that the snapshot was read at. */
  readonly position: Position;
  /** What the same question gives today under the texts of then; null when they are not there. */
  readonly answerHash: string | null;
  /** None: the answer is the same, and the log up to then is the same. */
  readonly problems: readonly SnapshotProblem[];
}

interface Answer {
  readonly cells: readonly (readonly [key: string, measures: Measures])[];
  readonly total: Measures;
  readonly hash: string;
}

export interface SnapshotSurroundings {
  readonly log: EventLog;
  readonly commands: CommandRunner;
  /** Only for the names of keys. */
  readonly live: SnapshotSource;
  readonly now: () => Date;
}

type Asking = Pick<CommandEnvelope, 'commandId' | 'correlationId' | 'causationId' | 'actor'>;

/** Events read at once. */
const BATCH_EVENTS = 4096;

/**
 * Freezes answers for evaluations and reads them again. Both times the answer is folded from the log, under the very
 * texts of the projections that the log keeps, so that an answer of long ago does not depend on today's program.
 */
export class SnapshotDesk {
  readonly #log: EventLog;
  readonly #commands: CommandRunner;
  readonly #live: SnapshotSource;
  readonly #now: () => Date;

  constructor({ log, commands, live, now }: SnapshotSurroundings) {
    this.#log = log;
    this.#commands = commands;
    this.#live = live;
    this.#now = now;
  }

  /** @throws DomainError SNAPSHOT_NAME_INVALID, SNAPSHOT_NAME_TAKEN, SNAPSHOT_NOT_OFFICIAL, SNAPSHOT_TOO_LARGE */
  async take(
    { name: wanted, scope, moment }: SnapshotWish,
    asking: Asking,
    progress?: ReplayProgress,
  ): Promise<Snapshot> {
    const name = requireSnapshotName(wanted);
    const answeredBy = officialProjection({ ...scope, at: null, asOf: null });
    if (answeredBy === null) throw notOfficial(scope);
    const { position } = this.#live.read((snapshot) => factLimit(snapshot, moment));
    const question: SnapshotQuestion = { ...pick(scope), asOf: moment.asOf };
    const answer = await this.#answer(answeredBy, projectionSource(answeredBy), question, position, progress);
    if (answer.cells.length > MOST_SNAPSHOT_ROWS) throw snapshotTooLarge(answer.cells.length);
    const { size, root } = await treeHeadAt(this.#log, position);
    const snapshot: Snapshot = {
      name,
      question,
      position: String(position),
      treeSize: size,
      treeRoot: root,
      bookmark: moment.bookmark?.name ?? null,
      projections: await this.#keepProjections(asking),
      answeredBy,
      answerHash: answer.hash,
      rows: this.#live.read((live) =>
        answer.cells.map(([key, measures]) => ({
          key,
          name: nameOf(live, scope.by, key, moment.asOf, position),
          measures: measuresJson(measures),
        })),
      ),
      total: measuresJson(answer.total),
    };
    await this.#commands.execute({
      stream: evaluationStream(name),
      kind: evaluationKind,
      fingerprint: canonicalJson({ name: 'TakeSnapshot', content: { name, question, position: snapshot.position } }),
      envelope: { ...this.#envelope(asking), basis: name, metadata: { command: 'TakeSnapshot' } },
      decide: takeSnapshot(snapshot),
    });
    return this.find(name);
  }

  /** @throws DomainError(not-found) SNAPSHOT_UNKNOWN */
  async find(name: string): Promise<Snapshot> {
    const known = requireSnapshotName(name);
    const { snapshot } = (await this.#commands.load(evaluationStream(known), evaluationKind)).state;
    if (snapshot === null) throw snapshotUnknown(known);
    return snapshot;
  }

  /** All that the read tables know of, by name. */
  async list(): Promise<readonly Snapshot[]> {
    const names = this.#live.read((snapshot) =>
      snapshot
        .all<readonly [string]>("SELECT name FROM stream WHERE name >= 'evaluation-' AND name < 'evaluation.'")
        .map(([stream]) => stream.slice('evaluation-'.length)),
    );
    return Promise.all(names.sort().map((name) => this.find(name)));
  }

  /** Asks the frozen question again, of the log up to then and under the texts of then. */
  async read(name: string, progress?: ReplayProgress): Promise<ReadSnapshotAgain> {
    const snapshot = await this.find(name);
    const position = (await positionOfTreeSize(this.#log, snapshot.treeSize)) ?? Number(snapshot.position);
    const problems: SnapshotProblem[] = [];
    const tree = await treeHeadAt(this.#log, position);
    if (tree.size !== snapshot.treeSize || tree.root !== snapshot.treeRoot)
      problems.push(treeDiffers(snapshot, tree.root));
    const kept = await findKeptProjection(this.#commands, snapshot.projections[snapshot.answeredBy] ?? '');
    if (kept === null)
      return { snapshot, position, answerHash: null, problems: [...problems, projectionMissing(snapshot)] };
    const answer = await this.#answer(snapshot.answeredBy, kept.source, snapshot.question, position, progress);
    const frozen = canonicalJson(snapshot.rows.map(({ key, measures }) => ({ key, measures })));
    const again = canonicalJson(answer.cells.map(([key, measures]) => ({ key, measures: measuresJson(measures) })));
    if (answer.hash !== snapshot.answerHash || frozen !== again) problems.push(answerDiffers(snapshot, answer.hash));
    return { snapshot, position, answerHash: answer.hash, problems };
  }

  async #answer(
    name: string,
    source: string,
    question: SnapshotQuestion,
    to: Position,
    progress: ReplayProgress = () => undefined,
  ): Promise<Answer> {
    const fold = await SealedProjection.open(name, source, question.asOf);
    let events = 0;
    for (let after = 0; after < to;) {
      const page = await this.#log.readAll(after, BATCH_EVENTS);
      fold.apply(page.filter(({ position }) => position <= to).map(readEvent));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.position;
      events += page.length;
      progress(Math.min(after, to), to, events);
    }
    const sums = new Map<string, MutableMeasures>();
    for (const partition of fold.partitions()) {
      if (question.year !== null && poolOfStream(partition)?.fiscalYear !== question.year) continue;
      addSealedCells(name, sums, fold.state(partition));
    }
    const cells = [...sums]
      .filter(([key]) => isAsked(question, key))
      .sort(([left], [right]) => (left < right ? -1 : 1));
    const total = noMeasures();
    for (const [, measures] of cells) addMeasures(total, measures);
    return { cells, total, hash: answerHashOf(cells, total) };
  }

  async #keepProjections(asking: Asking): Promise<Readonly<Record<string, string>>> {
    const kept: Record<string, string> = {};
    for (const name of PROJECTION_NAMES) {
      const envelope = {
        ...this.#envelope(asking),
        commandId: commandIdFrom(`${asking.commandId} keep ${name}`),
        basis: name,
        metadata: {},
      };
      kept[name] = await keepProjection(this.#commands, name, projectionSource(name), envelope);
    }
    return kept;
  }

  #envelope(asking: Asking): Omit<CommandEnvelope, 'basis' | 'metadata'> {
    return { ...asking, effectiveOn: todayInShanghai(this.#now()) };
  }
}

/** What a kept text leaves as its state may be anything, as the text may. */
const addSealedCells = (name: string, sums: Map<string, MutableMeasures>, state: unknown): void => {
  try {
    addCells(sums, state as ProjectionState);
  } catch {
    throw projectionInvalid(name, null, new ScriptFailure('yichi:noCells:'));
  }
};

const pick = ({ by, under, year }: BalancesScope): BalancesScope => ({ by, under, year });

const isAsked = ({ by, under }: SnapshotQuestion, key: string): boolean =>
  (by !== 'county' || key.length === COUNTY_LENGTH) && (under === null || key.startsWith(under));

const treeDiffers = ({ treeRoot }: Snapshot, root: string): SnapshotProblem => ({
  code: 'SNAPSHOT_TREE_DIFFERS',
  message: `日志到快照时点为止已与当时不同：当时树根 ${treeRoot}，现在 ${root}。`,
  messageEn: `The log up to the snapshot is not what it was: its tree root was ${treeRoot} and is ${root}.`,
});

const projectionMissing = ({ answeredBy }: Snapshot): SnapshotProblem => ({
  code: 'SNAPSHOT_PROJECTION_MISSING',
  message: `日志中没有当时的投影 ${answeredBy}，或其内容与哈希不符。`,
  messageEn: `The log does not have the projection ${answeredBy} of then, or its text does not match its hash.`,
});

const answerDiffers = ({ answerHash }: Snapshot, hash: string): SnapshotProblem => ({
  code: 'SNAPSHOT_ANSWER_DIFFERS',
  message: `按当时的投影重算，答案与冻结的不同：当时 ${answerHash}，现在 ${hash}。`,
  messageEn: `Under the projection of then the answer is not the frozen one: it was ${answerHash} and is ${hash}.`,
});
