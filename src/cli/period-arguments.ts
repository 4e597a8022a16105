import { CellProblem } from '../importing/cells/cell-problem';
import { readDivision } from '../importing/cells/division-cell';
import { readPeriod } from '../importing/cells/period-cell';
import { DomainError } from '../platform/domain-error';

const understood = (reading: string | CellProblem): string => {
  if (reading instanceof CellProblem) throw new DomainError('input', reading.refusal);
  return reading;
};

/** @throws DomainError saying what is wrong with the code */
export const parsePoolDivision = (text: string): string => understood(readDivision(text));

/** @throws DomainError PERIOD_INVALID */
export const parsePeriod = (text: string): string => understood(readPeriod(text));
