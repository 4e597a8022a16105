import type { Adjustment, PoolEntry } from '../pool-command';
import type { PoolEvent } from '../pool-event';
import { withinLimits } from '../pool-limits';
import { type DecidePool, type PoolDecision, requirePool } from '../pool-rules';
import { closedPeriodOn } from './closed-periods';
import { adjustmentNotNeeded } from './closing-errors';

/**
 * Marks what goes into a closed period, and puts a ClosedPeriodAdjusted beside it that can be listed and counted. The
 * entries come first, so that a command's first event is its entry whether the period was closed or not.
 */
const adjusted = (
  { command, pool }: PoolDecision<PoolEntry>,
  { approvalNo, approvedBy, reason }: Adjustment,
  events: readonly PoolEvent[],
): readonly PoolEvent[] => {
  const period = closedPeriodOn(pool, command.effectiveOn);
  if (period === null) return events;
  const adjustment: Adjustment = { approvalNo, approvedBy, reason };
  return [
    ...events.map((event) => ({ type: event.type, data: { ...event.data, adjustment } }) as PoolEvent),
    {
      type: 'ClosedPeriodAdjusted',
      data: {
        documentNo: approvalNo,
        approvedBy,
        reason,
        period,
        entries: events.map(({ type, data }) => ({ type, documentNo: data.documentNo })),
      },
    },
  ];
};

/** Says in each event after which reversal it was entered again. */
const rebooked = ({ rebooks }: PoolEntry, events: readonly PoolEvent[]): readonly PoolEvent[] =>
  rebooks === undefined
    ? events
    : events.map((event) => ({ type: event.type, data: { ...event.data, rebooks } }) as PoolEvent);

/** An entry of one pool: an adjustment that nothing asks for is refused, so that the word keeps its meaning. */
export const entry = <Command extends PoolEntry>(decide: DecidePool<Command>): DecidePool<Command> => {
  const decideWithinLimits = withinLimits(decide);
  return (decision) => {
    const { command, pool } = decision;
    requirePool(decision);
    const events = rebooked(command, decideWithinLimits(decision));
    if (events.length === 0 || command.adjustment === undefined) return events;
    if (closedPeriodOn(pool, command.effectiveOn) === null) throw adjustmentNotNeeded(command.effectiveOn);
    return adjusted(decision, command.adjustment, events);
  };
};

/** An entry with another half in another pool: the approval may be needed in one of the two only. */
export const crossingEntry = <Command extends PoolEntry>(decide: DecidePool<Command>): DecidePool<Command> => {
  const decideWithinLimits = withinLimits(decide);
  return (decision) => {
    const events = rebooked(decision.command, decideWithinLimits(decision));
    const { adjustment } = decision.command;
    return events.length === 0 || adjustment === undefined ? events : adjusted(decision, adjustment, events);
  };
};
