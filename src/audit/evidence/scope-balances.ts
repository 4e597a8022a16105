import { assertNever } from '../../platform/domain-error';
import { type Fen, fen, yuanFromFen, ZERO_FEN } from '../../money/fen';
import { addSums, type FenSum, yuanFromSum } from '../../money/fen-sum';
import { addMeasures, MEASURES, type Measure, type MutableMeasures, noMeasures } from '../../balances/measures';
import { loadProjection, type ProjectionName, type ProjectionState } from '../../projecting/projection-loader';
import type { EvidenceScope } from './evidence-scope';
import type { ReadAccount, StoredMoneyEvent } from './stored-money-event';

/** A table of an official balance, restricted to the money of a scope. */
interface Table {
  readonly projection: ProjectionName;
  readonly rows: readonly { readonly key: string; readonly measures: Readonly<Partial<Record<Measure, string>>> }[];
}

export interface ScopeBalances {
  readonly tables: readonly Table[];
  /** What the scope's movements leave in every account that is shown, by quota line. */
  readonly accounts: readonly { readonly quotaLine: string; readonly account: string; readonly amount: string }[];
}

/** An official balance that shows a scope, and the one key of it that the scope's events decide, where it is only one. */
interface TableName {
  readonly projection: ProjectionName;
  readonly only: string | null;
}

const tablesOf = ({ kind, id }: EvidenceScope): readonly TableName[] => {
  switch (kind) {
    case 'division':
      return [
        { projection: 'county-balance', only: id },
        { projection: 'project-balance', only: null },
        { projection: 'village-balance', only: null },
      ];
    case 'project':
      return [{ projection: 'project-balance', only: id }];
    case 'document':
      return [
        { projection: 'county-balance', only: null },
        { projection: 'project-balance', only: null },
      ];
    case 'payment':
      return [{ projection: 'project-balance', only: null }];
    default:
      return assertNever(kind);
  }
};

/** Balances from the events of a scope, computed by the official projections as they are in force. */
export const scopeBalances = (scope: EvidenceScope, own: readonly StoredMoneyEvent[]): ScopeBalances => ({
  tables: tablesOf(scope).map((table) => projectTable(table, measuresOf(scope), own)),
  accounts: accountsOf(scope, own),
});

/** A voucher says of itself what is held and paid by it; of the project that it paid for it knows nothing. */
const measuresOf = ({ kind }: EvidenceScope): readonly Measure[] => (kind === 'payment' ? ['held', 'paid'] : MEASURES);

const projectTable = (
  { projection, only }: TableName,
  measures: readonly Measure[],
  own: readonly StoredMoneyEvent[],
): Table => {
  const { handlers, initialState } = loadProjection(projection);
  const states = new Map<string, ProjectionState>();
  for (const event of own) {
    const handler = handlers.get(event.type);
    if (handler === undefined) continue;
    const data = { ...event.data, ...movementsJson(event) };
    states.set(
      event.stream,
      handler(states.get(event.stream) ?? initialState(), {
        streamId: event.stream,
        sequenceNumber: event.revision,
        eventType: event.type,
        eventId: event.id,
        isJson: true,
        data,
        body: data,
        metadata: {},
      }),
    );
  }
  const cells = new Map<string, MutableMeasures>();
  for (const state of states.values()) {
    for (const [key, cell] of Object.entries(state['cells'] ?? {})) {
      if (only !== null && key !== only) continue;
      const sum = cells.get(key) ?? noMeasures();
      addMeasures(sum, cell as MutableMeasures);
      cells.set(key, sum);
    }
  }
  const rows = [...cells].sort(byKey).map(([key, cell]) => ({
    key,
    measures: Object.fromEntries(measures.map((measure) => [measure, yuanFromSum(cell[measure])])),
  }));
  return { projection, rows };
};

/** The event's own movements without those that belong to others. */
const movementsJson = ({ data, movements }: StoredMoneyEvent): object =>
  data.movements === undefined
    ? {}
    : {
        movements: movements.map(({ quotaLine, from, to, fen: amount }) => ({
          quotaLine,
          from: from.path,
          to: to.path,
          amount: yuanFromFen(amount),
        })),
      };

/** Whether an account is shown: of a project its own only, of a voucher those in which its money stands. */
const isShown = ({ kind, id }: EvidenceScope, account: ReadAccount): boolean => {
  switch (kind) {
    case 'project':
      return account.kind === 'project' && account.projectCode === id;
    case 'payment':
      return account.kind === 'project' && account.state !== 'available';
    case 'division':
    case 'document':
      return true;
    default:
      return assertNever(kind);
  }
};

const accountsOf = (scope: EvidenceScope, own: readonly StoredMoneyEvent[]): ScopeBalances['accounts'] => {
  const sums = new Map<string, { readonly quotaLine: string; readonly account: string; amount: FenSum }>();
  const add = (quotaLine: string, account: ReadAccount, amount: Fen): void => {
    if (!isShown(scope, account)) return;
    const key = `${quotaLine} ${account.path}`;
    const sum = sums.get(key) ?? { quotaLine, account: account.path, amount: ZERO_FEN };
    sum.amount = addSums(sum.amount, amount);
    sums.set(key, sum);
  };
  for (const { movements } of own) {
    for (const { quotaLine, from, to, fen: amount } of movements) {
      add(quotaLine, from, fen(-amount));
      add(quotaLine, to, amount);
    }
  }
  return [...sums]
    .filter(([, { amount }]) => amount !== 0)
    .sort(byKey)
    .map(([, { quotaLine, account, amount }]) => ({ quotaLine, account, amount: yuanFromSum(amount) }));
};

const byKey = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : left > right ? 1 : 0;
