import { addFen, type Fen, fen, yuanFromFen, ZERO_FEN } from '../../money/fen';
import { assertNever } from '../../platform/domain-error';
import type { MoneyState } from '../lineage/trace-answer';
import { aboutOf, giverOf, type ReadAccount, type StoredMoneyEvent } from './stored-money-event';

interface Whereabouts {
  readonly division: string;
  readonly projectCode: string | null;
  readonly place: string | null;
  readonly voucherNo: string | null;
  readonly state: MoneyState;
}

/**
 * Where all money of a division came from and where it is: like the trace of a project, for a whole division. `own` are
 * the events of its pools and those that took in what it had issued; `pools` all events of those pools.
 */
export const traceDivision = (
  division: string,
  own: readonly StoredMoneyEvent[],
  pools: readonly StoredMoneyEvent[],
) => {
  const owners = lineOwners(pools.filter((event) => event.division === division));
  const sources = new Map<string, { readonly parts: readonly string[]; amount: Fen }>();
  const uses = new Map<string, { readonly at: Whereabouts; amount: Fen }>();
  const add = (quotaLine: string, at: Whereabouts | null, amount: Fen): void => {
    if (at === null || at.division !== division) return;
    const owner = owners.get(quotaLine) ?? '';
    const sourceKey = `${quotaLine} ${owner}`;
    const source = sources.get(sourceKey) ?? { parts: [...quotaLine.split('/'), owner], amount: ZERO_FEN };
    source.amount = addFen(source.amount, amount);
    sources.set(sourceKey, source);
    const useKey = [at.division, at.projectCode ?? '', at.place ?? '', at.state, at.voucherNo ?? ''].join(' ');
    const use = uses.get(useKey) ?? { at, amount: ZERO_FEN };
    use.amount = addFen(use.amount, amount);
    uses.set(useKey, use);
  };
  const events = own.filter(({ movements }) => movements.length > 0);
  for (const event of events) {
    for (const { quotaLine, from, to, fen: amount } of event.movements) {
      add(quotaLine, whereabouts(event, from, to), fen(-amount));
      add(quotaLine, whereabouts(event, to, from), amount);
    }
  }
  return {
    of: { kind: 'division', id: division },
    sources: inOrder(sources).map(({ parts: [documentNo, channelCode, purposeCode, departmentCode], amount }) => ({
      documentNo,
      channelCode,
      departmentCode,
      purposeCode,
      amount: yuanFromFen(amount),
    })),
    uses: inOrder(uses).map(({ at, amount }) => ({ ...at, amount: yuanFromFen(amount) })),
    events: events.map(({ id }) => id),
  };
};

const inOrder = <Line extends { readonly amount: Fen }>(lines: ReadonlyMap<string, Line>): readonly Line[] =>
  [...lines]
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([, line]) => line)
    .filter(({ amount }) => amount !== 0);

/** The owner that the event names which first brings a line into a pool of the division. */
const lineOwners = (events: readonly StoredMoneyEvent[]): ReadonlyMap<string, string> => {
  const owners = new Map<string, string>();
  for (const { data } of events) {
    for (const { quotaLine, departmentCode } of data.lines ?? []) {
      if (!owners.has(quotaLine)) owners.set(quotaLine, departmentCode);
    }
  }
  return owners;
};

const whereabouts = (event: StoredMoneyEvent, here: ReadAccount, there: ReadAccount): Whereabouts | null => {
  const at = (state: MoneyState, more: Partial<Whereabouts> = {}): Whereabouts => ({
    division: event.division ?? '',
    projectCode: null,
    place: null,
    voucherNo: null,
    state,
    ...more,
  });
  switch (here.kind) {
    case 'source':
      return null;
    case 'received':
      return at('unintegrated');
    case 'available':
      return at('available');
    case 'transit':
      return at('inTransit', { division: giverOf(event) ?? '' });
    case 'carried':
      return at('inTransit', { division: here.division });
    case 'recalled':
      return at('recalled', there.kind === 'project' ? { projectCode: there.projectCode, place: there.place } : {});
    case 'project': {
      const home = { projectCode: here.projectCode, place: here.place };
      if (here.state === 'available') return at('unspent', home);
      const isStep = there.kind === 'project' && there.projectCode === here.projectCode && there.place === here.place;
      return at(here.state, { ...home, voucherNo: isStep ? (aboutOf(event) ?? event.data.documentNo ?? null) : null });
    }
    default:
      return assertNever(here);
  }
};
