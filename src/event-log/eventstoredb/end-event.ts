import { randomUUID } from 'node:crypto';

import type { LedgerEvent } from '../event';
import { eventId } from '../event-id';
import { LOG_END_STREAM } from '../housekeeping';
import type { EndOfLog } from './log-end';

const TYPE = 'LogEndFound';

/** What a node puts on record of where the ledger ends, when much of others' lies behind it. */
export const endEvent = (end: EndOfLog, revision: number, now: Date): LedgerEvent => {
  const commandId = randomUUID();
  const recordedAt = now.toISOString();
  return {
    id: eventId(commandId, 0),
    type: TYPE,
    data: { event: String(end.event), lookedTo: String(end.lookedTo) },
    schemaVersion: 1,
    stream: LOG_END_STREAM,
    revision,
    recordedAt,
    effectiveOn: recordedAt.slice(0, 10),
    actor: { id: 'log-end', role: 'node', division: '' },
    commandId,
    correlationId: commandId,
    causationId: null,
    basis: '',
    metadata: {},
  };
};

/** What such an event says; null when it is none, or says what cannot be. */
export const endIn = (canonical: string | null): EndOfLog | null => {
  if (canonical === null) return null;
  const { type, data } = JSON.parse(canonical) as LedgerEvent;
  if (type !== TYPE) return null;
  const { event, lookedTo } = data as { readonly event?: unknown; readonly lookedTo?: unknown };
  const end = { event: Number(event), lookedTo: Number(lookedTo) };
  const isPossible = Number.isSafeInteger(end.event) && Number.isSafeInteger(end.lookedTo);
  return isPossible && end.event >= 0 && end.lookedTo >= end.event ? end : null;
};
