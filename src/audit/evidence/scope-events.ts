import { assertNever } from '../../platform/domain-error';
import type { EvidenceScope } from './evidence-scope';
import { giverOf, isOfNumber, type ReadMovement, type StoredMoneyEvent } from './stored-money-event';

/** How the money of a document is meant: its own quota lines, or what the entry of that number moved. */
export type DocumentMeaning = 'lines' | 'entry';

export const documentMeaning = ({ id }: EvidenceScope, events: readonly StoredMoneyEvent[]): DocumentMeaning =>
  events.some(({ movements }) => movements.some(({ quotaLine }) => quotaLine.startsWith(`${id}/`))) ? 'lines' : 'entry';

export type IsInScope = (event: StoredMoneyEvent, movement: ReadMovement) => boolean;

/** Tells which movements belong to a scope. `events` are all that the pools in question knew at the moment. */
const movementsOfScope = (scope: EvidenceScope, events: readonly StoredMoneyEvent[]): IsInScope => {
  const { kind, id } = scope;
  switch (kind) {
    case 'division':
      return (event) => event.division !== null && (event.division === id || giverOf(event) === id);
    case 'project':
      return (event, { from, to }) =>
        event.division !== null &&
        ((from.kind === 'project' && from.projectCode === id) || (to.kind === 'project' && to.projectCode === id));
    case 'document': {
      if (documentMeaning(scope, events) === 'entry')
        return (event) => event.division !== null && isOfNumber(event, id);
      const prefix = `${id}/`;
      return (event, { quotaLine }) => event.division !== null && quotaLine.startsWith(prefix);
    }
    case 'payment': {
      const paying = new Set(events.filter((event) => isPayment(event) && event.data.documentNo === id).map(streamOf));
      return (event) =>
        paying.has(event.stream) && (isPayment(event) || event.type === 'EntryReversed') && isOfNumber(event, id);
    }
    default:
      return assertNever(kind);
  }
};

const isPayment = ({ type }: StoredMoneyEvent): boolean => type.startsWith('Payment');
const streamOf = ({ stream }: StoredMoneyEvent): string => stream;

/** Tells which cash received belongs to a scope; a project and a voucher have none. */
const receiptsOfScope = (
  scope: EvidenceScope,
  events: readonly StoredMoneyEvent[],
): ((event: StoredMoneyEvent, quotaLine: string) => boolean) => {
  const { kind, id } = scope;
  if (kind === 'division') return (event) => event.division === id;
  if (kind !== 'document') return () => false;
  const meaning = documentMeaning(scope, events);
  return (event, quotaLine) =>
    event.division !== null && (meaning === 'lines' ? quotaLine.startsWith(`${id}/`) : isOfNumber(event, id));
};

/** Events of a scope, each with those of its movements and receipts only that belong to it. */
export const eventsInScope = (
  scope: EvidenceScope,
  events: readonly StoredMoneyEvent[],
): readonly StoredMoneyEvent[] => {
  const isMovementOwn = movementsOfScope(scope, events);
  const isReceiptOwn = receiptsOfScope(scope, events);
  return events.flatMap((event) => {
    const movements = event.movements.filter((movement) => isMovementOwn(event, movement));
    const receipts = (event.data.receipts ?? []).filter(({ quotaLine }) => isReceiptOwn(event, quotaLine));
    return movements.length === 0 && receipts.length === 0
      ? []
      : [{ ...event, movements, data: { ...event.data, ...(event.data.receipts === undefined ? {} : { receipts }) } }];
  });
};
