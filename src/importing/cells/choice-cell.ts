import type { RawCell } from '../raw-sheet';
import { CellProblem, quoted } from './cell-problem';
import { plainText } from './text-cell';

/** One of few words, exactly. */
export const readChoice = (cell: RawCell, choices: readonly string[]): string | CellProblem => {
  const text = plainText(cell);
  return text instanceof CellProblem || choices.includes(text) ? text : unknownChoice(text, choices);
};

/** 是 or 否, or yes or no. */
export const readYesNo = (cell: RawCell): boolean | CellProblem => {
  const text = plainText(cell);
  if (text instanceof CellProblem) return text;
  switch (text.toLowerCase()) {
    case '是':
    case 'yes':
      return true;
    case '否':
    case 'no':
      return false;
    default:
      return unknownChoice(text, ['是', '否', 'yes', 'no']);
  }
};

const unknownChoice = (text: string, choices: readonly string[]): CellProblem =>
  new CellProblem({
    code: 'CHOICE_UNKNOWN',
    message: `“${quoted(text)}”不在可选值之内：${choices.join('、')}。`,
    messageEn: `"${quoted(text)}" is none of: ${choices.join(', ')}.`,
    remedy: `改为其中之一：${choices.join('、')}。`,
    remedyEn: `Change it to one of: ${choices.join(', ')}.`,
    parameters: { value: text, allowed: choices },
  });
