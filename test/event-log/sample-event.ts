import { randomUUID } from 'node:crypto';

import type { LedgerEvent } from '../../src/event-log/event';
import { eventId } from '../../src/event-log/event-id';

/** An event as the ledger would write it, with whatever a test wants to be different. */
export const sampleEvent = (stream: string, revision: number, different: Partial<LedgerEvent> = {}): LedgerEvent => {
  const commandId = different.commandId ?? randomUUID();
  return {
    id: eventId(commandId, 0),
    type: 'FundsAppropriated',
    schemaVersion: 1,
    stream,
    revision,
    recordedAt: '2024-03-01T02:03:04.005Z',
    effectiveOn: '2024-03-01',
    actor: { id: 'zhang', role: 'clerk', division: '630222' },
    commandId,
    correlationId: 'import-1',
    causationId: null,
    basis: '青财农〔2024〕12号',
    metadata: {},
    data: { documentNo: '青财农〔2024〕12号', amount: '1200.00' },
    ...different,
  };
};

/** So many events for a stream, from a revision on. */
export const sampleEvents = (stream: string, firstRevision: number, count: number): readonly LedgerEvent[] =>
  Array.from({ length: count }, (_, index) => sampleEvent(stream, firstRevision + index));
