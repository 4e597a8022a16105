import type { PoolEntry, PoolMatter } from '../pool/pool-command';
import type { PoolEvent, TakingDeclined } from '../pool/pool-event';
import { poolStream } from '../pool/pool-stream';
import type { PoolCommands } from './pool-decisions';

/** What follows in another pool from an event that crosses. */
export type OtherHalf =
  | { readonly kind: 'take-transfer'; readonly command: PoolCommands['ReceiveTransfer'] }
  | { readonly kind: 'take-carry-over'; readonly command: PoolCommands['ReceiveCarryOver'] }
  | {
      /** The taking side went back, so the giving side goes back too. */
      readonly kind: 'reverse-giver';
      readonly givingEventId: string;
      readonly command: Omit<PoolCommands['ReverseEntry'], 'original'>;
    };

/** @param pool the pool, date and approval of the event; the other half has the same date and rests on the same approval */
export const otherHalfOf = (pool: PoolEntry, event: PoolEvent & { readonly id: string }): OtherHalf | null => {
  const { division, fiscalYear, effectiveOn, adjustment } = pool;
  const circumstances = { effectiveOn, ...(adjustment === undefined ? {} : { adjustment }) };
  switch (event.type) {
    case 'TransferIssued':
      return {
        kind: 'take-transfer',
        command: {
          ...circumstances,
          division: event.data.toDivision,
          fiscalYear: event.data.toFiscalYear,
          transferEventId: event.id,
          fromDivision: division,
          fromFiscalYear: fiscalYear,
          issued: event.data,
        },
      };
    case 'FundsCarriedOver':
      return {
        kind: 'take-carry-over',
        command: {
          ...circumstances,
          division,
          fiscalYear: event.data.toFiscalYear,
          carryOverEventId: event.id,
          fromFiscalYear: fiscalYear,
          carried: event.data,
        },
      };
    case 'TakingDeclined':
    case 'EntryReversed':
      if (event.data.givingEventId === undefined) return null;
      return {
        kind: 'reverse-giver',
        givingEventId: event.data.givingEventId,
        command: {
          ...circumstances,
          division: event.data.fromDivision ?? division,
          fiscalYear: event.data.fromFiscalYear ?? fiscalYear,
          reversalNo: event.data.documentNo,
          reason: event.data.reason,
          followsTaker: true,
          ...(event.data.refusal === undefined ? {} : { refusal: event.data.refusal }),
        },
      };
    default:
      return null;
  }
};

/** What a reversal of a giving half is about: the taker, whose side goes first. */
export interface GivingHalf {
  readonly givingType: TakingDeclined['data']['givingType'];
  readonly taker: Pick<PoolMatter, 'division' | 'fiscalYear'>;
}

/** Null: the entry is no giving half, or its taker went back already. */
export const givingHalfOf = ({ original, followsTaker, division }: PoolCommands['ReverseEntry']): GivingHalf | null => {
  if (followsTaker) return null;
  const event = original as PoolEvent;
  switch (event.type) {
    case 'TransferIssued':
      return {
        givingType: event.type,
        taker: { division: event.data.toDivision, fiscalYear: event.data.toFiscalYear },
      };
    case 'FundsCarriedOver':
      return { givingType: event.type, taker: { division, fiscalYear: event.data.toFiscalYear } };
    default:
      return null;
  }
};

/** An event of another pool. */
export interface EventElsewhere {
  readonly stream: string;
  readonly eventId: string;
}

/** What goes back in the giving pool when the taker's entry does; null: the entry was given by nobody. */
export const givingEventOfReversal = ({ original, division }: PoolCommands['ReverseEntry']): EventElsewhere | null => {
  const event = original as PoolEvent;
  switch (event.type) {
    case 'TransferReceived':
      return {
        stream: poolStream(event.data.fromDivision, event.data.fromFiscalYear),
        eventId: event.data.transferEventId,
      };
    case 'CarryOverReceived':
      return { stream: poolStream(division, event.data.fromFiscalYear), eventId: event.data.carryOverEventId };
    default:
      return null;
  }
};
