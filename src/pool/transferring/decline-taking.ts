import type { PoolMatter } from '../pool-command';
import type { OtherPoolsRefusal, TakingDeclined } from '../pool-event';
import { type DecidePool, requirePossibleDate } from '../pool-rules';

/**
 * What another pool issued or carried over, and this one has not taken in, goes back. Said in the taker's own stream,
 * under the id that taking in would have, so that only one of the two can ever happen. It moves nothing here, so that
 * a closed period does not stand in its way.
 */
export interface DeclineTaking extends PoolMatter {
  readonly reversalNo: string;
  readonly reason: string;
  readonly givingEventId: string;
  readonly givingType: TakingDeclined['data']['givingType'];
  readonly fromDivision: string;
  readonly fromFiscalYear: number;
  /** Why, where this pool cannot take it in and the ledger itself gives it back. */
  readonly refusal?: OtherPoolsRefusal;
}

export const declineTaking: DecidePool<DeclineTaking> = (decision) => {
  const { command } = decision;
  const { reversalNo, reason, givingEventId, givingType, fromDivision, fromFiscalYear, refusal } = command;
  // What the ledger itself gives back bears the date of what was issued.
  if (refusal === undefined) requirePossibleDate(decision);
  return [
    {
      type: 'TakingDeclined',
      data: {
        documentNo: reversalNo,
        reason,
        givingEventId,
        givingType,
        fromDivision,
        fromFiscalYear,
        ...(refusal === undefined ? {} : { refusal }),
      },
    },
  ];
};
