import { assertNever } from '../../platform/domain-error';
import type { EvidenceScope } from './evidence-scope';
import { giverOf, isOfNumber, meaningOf, type ReadMovement, type StoredMoneyEvent } from './stored-money-event';

/** How the money of a document is meant: its own quota lines, or what the entry of that number moved. */
export type DocumentMeaning = 'lines' | 'entry';

export const documentMeaning = ({ id }: EvidenceScope, events: readonly StoredMoneyEvent[]): DocumentMeaning =>
  events.some(({ movements }) => movements.some(({ quotaLine }) => quotaLine.startsWith(`${id}/`))) ? 'lines' : 'entry';

type IsInScope = (event: StoredMoneyEvent, movement: ReadMovement) => boolean;

/** Whether an entry of a number belongs to a voucher. A reversal's own number is a document's, whatever it takes back. */
const isVouchers = (event: StoredMoneyEvent, number: string): boolean =>
  meaningOf(event).startsWith('Payment') && !(event.type === 'EntryReversed' && event.data.documentNo === number);

/** Ids of the events of an entry or a voucher, with what was undone of them and what of that; null for other scopes. */
const entryEvents = (scope: EvidenceScope, events: readonly StoredMoneyEvent[]): ReadonlySet<string> | null => {
  const { kind, id } = scope;
  const isPayment = kind === 'payment';
  if (!isPayment && (kind !== 'document' || documentMeaning(scope, events) === 'lines')) return null;
  // A voucher's number counts in the pools that paid it; elsewhere the same number is another document.
  const paying = new Set(
    events.filter(({ type, data }) => type.startsWith('Payment') && data.documentNo === id).map(({ stream }) => stream),
  );
  const ids = new Set<string>();
  for (const event of events) {
    const isInPool = isPayment ? paying.has(event.stream) : event.division !== null;
    const isNamed = isOfNumber(event, id) && isVouchers(event, id) === isPayment;
    const isUndoing = event.type === 'EntryReversed' && ids.has(event.data.reversedEventId ?? '');
    if (isInPool && (isNamed || isUndoing)) ids.add(event.id);
  }
  return ids;
};

/** Tells which movements belong to a scope. `entries` are its events where it is an entry or a voucher. */
const movementsOfScope = ({ kind, id }: EvidenceScope, entries: ReadonlySet<string> | null): IsInScope => {
  if (entries !== null) return (event) => entries.has(event.id);
  switch (kind) {
    case 'division':
      return (event) => event.division !== null && (event.division === id || giverOf(event) === id);
    case 'project':
      return (event, { from, to }) =>
        event.division !== null &&
        ((from.kind === 'project' && from.projectCode === id) || (to.kind === 'project' && to.projectCode === id));
    case 'document':
    case 'payment': {
      const prefix = `${id}/`;
      return (event, { quotaLine }) => event.division !== null && quotaLine.startsWith(prefix);
    }
    default:
      return assertNever(kind);
  }
};

/** Tells which cash received belongs to a scope; a project and a voucher have none. */
const receiptsOfScope = (
  { kind, id }: EvidenceScope,
  entries: ReadonlySet<string> | null,
): ((event: StoredMoneyEvent, quotaLine: string) => boolean) => {
  if (kind === 'division') return (event) => event.division === id;
  if (kind !== 'document') return () => false;
  return (event, quotaLine) =>
    event.division !== null && (entries === null ? quotaLine.startsWith(`${id}/`) : entries.has(event.id));
};

/**
 * Events of a scope, each with those of its movements and receipts only that belong to it.
 *
 * @param counted those among which they are looked for; the scope itself follows from all that was known
 */
export const eventsInScope = (
  scope: EvidenceScope,
  events: readonly StoredMoneyEvent[],
  counted = events,
): readonly StoredMoneyEvent[] => {
  const entries = entryEvents(scope, events);
  const isMovementOwn = movementsOfScope(scope, entries);
  const isReceiptOwn = receiptsOfScope(scope, entries);
  return counted.flatMap((event) => {
    const movements = event.movements.filter((movement) => isMovementOwn(event, movement));
    const receipts = (event.data.receipts ?? []).filter(({ quotaLine }) => isReceiptOwn(event, quotaLine));
    return movements.length === 0 && receipts.length === 0
      ? []
      : [{ ...event, movements, data: { ...event.data, ...(event.data.receipts === undefined ? {} : { receipts }) } }];
  });
};
