import type { Refusal } from '../../platform/domain-error';

/** What reading a cell yields instead of a value when the cell cannot be understood. */
export class CellProblem {
  constructor(readonly refusal: Refusal) {}
}

/** Shortens what a report quotes, so that a cell of 30,000 characters does not flood it. */
export const quoted = (text: string): string => {
  const longest = 60;
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
};
