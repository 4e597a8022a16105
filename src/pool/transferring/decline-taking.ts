import type { PoolMatter } from '../pool-command';
import type { TakingDeclined } from '../pool-event';
import type { DecidePool } from '../pool-rules';

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
}

export const declineTaking: DecidePool<DeclineTaking> = ({ command }) => {
  const { reversalNo, reason, givingEventId, givingType, fromDivision, fromFiscalYear } = command;
  return [
    {
      type: 'TakingDeclined',
      data: { documentNo: reversalNo, reason, givingEventId, givingType, fromDivision, fromFiscalYear },
    },
  ];
};
