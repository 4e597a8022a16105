import { CellProblem, quoted } from './cell-problem';
import { readDate } from './date-cell';

const YEAR_OR_MONTH = /^(?:19|20)\d{2}(?:-\d{2})?$/;

/** A month `YYYY-MM` or a year `YYYY`. */
export const readPeriod = (text: string): string | CellProblem => {
  if (YEAR_OR_MONTH.test(text) && !(readDate(`${text.padEnd(7, '-01')}-01`) instanceof CellProblem)) return text;
  return new CellProblem({
    code: 'PERIOD_INVALID',
    message: `“${quoted(text)}”不是月份或年度。`,
    messageEn: `"${quoted(text)}" is neither a month nor a year.`,
    remedy: '写作 YYYY-MM 或 YYYY，例如 2024-03、2024。',
    remedyEn: 'Write YYYY-MM or YYYY, such as 2024-03 or 2024.',
    parameters: { value: text },
  });
};
