import { readEvent } from '../../event-log/upcasting';
import type { Position } from '../../event-log/event';
import { preludeSource, PROJECTION_NAMES, type ProjectionName } from '../../projecting/projection-loader';
import { type LiveFinding, liveFinding } from './live-finding';
import type { ReadableLog } from './live-comparison';
import { OfficialFold } from './official-fold';
import { SealedProjection } from './sealed-projection';

/** A projection file of the auditor's own. */
export interface OwnProjection {
  /** Of the file, without `.js`. With the name of an official one, the two are compared. */
  readonly name: string;
  readonly source: string;
}

/** Events read at once when a stream is folded again. */
const PAGE = 1000;

/** Where two projections differ in many pools, the first of them say enough. */
const MOST_FINDINGS = 5;

/**
 * Loads it with what the official ones have in common at hand; a file that declares the same names itself stands alone.
 *
 * @throws DomainError(input) PROJECTION_INVALID
 */
export const loadOwnProjection = ({ name, source }: OwnProjection): Promise<SealedProjection> =>
  SealedProjection.open(name, declaresPreludeNames(source) ? source : `${preludeSource()}\n${source}`);

const PRELUDE_NAMES = /^(?:const|function)\s+(\w+)/gm;

const declaresPreludeNames = (source: string): boolean => {
  const names = [...preludeSource().matchAll(PRELUDE_NAMES)].map(([, name]) => name);
  return names.some((name) => new RegExp(`^(?:const|let|var|function|class)\\s+${name}\\b`, 'm').test(source));
};

export const officialNamed = (name: string): ProjectionName | null =>
  PROJECTION_NAMES.find((official) => official === name) ?? null;

/** Where an auditor's projection and the official one of its name part: the first event in each pool. */
export const compareWithOfficial = async (
  log: ReadableLog,
  own: { readonly projection: OwnProjection; readonly folded: SealedProjection },
  official: OfficialFold,
  name: ProjectionName,
  to: Position,
): Promise<readonly LiveFinding[]> => {
  const index = PROJECTION_NAMES.indexOf(name);
  const streams = new Set([...own.folded.partitions(), ...official.states.keys()]);
  const findings: LiveFinding[] = [];
  for (const stream of [...streams].sort()) {
    const theirs = own.folded.has(stream) ? canonical(own.folded.state(stream)) : null;
    const ours = canonical(official.states.get(stream)?.[index] ?? null);
    if (theirs === ours || (theirs === null && isEmptyState(official.states.get(stream)?.[index]))) continue;
    const position = await firstDifference(log, own.projection, name, stream, to);
    findings.push(
      liveFinding(
        'PROJECTION_DIFFERS',
        position,
        `您的 ${name} 与正式投影在 ${stream} 上自位置 ${position ?? '?'} 的事件起不同。`,
        `Your ${name} parts from the official projection in ${stream} at the event at position ${position ?? '?'}.`,
      ),
    );
    if (findings.length === MOST_FINDINGS) break;
  }
  return findings;
};

/** Folds one stream with both, side by side. */
const firstDifference = async (
  log: ReadableLog,
  own: OwnProjection,
  name: ProjectionName,
  stream: string,
  to: Position,
): Promise<Position | null> => {
  const theirs = await loadOwnProjection(own);
  const ours = new OfficialFold(null, [name]);
  for (let from = 0; ; from += PAGE) {
    const page = await log.readStream(stream, from, PAGE);
    for (const stored of page) {
      if (stored.position > to) return null;
      const event = readEvent(stored);
      theirs.apply([event]);
      ours.apply(event);
      const state = theirs.has(stream) ? theirs.state(stream) : null;
      const official = ours.states.get(stream)?.[0];
      if (state === null && isEmptyState(official)) continue;
      if (canonical(state) !== canonical(official)) return stored.position;
    }
    if (page.length < PAGE) return null;
  }
};

/** A pool without money has a state here and none there. */
const isEmptyState = (state: unknown): boolean =>
  state === undefined || Object.values(state as object).every((section) => Object.keys(section as object).length === 0);

/** The same text for the same value, whatever the order of members; sections without entries are no difference. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([left], [right]) => (left < right ? -1 : 1)))
      : each,
  );
