import { MEASURES, type Measures } from '../../balances/measures';
import { PROJECTION_NAMES, type ProjectionName } from '../../projecting/projection-loader';
import type { ReadSnapshot } from '../../projecting/read-database';
import { measuresOf, type OfficialFold } from './official-fold';

/** A balance that is not what the replay gives. */
export interface Difference {
  /** As it is told: the name of the projection. */
  readonly projection: string;
  /** The state that it stands in; null: all pools together, or no state of any pool. */
  readonly state: { readonly projection: ProjectionName; readonly stream: string } | null;
  readonly key: string;
  readonly expected: Measures | null;
  readonly found: Measures | null;
  /** What is different, where it is not a figure. */
  readonly text?: string;
}

/** The part of the tables where entries of one state's section are: its number, its pool and its section. */
interface Section {
  readonly projection: number;
  readonly stream: string | null;
  readonly section: string;
}

/** Sections by what they are of, and in each the stored text of every entry. */
type StoredSections = Map<string, Section & { readonly entries: Map<string, string> }>;

const nameOf = ({ projection, stream, section }: Section): string => JSON.stringify([projection, stream, section]);

/** Holds the stored entries of the newest states against the fold, one by one; what is too many is told as well. */
export const compareEntries = (snapshot: ReadSnapshot, fold: OfficialFold): readonly Difference[] => {
  const stored = storedSections(snapshot);
  const found: Difference[] = [];
  for (const [stream, states] of fold.states) {
    states.forEach((state, projection) => {
      for (const [section, entries] of Object.entries(state)) {
        const place = { projection, stream, section };
        const live = stored.get(nameOf(place))?.entries;
        for (const [key, entry] of Object.entries(entries)) {
          const text = live?.get(key);
          live?.delete(key);
          if (text !== JSON.stringify(entry)) found.push(...entryDifference(place, key, entry, text));
        }
      }
    });
  }
  for (const { entries, ...place } of stored.values()) {
    for (const [key, text] of entries) found.push(...entryDifference(place, key, undefined, text));
  }
  return found;
};

const storedSections = (snapshot: ReadSnapshot): StoredSections => {
  const stored: StoredSections = new Map();
  // An entry of no pool's would be summed up like any other.
  const rows = snapshot.each<readonly [number, string | null, string, string, string]>(
    'SELECT projection, stream.name, section, key, value FROM entry LEFT JOIN stream ON stream.id = entry.pool',
  );
  for (const [projection, stream, section, key, value] of rows) {
    const place = { projection, stream, section };
    const name = nameOf(place);
    const known = stored.get(name) ?? { ...place, entries: new Map<string, string>() };
    known.entries.set(key, value);
    stored.set(name, known);
  }
  return stored;
};

const entryDifference = (
  { projection: number, stream, section }: Section,
  key: string,
  expected: unknown,
  stored: string | undefined,
): readonly Difference[] => {
  const projection = PROJECTION_NAMES[number];
  const place = {
    projection: projection ?? `projection ${number}`,
    state: projection === undefined || stream === null ? null : { projection, stream },
    key,
  };
  if (section !== 'cells') {
    const text = `${section}: ${JSON.stringify(expected) ?? '—'} ≠ ${stored ?? '—'}`;
    return [{ ...place, expected: null, found: null, text }];
  }
  const right = expected === undefined ? null : measuresOf(expected);
  const live = stored === undefined ? null : readMeasures(stored);
  // The order of an entry's members is no difference.
  const isSame = right !== null && live !== null && MEASURES.every((measure) => right[measure] === live[measure]);
  if (isSame) return [];
  const text = right === null && live === null ? { text: `— ≠ ${stored ?? '—'}` } : {};
  return [{ ...place, expected: right, found: live, ...text }];
};

/** Null for what is none: somebody has altered it. */
const readMeasures = (text: string): Measures | null => {
  try {
    return measuresOf(JSON.parse(text));
  } catch {
    return null;
  }
};
