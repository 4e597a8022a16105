import type { Position } from '../../event-log/event';
import type { ReadSnapshot } from '../../projecting/read-database';
import { Parted } from './parted';

/** Tables whose rows say at which position they came to be. */
const DATED_TABLES = [
  'event',
  'movement',
  'cash_receipt',
  'first_day',
  'period_change',
  'adjustment',
  'division',
  'department',
  'channel',
  'purpose',
  'project',
] as const;

/** What the log has of what the tables only name. */
export interface NamesInLog {
  readonly streams: ReadonlySet<string>;
  /** Each as `<stream> <quota line>`. */
  readonly lines: ReadonlySet<string>;
  /** How many rows the log makes in tables whose rows say nothing of when they came to be. */
  readonly rows: Readonly<Record<'account' | 'event_type' | 'quota_line' | 'taken_in' | 'movement_columns', number>>;
}

/**
 * Rows that stand in the tables beside those that the log makes. Nobody looks for them, and yet lists and searches show
 * them, or will when the log gets there. Of tables that stand at the log's end. Throws Parted.
 */
export const requireNoStrayRows = (snapshot: ReadSnapshot, { streams, lines, rows }: NamesInLog): void => {
  for (const table of DATED_TABLES) requireNothingAfter(snapshot, table, snapshot.position);
  for (const [name] of snapshot.each<readonly [string]>('SELECT name FROM stream')) {
    if (!streams.has(name)) throw new Parted(null, `多出流 ${name}`, `stream ${name} is not in the log`);
  }
  const stored = snapshot.each<readonly [string | null, string]>(
    'SELECT name, quota_line FROM quota_line LEFT JOIN stream ON stream.id = quota_line.pool',
  );
  for (const [stream, line] of stored) {
    if (lines.has(`${stream ?? ''} ${line}`)) continue;
    throw new Parted(
      null,
      `多出指标 ${line}（${stream ?? '—'}）`,
      `line ${line} of ${stream ?? '—'} is not in the log`,
    );
  }
  for (const [table, expected] of Object.entries(rows)) requireCount(snapshot, table, expected);
};

/** @param to only rows up to this position are counted. Throws Parted. */
export const requireCount = (snapshot: ReadSnapshot, table: string, expected: number, to?: Position): void => {
  const counted = `SELECT count(*) FROM ${table}`;
  const [count] =
    (to === undefined
      ? snapshot.first<readonly [number]>(counted)
      : snapshot.first<readonly [number]>(`${counted} WHERE position <= ?`, to)) ?? [];
  if (count === expected) return;
  throw new Parted(
    null,
    `表 ${table} 有 ${count} 行，应为 ${expected}`,
    `${table} has ${count} rows and not ${expected}`,
  );
};

const requireNothingAfter = (snapshot: ReadSnapshot, table: string, last: Position): void => {
  const [position] = snapshot.first<readonly [number]>(`SELECT position FROM ${table} WHERE position > ?`, last) ?? [];
  if (position === undefined) return;
  throw new Parted(
    null,
    `表 ${table} 中有位置 ${position} 的行，而读取库只到 ${last}`,
    `${table} has a row of position ${position}, and the tables are at ${last}`,
  );
};

/** Where a project is looked for by a place, it must be found at those that its own rows name. Throws Parted. */
export const requireProjectPlaces = (snapshot: ReadSnapshot): void => {
  const named = new Set<string>();
  for (const [code, places] of snapshot.each<readonly [string, string]>('SELECT code, places FROM project')) {
    for (const place of JSON.parse(places) as readonly string[]) named.add(`${code} ${place}`);
  }
  const found = snapshot
    .all<readonly [string, string]>('SELECT project_code, place FROM project_place')
    .map(([code, place]) => `${code} ${place}`);
  const wrong = found.find((each) => !named.delete(each)) ?? [...named][0];
  if (wrong === undefined) return;
  throw new Parted(null, `项目与建设地点的对照：${wrong}`, `projects by their places: ${wrong}`);
};
