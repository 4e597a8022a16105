import type { PoolEntry, PoolMatter } from '../pool/pool-command';
import type { EntryReversed, PoolEvent, ReversalElsewhere, TakingDeclined } from '../pool/pool-event';
import { poolOfStream, poolStream } from '../pool/pool-stream';
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
    }
  | {
      /** The giving side stands again, so the taking side stands again too. */
      readonly kind: 'restore-taker';
      readonly takersReversal: ReversalElsewhere;
      readonly givingEventId: string;
      readonly givingType: GivingType;
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
    case 'EntryReversed':
      return event.data.restoredEventId === undefined
        ? reversedGiver(pool, circumstances, event.data)
        : restoredTaker(circumstances, event.data, event.data.restoredEventId);
    case 'TakingDeclined':
      return reversedGiver(pool, circumstances, event.data);
    default:
      return null;
  }
};

type Circumstances = Pick<PoolEntry, 'effectiveOn' | 'adjustment'>;

const reversedGiver = (
  { division, fiscalYear }: PoolEntry,
  circumstances: Circumstances,
  data: (EntryReversed | TakingDeclined)['data'],
): OtherHalf | null => {
  const { givingEventId, fromDivision, fromFiscalYear, documentNo, reason, refusal } = data;
  if (givingEventId === undefined) return null;
  return {
    kind: 'reverse-giver',
    givingEventId,
    command: {
      ...circumstances,
      division: fromDivision ?? division,
      fiscalYear: fromFiscalYear ?? fiscalYear,
      reversalNo: documentNo,
      reason,
      followsTaker: true,
      ...(refusal === undefined ? {} : { refusal }),
    },
  };
};

const restoredTaker = (
  circumstances: Circumstances,
  { takersReversal, reversedType, documentNo, reason, sentLines }: EntryReversed['data'],
  givingEventId: string,
): OtherHalf | null => {
  if (takersReversal === undefined || !isGivingType(reversedType)) return null;
  const taker = poolOfStream(takersReversal.pool);
  if (taker === null) throw new Error(`${takersReversal.pool} is no pool's stream`);
  return {
    kind: 'restore-taker',
    takersReversal,
    givingEventId,
    givingType: reversedType,
    command: {
      ...circumstances,
      ...taker,
      reversalNo: documentNo,
      reason,
      followsTaker: false,
      followsGiver: true,
      ...(sentLines === undefined ? {} : { sentLines }),
    },
  };
};

type GivingType = TakingDeclined['data']['givingType'];

const isGivingType = (type: PoolEvent['type']): type is GivingType =>
  type === 'TransferIssued' || type === 'FundsCarriedOver';

/** What a reversal of a giving half is about: the taker, whose side goes first. */
export interface GivingHalf {
  readonly givingType: GivingType;
  readonly givingEventId: string;
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
        givingEventId: original.id,
        taker: { division: event.data.toDivision, fiscalYear: event.data.toFiscalYear },
      };
    case 'FundsCarriedOver':
      return {
        givingType: event.type,
        givingEventId: original.id,
        taker: { division, fiscalYear: event.data.toFiscalYear },
      };
    case 'EntryReversed': {
      // A giving half that was made to stand again is a giving half.
      const { restoredEventId, takersReversal, reversedType } = event.data;
      const taker = takersReversal === undefined ? null : poolOfStream(takersReversal.pool);
      if (restoredEventId === undefined || taker === null || !isGivingType(reversedType)) return null;
      return { givingType: reversedType, givingEventId: restoredEventId, taker };
    }
    default:
      return null;
  }
};

/** What crossed, when a reversal of either half of it is to be taken back. */
export interface GivenBack {
  readonly givingStream: string;
  readonly givingEventId: string;
  /** Null: it is in the giving event, because the giving side's reversal is named. */
  readonly takingStream: string | null;
}

/** Null: no reversal of a half is to be taken back, or the two halves are known already. */
export const givenBackOf = (command: PoolCommands['ReverseEntry']): GivenBack | null => {
  const { original, takersReversal, followsGiver, division } = command;
  const event = original as PoolEvent;
  if (event.type !== 'EntryReversed' || takersReversal !== undefined || followsGiver === true) return null;
  const { reversedEventId, restoredEventId, reversedType, givingEventId, fromDivision, fromFiscalYear } = event.data;
  if (restoredEventId !== undefined) return null;
  if (isGivingType(reversedType)) {
    return { givingStream: original.stream, givingEventId: reversedEventId, takingStream: null };
  }
  if (givingEventId === undefined || fromFiscalYear === undefined) return null;
  return {
    givingStream: poolStream(fromDivision ?? division, fromFiscalYear),
    givingEventId,
    takingStream: original.stream,
  };
};

/** An event of another pool. */
export interface EventElsewhere {
  readonly stream: string;
  readonly eventId: string;
}

/**
 * What goes back in the giving pool when the taker's entry does, or in the taking pool when the giver's stands again;
 * null: nothing does.
 */
export const eventElsewhereOf = (command: PoolCommands['ReverseEntry']): EventElsewhere | null => {
  const { original, division, takersReversal } = command;
  if (takersReversal !== undefined) return { stream: takersReversal.pool, eventId: takersReversal.eventId };
  const event = original as PoolEvent;
  switch (event.type) {
    case 'TransferReceived':
      return {
        stream: poolStream(event.data.fromDivision, event.data.fromFiscalYear),
        eventId: event.data.transferEventId,
      };
    case 'CarryOverReceived':
      return { stream: poolStream(division, event.data.fromFiscalYear), eventId: event.data.carryOverEventId };
    case 'EntryReversed': {
      // A taking half that was made to stand again is a taking half.
      const { restoredEventId, givingEventId, fromDivision, fromFiscalYear } = event.data;
      if (restoredEventId === undefined || givingEventId === undefined || fromFiscalYear === undefined) return null;
      return { stream: poolStream(fromDivision ?? division, fromFiscalYear), eventId: givingEventId };
    }
    default:
      return null;
  }
};
