import { channelOf, documentOf, type Entry, type Move, type ReferenceModel } from './reference-model';
import { CHANNELS, COUNTY } from './world';

/** What the model answers to those who read: balances by every dimension, and where a number's money is. */

export const MODEL_DIMENSIONS = [
  'department',
  'division',
  'county',
  'village',
  'project',
  'channel',
  'line',
  'document',
] as const;
export type ModelDimension = (typeof MODEL_DIMENSIONS)[number];

export const MODEL_MEASURES = [
  'appropriated',
  'transferredIn',
  'transferredOut',
  'unintegrated',
  'available',
  'inTransit',
  'allocated',
  'held',
  'paid',
  'recalled',
  'cashReceived',
  'unspent',
  'carriedOver',
] as const;
export type ModelMeasure = (typeof MODEL_MEASURES)[number];
export type Figures = Record<ModelMeasure, bigint>;

const nothing = (): Figures => Object.fromEntries(MODEL_MEASURES.map((measure) => [measure, 0n])) as Figures;

type Spot = { readonly project: string; readonly place: string; readonly state: string } | null;

const spotOf = (account: string): Spot => {
  if (!account.startsWith('project:')) return null;
  const [, project = '', place = '', state = ''] = account.split(':');
  return { project, place, state };
};

/** What a movement does to the measures of the pool, and to those of a place of a project. */
const bookings = ({ from, to, amount }: Move): readonly { spot: Spot; measure: ModelMeasure; amount: bigint }[] => {
  const source = spotOf(from);
  const target = spotOf(to);
  const booked: { spot: Spot; measure: ModelMeasure; amount: bigint }[] = [];
  const book = (spot: Spot, measure: ModelMeasure, change: bigint): void => {
    booked.push({ spot, measure, amount: change });
  };
  if (from.startsWith('source:')) book(null, 'appropriated', amount);
  if (to.startsWith('transit:')) book(null, 'transferredOut', amount);
  if (from.startsWith('transit:')) book(null, 'transferredIn', amount);
  for (const [account, sign] of [
    [from, -1n],
    [to, 1n],
  ] as const) {
    if (account.endsWith(':received')) book(null, 'unintegrated', sign * amount);
    if (/^pool:.*:available$/.test(account)) book(null, 'available', sign * amount);
  }
  if (source?.state === 'available' || source?.state === 'held') book(source, 'unspent', -amount);
  if (target?.state === 'available' || target?.state === 'held') book(target, 'unspent', amount);
  if (source?.state === 'held') book(source, 'held', -amount);
  if (target?.state === 'held') book(target, 'held', amount);
  if (source?.state === 'paid') book(source, 'paid', -amount);
  if (target?.state === 'paid') book(target, 'paid', amount);
  if (/^pool:/.test(from) && target !== null) book(target, 'allocated', amount);
  if (source !== null && /^pool:/.test(to)) book(source, 'allocated', -amount);
  if (source !== null && target !== null && (source.project !== target.project || source.place !== target.place)) {
    book(source, 'allocated', -amount);
    book(target, 'allocated', amount);
  }
  if (to.startsWith('recalled:')) book(source, 'recalled', amount);
  if (to.startsWith('carried:')) book(source, 'carriedOver', amount);
  return booked;
};

/** Keys that a booking counts for. */
const keyOf = (by: ModelDimension, { division }: Entry, line: string, spot: Spot): string | null => {
  switch (by) {
    case 'department':
      return CHANNELS[channelOf(line)]?.departmentCode ?? '';
    case 'division':
      return division;
    case 'county':
      return division.length === 6 ? division : null;
    case 'village':
      return spot?.place ?? null;
    case 'project':
      return spot?.project ?? null;
    case 'channel':
      return channelOf(line);
    case 'line':
      return line;
    case 'document':
      return documentOf(line);
  }
};

export interface Asking {
  readonly by: ModelDimension;
  readonly asOf: string | null;
  readonly year: number | null;
  readonly under: string | null;
}

export const modelBalances = (
  entries: readonly Entry[],
  { by, asOf, year, under }: Asking,
): ReadonlyMap<string, Figures> => {
  const rows = new Map<string, Figures>();
  // What belongs to places, and what lies below the counties, is where the place is; all else is where its pool is.
  const ofPlaces = by === 'village' || by === 'project' || (under?.length ?? 0) > COUNTY.length;
  const at = (key: string): Figures => {
    const row = rows.get(key) ?? nothing();
    rows.set(key, row);
    return row;
  };
  for (const entry of entries) {
    if (asOf !== null && entry.on > asOf) continue;
    if (year !== null && entry.fiscalYear !== year) continue;
    for (const move of entry.moves) {
      for (const { spot, measure, amount } of bookings(move)) {
        const where = ofPlaces ? (spot?.place ?? entry.division) : entry.division;
        if (under !== null && !where.startsWith(under)) continue;
        const key = keyOf(by, entry, move.line, spot);
        if (key !== null) at(key)[measure] += amount;
      }
    }
    for (const { line, amount, carried } of entry.cash) {
      if (under !== null && !entry.division.startsWith(under)) continue;
      const key = keyOf(by, entry, line, null);
      if (key !== null && !carried) at(key).cashReceived += amount;
    }
  }
  return rows;
};

/** Where money is: `state project place voucher` → amount. */
export type Whereabouts = ReadonlyMap<string, bigint>;

const add = (sums: Map<string, bigint>, key: string, amount: bigint): void => {
  const sum = (sums.get(key) ?? 0n) + amount;
  if (sum === 0n) sums.delete(key);
  else sums.set(key, sum);
};

const poolsOf = (entries: readonly Entry[]): readonly Entry[] => [
  ...new Map(entries.map((entry) => [`${entry.division} ${entry.fiscalYear}`, entry])).values(),
];

/** Where the money of lines is now; held and paid money by voucher. */
export const whereabouts = (model: ReferenceModel, isAsked: (line: string, spot: Spot) => boolean): Whereabouts => {
  const sums = new Map<string, bigint>();
  for (const { division, moves } of model.entries) {
    for (const move of moves) {
      for (const [account, sign] of [
        [move.from, -1n],
        [move.to, 1n],
      ] as const) {
        const spot = spotOf(account);
        const other = spotOf(move.from);
        const amount = sign * move.amount;
        if (!isAsked(move.line, account.startsWith('recalled:') ? other : spot)) continue;
        if (account.endsWith(':received')) add(sums, `unintegrated ${division}`, amount);
        if (/^pool:.*:available$/.test(account)) add(sums, `available ${division}`, amount);
        if (spot?.state === 'available') add(sums, `unspent ${division} ${spot.project} ${spot.place}`, amount);
        if (account.startsWith('recalled:')) {
          add(sums, `recalled ${division}${other === null ? '' : ` ${other.project} ${other.place}`}`, amount);
        }
      }
    }
  }
  for (const pool of poolsOf(model.entries)) {
    for (const { entry, state, out } of model.vouchers(pool)) {
      const parts = state === 'executed' ? [...out.values()] : state === 'cancelled' ? [] : entry.moves;
      for (const { line, from, amount } of parts) {
        const spot = spotOf(from);
        if (spot === null || !isAsked(line, spot)) continue;
        const name = state === 'executed' ? 'paid' : 'held';
        add(sums, `${name} ${entry.division} ${spot.project} ${spot.place} ${entry.documentNo}`, amount);
      }
    }
  }
  return sums;
};

/** The lines that a number's money is part of. */
export const sourcesOf = (moves: readonly Move[]): ReadonlyMap<string, bigint> => {
  const sums = new Map<string, bigint>();
  for (const { line, amount } of moves) add(sums, line, amount);
  return sums;
};
