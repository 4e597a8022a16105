import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Moment } from '../../balances/moment-request';
import { factLimit } from '../../balances/moment';
import type { Position } from '../../event-log/event';
import { consistencyProof } from '../../event-log/tree/merkle-proof';
import { subtreesOf } from '../../event-log/tree/tree-store';
import type { LogTree } from '../../event-log/tree/log-tree';
import { PROJECTION_NAMES, projectionsFolder } from '../../projecting/projection-loader';
import { BOOKMARKS_STREAM } from '../bookmarks/bookmark';
import { treeHeadAt } from '../bookmarks/tree-head';
import { noTree, treeDamaged } from '../checkpoints/checkpoint-failure';
import type { KeptCheckpoint } from '../checkpoints/kept-checkpoint';
import { EventFinder } from './event-finder';
import { type EvidenceScope, resolveScope } from './evidence-scope';
import type { EvidenceSource } from './evidence-source';
import { type Coverage, EventGatherer, type GatheredEvents, type WantedNames } from './gather-events';
import { formatProofs, ManyProofs } from './many-proofs';
import { type ScopeBalances, scopeBalances } from './scope-balances';
import { eventsInScope } from './scope-events';
import { readMoneyEvent, type StoredMoneyEvent } from './stored-money-event';
import { type BundledTrace, loadVerifier, verifierScript } from './verifier-file';
import { zipFiles } from './zip-files';

export interface EvidenceRequest {
  /** `<kind>:<id>`, or an id alone; see resolveScope. */
  readonly scope: string;
  readonly moment: Moment;
  readonly coverage?: Coverage;
}

/** `reading`: events so far, of nobody knows how many; `making`: steps of the work on them. */
export type EvidenceProgress = (stage: 'reading' | 'making', done: number, total: number | null) => void;

/** Each takes about as long as another: balances, trace, leaves, the bundle as a verifier sees it, report, proofs. */
const STEPS = 6;

export interface EvidenceBundle {
  readonly archive: Uint8Array;
  readonly scope: EvidenceScope;
  readonly coverage: Coverage;
  readonly position: Position;
  readonly asOf: string | null;
  readonly treeSize: number;
  readonly checkpoint: KeptCheckpoint;
  readonly events: number;
}

/**
 * Evidence of a scope at a moment, as one archive. The same question gives the same bytes at any later time: it looks
 * at nothing after the moment but the first checkpoint that covers it.
 *
 * @throws DomainError EVIDENCE_SCOPE_…, EVIDENCE_NOTHING_THEN, EVIDENCE_TOO_LARGE, POSITION_NOT_REACHED,
 *   BEFORE_FIRST_EVENT, DATE_BEFORE_FIRST_EVENT, TREE_NOT_KEPT, TREE_DAMAGED; those of making a checkpoint
 */
export const exportEvidence = async (
  source: EvidenceSource,
  request: EvidenceRequest,
  progress: EvidenceProgress = () => undefined,
): Promise<EvidenceBundle> => {
  const { log, readModel } = source;
  const { tree } = log;
  if (tree === undefined) throw noTree(log.engine);
  const scope = resolveScope(readModel, request.scope);
  // A division's pools are the scope itself; elsewhere whole pools show what others did, and that must be asked for.
  const coverage = request.coverage ?? (scope.kind === 'division' ? 'whole' : 'extract');
  const moment = await settleMoment(source, tree, request.moment);

  let steps = 0;
  const made = (step: number): void => progress('making', (steps = step), STEPS);
  const finder = new EventFinder(log, readModel, moment.position, (events) => {
    // The few that are looked up later are part of the steps.
    if (steps === 0) progress('reading', events, null);
  });
  const gatherer = new EventGatherer(finder, scope, moment.position);
  const gathered = await gatherer.gather(coverage);
  const counted = gathered.deciding.filter(({ effectiveOn }) => moment.asOf === null || effectiveOn <= moment.asOf);
  const balances = scopeBalances(scope, eventsInScope(scope, gathered.deciding, counted));
  made(1);
  const script = verifierScript();
  const verifier = loadVerifier(script);
  // The verifier's own definition: whoever has the bundle must come to the same from nothing but the events in it.
  const traced = verifier.traceOf(
    { scope, coverage, whole: gathered.whole.map(({ stream }) => stream), asOf: moment.asOf },
    [...gathered.events.values()].sort((left, right) => left.position - right.position).map(({ whole }) => whole),
  );
  await gatherer.addNames(namesIn(scope, balances, traced, gathered));
  made(2);

  const checkpoint = await coveringCheckpoint(source, Math.max(moment.treeSize, moment.bookmarkLeaf + 1));
  const leaves = await leavesOf(tree, gathered, moment, checkpoint.size);
  made(3);
  const proofs = new ManyProofs(tree, checkpoint.size);
  await proofs.begin(leaves.map(({ leaf }) => leaf));
  const files = new Map<string, Uint8Array>();
  const put = (name: string, text: string): void => void files.set(name, Buffer.from(text, 'utf8'));
  put('events.jsonl', leaves.map(({ event }) => `${event.canonical}\n`).join(''));
  put('checkpoint.txt', checkpoint.note);
  put('log-key.txt', `${await source.checkpoints.verifierKey()}\n`);
  put('balances.json', jsonFile(balances));
  put('trace.json', jsonFile(traced));
  for (const name of ['prelude', ...PROJECTION_NAMES]) {
    files.set(`projections/${name}.js`, readFileSync(join(projectionsFolder(), `${name}.js`)));
  }
  put('verify.cjs', script);
  put('verify.html', verifier.pageAround(script));
  put('manifest.json', jsonFile(await claimOf(tree, { scope, coverage, moment, gathered, size: checkpoint.size })));
  const bundle = verifier.ownBundle(
    files,
    leaves.map(({ leaf, event }) => ({ leaf, event: event.whole })),
  );
  made(4);
  put('report.html', verifier.renderReport(bundle));
  made(5);
  put('proofs.txt', formatProofs(await proofs.prove()));
  put('manifest.json', verifier.manifestOf(bundle, files, sha256));
  made(6);
  return {
    archive: await zipFiles(files),
    scope,
    coverage,
    position: moment.position,
    asOf: moment.asOf,
    treeSize: moment.treeSize,
    checkpoint,
    events: leaves.length,
  };
};

/** What the manifest says before the files are known. */
const claimOf = async (
  tree: LogTree,
  {
    scope,
    coverage,
    moment: { asOf, bookmark, treeSize, treeRoot },
    gathered,
    size,
  }: {
    readonly scope: EvidenceScope;
    readonly coverage: Coverage;
    readonly moment: SettledMoment;
    readonly gathered: GatheredEvents;
    readonly size: number;
  },
): Promise<object> => {
  const hashes = await consistencyProof(treeSize, size, subtreesOf(tree, size));
  const consistency = hashes.map((hash) => hash.toString('base64'));
  return {
    format: 'yichi-evidence/2',
    scope,
    coverage,
    moment: { asOf, bookmark, treeSize, treeRoot, consistency },
    streams: gathered.whole.map(({ stream }) => ({ stream, whole: true })),
  };
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const jsonFile = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A moment with its tree, and the event that named it. */
interface SettledMoment {
  readonly position: Position;
  readonly asOf: string | null;
  readonly treeSize: number;
  readonly treeRoot: string;
  readonly bookmark: { readonly name: string; readonly eventId: string } | null;
  readonly bookmarkEvent: StoredMoneyEvent | null;
  /** −1 without a bookmark. */
  readonly bookmarkLeaf: number;
}

const settleMoment = async (
  { log, readModel }: EvidenceSource,
  tree: LogTree,
  moment: Moment,
): Promise<SettledMoment> => {
  const position = moment.at ?? (await log.head());
  // Evidence of what no other question answers would pass for evidence that nothing was there.
  readModel.read((snapshot) => factLimit(snapshot, { at: position, asOf: moment.asOf }));
  const { size, root } = await treeHeadAt(log, position);
  const settled = { position, asOf: moment.asOf, treeSize: size, treeRoot: root };
  if (moment.bookmark === undefined) return { ...settled, bookmark: null, bookmarkEvent: null, bookmarkLeaf: -1 };
  const { name } = moment.bookmark;
  const events = (await log.readStream(BOOKMARKS_STREAM, 0, Number.MAX_SAFE_INTEGER)).map(readMoneyEvent);
  const event = events.find(({ data }) => (data as { readonly name?: string }).name === name);
  const leaf = event === undefined ? null : await tree.leafAt(event.position);
  if (event === undefined || leaf === null) throw new Error(`the bookmark ${name} is not in the log`);
  return { ...settled, bookmark: { name, eventId: event.id }, bookmarkEvent: event, bookmarkLeaf: leaf };
};

/** The first kept checkpoint that covers so many events, so that a later export takes the same; else a new one. */
const coveringCheckpoint = async ({ checkpoints }: EvidenceSource, size: number): Promise<KeptCheckpoint> => {
  const covering = (await checkpoints.firstCovering(size)) ?? (await checkpoints.make());
  if (covering.size < size) throw treeDamaged(`${covering.size} < ${size}`);
  return covering;
};

interface BundledLeaf {
  readonly leaf: number;
  readonly event: StoredMoneyEvent;
}

/** All events of the bundle by their leaves: also the bookmark, and what proves the ends of whole streams. */
const leavesOf = async (
  tree: LogTree,
  { events, whole }: GatheredEvents,
  { bookmarkEvent }: SettledMoment,
  size: number,
): Promise<readonly BundledLeaf[]> => {
  const bundled = new Map(events);
  if (bookmarkEvent !== null) bundled.set(bookmarkEvent.position, bookmarkEvent);
  const leaves: BundledLeaf[] = [];
  for (const [position, event] of bundled) {
    const leaf = await tree.leafAt(position);
    if (leaf === null || leaf >= size) throw treeDamaged(`position ${position}`);
    leaves.push({ leaf, event });
  }
  for (const { next } of whole) {
    const leaf = next === null || bundled.has(next.position) ? null : await tree.leafAt(next.position);
    if (next !== null && leaf !== null && leaf < size) leaves.push({ leaf, event: readMoneyEvent(next) });
  }
  return leaves.sort((left, right) => left.leaf - right.leaf);
};

/** Codes that the report shows. */
const namesIn = (
  { kind, id }: EvidenceScope,
  { tables }: ScopeBalances,
  { sources, uses, reversed }: BundledTrace,
  { deciding }: GatheredEvents,
): WantedNames => {
  const member = (lines: readonly object[], name: string): string[] =>
    lines.flatMap((line) => {
      const value = (line as Readonly<Record<string, unknown>>)[name];
      return typeof value === 'string' ? [value] : [];
    });
  const keysOf = (...names: readonly string[]): string[] =>
    tables.filter(({ projection }) => names.includes(projection)).flatMap(({ rows }) => rows.map(({ key }) => key));
  return {
    division: new Set([
      ...(kind === 'division' ? [id] : []),
      ...deciding.flatMap(({ division }) => (division === null ? [] : [division])),
      ...member(uses, 'division'),
      ...member(reversed, 'division'),
      ...member(uses, 'place'),
      ...keysOf('county-balance', 'village-balance'),
    ]),
    department: new Set(member(sources, 'departmentCode')),
    channel: new Set(member(sources, 'channelCode')),
    purpose: new Set(member(sources, 'purposeCode')),
    project: new Set([...member(uses, 'projectCode'), ...keysOf('project-balance')]),
  };
};
