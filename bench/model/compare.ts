import { trace } from '../../src/audit/lineage/trace';
import { balances } from '../../src/balances/balances';
import type { Ledger } from '../../src/ledger/ledger';
import { type FenSum, sumOfSums } from '../../src/money/fen-sum';
import { DomainError } from '../../src/platform/domain-error';
import { findingsOf } from '../support/findings-of';
import { Dice } from './drawing';
import {
  type Asking,
  type Figures,
  MODEL_DIMENSIONS,
  MODEL_MEASURES,
  modelBalances,
  whereabouts,
} from './model-answers';
import { Difference, type Played } from './play-history';
import { documentOf, type Entry } from './reference-model';
import { COUNTY, NEIGHBOUR, PROJECTS, PROVINCE } from './world';

/** The read side against the model, once a history has been played. */

const rowsText = (rows: Iterable<readonly [string, Readonly<Record<string, bigint | number>>]>): string =>
  [...rows]
    .map(([key, figures]) => {
      const said = MODEL_MEASURES.filter((measure) => BigInt(figures[measure] ?? 0) !== 0n);
      return `${key}: ${said.map((measure) => `${measure} ${figures[measure]}`).join(', ')}`;
    })
    .sort()
    .join('\n');

const expectSame = (what: string, expected: string, seen: string): void => {
  if (expected === seen) return;
  const [model, ledger] = [expected.split('\n'), seen.split('\n')];
  const only = (some: readonly string[], others: readonly string[]): string =>
    some.filter((line) => !others.includes(line)).join(' | ');
  throw new Difference(null, `${what}: the model has ${only(model, ledger)}; the ledger has ${only(ledger, model)}`);
};

const compareBalances = (ledger: Ledger, entries: readonly Entry[], asking: Asking, at: number | null): void => {
  const expected = modelBalances(entries, asking);
  const what = `balances ${JSON.stringify({ ...asking, at })}`;
  let seen: ReturnType<typeof balances>;
  try {
    seen = balances(ledger.readModel, { ...asking, at });
  } catch (error) {
    if (error instanceof DomainError && error.code === 'DATE_BEFORE_FIRST_EVENT' && expected.size === 0) return;
    throw error;
  }
  expectSame(what, rowsText(expected), rowsText(seen.rows.map(({ key, measures }) => [key, measures])));
  if (asking.by === 'village' || asking.by === 'project') return;
  // What leaves a year or comes from above is said of whole pools only.
  if (asking.year !== null || (asking.under?.length ?? 0) > COUNTY.length) return;
  for (const [key, row] of expected) requireIdentity(`${what} ${key}`, row);
};

/** What came in is somewhere, in every scope. */
const requireIdentity = (what: string, row: Figures): void => {
  const came = row.appropriated + row.transferredIn;
  const is = row.transferredOut + row.unintegrated + row.available + row.paid + row.unspent + row.recalled;
  if (came !== is) throw new Difference(null, `${what}: ${came} came in, ${is} is somewhere`);
};

/** Balances by every dimension, now, and at moments that the seed picks. */
export const compareAllBalances = (ledger: Ledger, { model, marks }: Played, seed: number): void => {
  const dice = new Dice(seed);
  const whole = { asOf: null, year: null, under: null };
  for (const by of MODEL_DIMENSIONS) compareBalances(ledger, model.entries, { ...whole, by }, null);
  for (let round = 0; round < 3; round += 1) {
    const asOf = dice.chance(70) ? `2024-${String(1 + dice.below(12)).padStart(2, '0')}-15` : null;
    const year = dice.pick([null, 2024, 2025]);
    const under = dice.pick([null, COUNTY, NEIGHBOUR, PROVINCE, '630222103200']);
    const mark = dice.chance(60) && marks.length > 0 ? dice.pick(marks) : null;
    const entries = mark === null ? model.entries : model.entries.slice(0, mark.entries);
    compareBalances(ledger, entries, { by: dice.pick(MODEL_DIMENSIONS), asOf, year, under }, mark?.position ?? null);
  }
};

const usesText = (uses: ReadonlyMap<string, bigint>): string =>
  [...uses]
    .map(([key, amount]) => `${key}: ${amount}`)
    .sort()
    .join('\n');

const traced = (
  ledger: Ledger,
  id: string,
  kind: 'appropriation' | 'payment' | 'project',
): ReadonlyMap<string, bigint> => {
  const sums = new Map<string, bigint>();
  try {
    const { sources, uses } = trace(ledger.readModel, { id, kind });
    const sum = (amounts: readonly { readonly amount: FenSum }[]): FenSum =>
      sumOfSums(amounts.map(({ amount }) => amount));
    if (sum(sources) !== sum(uses)) {
      throw new Difference(null, `trace ${id}: sources ${sum(sources)}, uses ${sum(uses)}`);
    }
    for (const { state, division, projectCode, place, voucherNo, amount } of uses) {
      const key = [state, division, projectCode, place, voucherNo].filter((part) => part !== null).join(' ');
      sums.set(key, (sums.get(key) ?? 0n) + BigInt(amount));
    }
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'TRACE_NOT_FOUND') throw error;
  }
  return sums;
};

/** Where the money of every document, project and voucher is. */
export const compareTraces = (ledger: Ledger, { model }: Played): void => {
  const documents = new Set(
    model.entries.filter(({ kind }) => kind === 'AppropriateFunds').map((entry) => entry.documentNo),
  );
  for (const id of documents) {
    const expected = whereabouts(model, (line) => documentOf(line) === id);
    expectSame(`trace ${id}`, usesText(expected), usesText(traced(ledger, id, 'appropriation')));
  }
  for (const id of Object.keys(PROJECTS)) {
    const expected = whereabouts(model, (_line, spot) => spot?.project === id);
    expectSame(`trace ${id}`, usesText(expected), usesText(traced(ledger, id, 'project')));
  }
  const pools = new Map(model.entries.map((entry) => [`${entry.division} ${entry.fiscalYear}`, entry]));
  const vouchers = [...pools.values()].flatMap((pool) => model.vouchers(pool));
  const everywhere = whereabouts(model, () => true);
  for (const id of new Set(vouchers.map(({ entry }) => entry.documentNo))) {
    const atVoucher = (uses: ReadonlyMap<string, bigint>): string =>
      usesText(new Map([...uses].filter(([key]) => key.endsWith(` ${id}`))));
    expectSame(`trace ${id}`, atVoucher(everywhere), atVoucher(traced(ledger, id, 'payment')));
  }
};

/** The log and the tables are sound, whoever looks at them. */
export const requireSound = async (ledger: Ledger): Promise<void> => {
  if ((await ledger.log.head()) === 0) return;
  const findings = await findingsOf(ledger);
  if (findings.length > 0) {
    throw new Difference(
      null,
      `verify and replay find ${findings.map(({ code, messageEn }) => `${code} ${messageEn}`).join('; ')}`,
    );
  }
};
