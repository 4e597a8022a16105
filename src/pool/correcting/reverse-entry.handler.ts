import type { LedgerEvent } from '../../event-log/event';
import { ledgerHandler, LedgerMessage } from '../../http/ledger-handler';
import { findStreamOfEvent } from '../../http/reading/event-index';
import { reachPosition } from '../../http/reading/reach-position';
import type { Ledger } from '../../ledger/ledger';
import { DomainError } from '../../platform/domain-error';
import { adjustmentOf } from '../pool.dto';
import { poolOfStream } from '../pool-stream';
import type { PoolEvent } from '../pool-event';
import { submitToPool } from '../pool.handler';
import type { ReverseEntryDto } from './reverse-entry.dto';

export class ReverseEntryMessage extends LedgerMessage<ReverseEntryDto> {}

/** The entry is named by its event's id alone; with it comes the pool whose command this is. */
export const ReverseEntryHandler = ledgerHandler(ReverseEntryMessage, async (ledger, content, request) => {
  const { eventId, effectiveOn, reversalNo, reason, adjustment } = content;
  const original = await findOriginal(ledger, eventId);
  const pool = poolOfStream(original.stream);
  if (pool === null) throw notOfAPool(original);
  const command = {
    ...pool,
    effectiveOn,
    reversalNo,
    reason,
    original: original as LedgerEvent<PoolEvent['type'], PoolEvent['data']>,
    followsTaker: false,
    ...adjustmentOf(adjustment),
  };
  return submitToPool(ledger, 'ReverseEntry', command, request);
});

/** The index may be a moment behind the log, and an entry is often reversed right after it was made. */
const findOriginal = async (ledger: Ledger, eventId: string): Promise<LedgerEvent> => {
  const { readModel, log } = ledger;
  let stream = findStreamOfEvent(readModel, eventId);
  if (stream === undefined) {
    await reachPosition(readModel, await log.head());
    stream = findStreamOfEvent(readModel, eventId);
  }
  const event = stream === undefined ? undefined : await ledger.findEvent(stream, eventId);
  if (event === undefined) throw unknownEvent(eventId);
  return event;
};

const unknownEvent = (eventId: string): DomainError =>
  new DomainError('input', {
    code: 'UNKNOWN_EVENT',
    message: `没有事件 ${eventId}。`,
    messageEn: `There is no event ${eventId}.`,
    remedy: '核对事件编号：记账答复中的 eventIds，或 GET /api/v1/events。',
    remedyEn: 'Check the id: eventIds of the answer, or GET /api/v1/events.',
    parameters: { field: 'eventId', value: eventId },
  });

const notOfAPool = ({ id, type }: LedgerEvent): DomainError =>
  new DomainError('rule', {
    code: 'NOT_REVERSIBLE',
    message: `事件 ${id} 不是资金事件，不能红字冲销。`,
    messageEn: `Event ${id} is no entry of money and cannot be reversed.`,
    remedy: '登记事项有误时，重新登记正确的内容。',
    remedyEn: 'Register the right content again.',
    parameters: { eventId: id, type },
  });
