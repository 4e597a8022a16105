import type { RawCell } from '../raw-sheet';
import { CellProblem, quoted } from './cell-problem';
import { plainText } from './text-cell';

/**
 * Codes and document numbers: 1–64 characters, letters, digits, Chinese characters and `-_.〔〕（）()`. Full-width letters
 * and digits are not among them: they look like another code and would be compared as a different one.
 */
const CODE = /^[\p{L}\p{Script=Han}0-9\-_.〔〕（）()]{1,64}$/u;
const FULL_WIDTH_FORMS = /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]/;
const EXPONENT = /^\d(?:\.\d+)?e\+\d+$/i;

/** Beyond this a spreadsheet keeps only 15 digits and the rest of a code is lost. */
const MAX_NUMERIC_CODE = 999_999_999_999_999;

/** A code from a cell, in NFC and trimmed. */
export const readCode = (cell: RawCell): string | CellProblem => {
  const text = codeText(cell);
  return text instanceof CellProblem || isCode(text) ? text : codeInvalid(text);
};

/** Codes with `;` between, each once, at least one. */
export const readCodes = (cell: RawCell): readonly string[] | CellProblem => {
  const text = codeText(cell);
  if (text instanceof CellProblem) return text;
  const codes = splitList(text);
  const wrong = codes.find((code) => !isCode(code));
  if (wrong !== undefined) return codeInvalid(wrong);
  const twice = codes.find((code, index) => codes.indexOf(code) !== index);
  return twice === undefined ? codes : namedTwice(twice);
};

/** Is it a code by the grammar that every ledger and document number follows? */
export const isCode = (text: string): boolean => CODE.test(text) && !FULL_WIDTH_FORMS.test(text);

/** Parts of a list cell: `;` between, or the same character from a Chinese keyboard. */
export const splitList = (text: string): readonly string[] =>
  text
    .split(/[;；]/)
    .map((part) => part.trim())
    .filter((part, index, parts) => part !== '' || parts.length === 1 || index < parts.length - 1);

/** The text of a cell that holds a code, as the spreadsheet shows it. */
export const codeText = (cell: RawCell): string | CellProblem => {
  if (typeof cell === 'number') {
    return Number.isInteger(cell) && cell >= 0 && cell <= MAX_NUMERIC_CODE ? String(cell) : numberInsteadOfCode(cell);
  }
  if (typeof cell === 'object' && cell.kind === 'padded' && Number.isInteger(cell.value) && cell.value >= 0) {
    return String(cell.value).padStart(cell.digits, '0');
  }
  const text = plainText(cell);
  if (text instanceof CellProblem) return text;
  return EXPONENT.test(text) ? shownAsExponent(text) : text;
};

export const namedTwice = (code: string): CellProblem =>
  new CellProblem({
    code: 'NAMED_TWICE',
    message: `“${quoted(code)}”在同一格里写了两次。`,
    messageEn: `"${quoted(code)}" is named twice in one cell.`,
    remedy: '删去重复的一个。',
    remedyEn: 'Delete one of them.',
    parameters: { value: code },
  });

const codeInvalid = (text: string): CellProblem =>
  new CellProblem({
    code: 'CODE_INVALID',
    message: `“${quoted(text)}”不能作编码或编号。`,
    messageEn: `"${quoted(text)}" cannot be a code or number.`,
    remedy: '编码为 1–64 个字符：半角字母和数字、汉字和 -_.〔〕（）()，中间没有空格、斜杠、冒号或竖线。',
    remedyEn:
      'A code has 1–64 characters: half-width letters and digits, Chinese characters and -_.〔〕（）(), with no space, slash, colon or bar.',
    parameters: { value: text },
  });

const numberInsteadOfCode = (value: number): CellProblem =>
  new CellProblem({
    code: 'CODE_NOT_TEXT',
    message: `这一格是数字 ${value}，编码可能已被表格软件改动。`,
    messageEn: `The cell holds the number ${value}; a spreadsheet may have altered the code.`,
    remedy: '把这一列设为“文本”格式，重新填写编码。',
    remedyEn: 'Format the column as text and enter the code again.',
    parameters: { value },
  });

const shownAsExponent = (text: string): CellProblem =>
  new CellProblem({
    code: 'CODE_SHOWN_AS_EXPONENT',
    message: `“${text}”是科学记数，编码的后几位已经丢失。`,
    messageEn: `"${text}" is in scientific notation; digits of the code are lost.`,
    remedy: '在原表中把这一列设为“文本”格式，重新填写编码后再另存。',
    remedyEn: 'Format the column as text in the original, enter the codes again and save again.',
    parameters: { value: text },
  });
