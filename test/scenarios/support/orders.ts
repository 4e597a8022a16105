import type { Scenario, ScenarioStep } from '../../../src/scenarios/scenario';

/** Year of the pool that a step's money is in. */
const yearOf = (step: ScenarioStep): number =>
  step.work.kind === 'commands' ? (step.work.calls[0]?.command.fiscalYear ?? 0) : 0;

/** What must be recorded before what, whatever its date: money must be there before it is paid. */
const rankOf = (step: ScenarioStep): number => {
  switch (step.do) {
    case 'pay': {
      const request = step.work.kind === 'commands' ? step.work.calls[0] : undefined;
      return request?.name === 'RequestPayment' && request.command.repaysVoucherNo !== null ? 3 : 1;
    }
    case 'returnPayment':
      return 2;
    case 'recall':
      return 4;
    case 'carryOver':
      return 5;
    default:
      return 0;
  }
};

const isPlayed = (step: ScenarioStep): boolean => step.pending === null && step.expectRejected === null;

const inOrder = (scenario: Scenario, compare: (left: ScenarioStep, right: ScenarioStep) => number): Scenario => ({
  ...scenario,
  steps: scenario.steps.filter(isPlayed).sort(compare),
});

/** Recorded strictly by business date. */
export const byBusinessDate = (scenario: Scenario): Scenario =>
  inOrder(scenario, (left, right) => (left.on === right.on ? 0 : left.on < right.on ? -1 : 1));

/** Recorded as far from the business dates as the money allows: of each year the last payments first. */
export const paymentsLastFirst = (scenario: Scenario): Scenario =>
  inOrder(scenario, (left, right) => {
    const apart = yearOf(left) - yearOf(right) || rankOf(left) - rankOf(right);
    if (apart !== 0 || rankOf(left) !== 1 || left.on === right.on) return apart;
    return left.on < right.on ? 1 : -1;
  });

/** How many steps were recorded after one with a later business date. */
export const lateSteps = (scenario: Scenario): number => {
  let newest = '';
  let late = 0;
  for (const step of scenario.steps.filter(isPlayed)) {
    if (step.on < newest) late += 1;
    else newest = step.on;
  }
  return late;
};
