import { decimalText } from '../../money/amount-text';
import { type RawCell, rawCellText } from '../raw-sheet';
import { CellProblem, quoted } from './cell-problem';

/** Names of people, bodies and projects; the longest real project names have about 100 characters. */
const MAX_NAME_LENGTH = 200;
/** Descriptions of content; longer texts belong in an attached document. */
const MAX_TEXT_LENGTH = 2000;

/** Line breaks and tabs are part of a description, other control characters are not; nor is text that reads backwards. */
const FORBIDDEN_IN_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffd]/;
const FORBIDDEN_IN_NAME = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffd]/;

/** A name on one line, in NFC and trimmed. */
export const readName = (cell: RawCell): string | CellProblem =>
  checked(plainText(cell), FORBIDDEN_IN_NAME, MAX_NAME_LENGTH);

/** A description, in NFC and trimmed; may have several lines. */
export const readText = (cell: RawCell): string | CellProblem =>
  checked(plainText(cell), FORBIDDEN_IN_TEXT, MAX_TEXT_LENGTH);

/** The text of a cell in NFC, trimmed; a date in a column of text is a spreadsheet's mistake and refused. */
export const plainText = (cell: RawCell): string | CellProblem => {
  if (typeof cell === 'string') return cell.normalize('NFC').trim();
  if (typeof cell === 'number') return decimalText(cell);
  if (typeof cell === 'boolean') return rawCellText(cell);
  switch (cell.kind) {
    case 'padded':
      return rawCellText(cell);
    case 'date':
      return unexpectedDate(cell.day ?? '');
    case 'error':
    case 'uncalculated':
      return badCell(cell.kind, cell.text);
  }
};

const checked = (text: string | CellProblem, forbidden: RegExp, longest: number): string | CellProblem => {
  if (text instanceof CellProblem) return text;
  if (text.length > longest && [...text].length > longest) return tooLong(text, longest);
  return forbidden.test(text) || !text.isWellFormed() ? forbiddenCharacter(text) : text;
};

export const unexpectedDate = (day: string): CellProblem =>
  new CellProblem({
    code: 'CELL_IS_A_DATE',
    message: `这一格是日期（${day}），而这一列不是日期列；表格软件可能自动改了内容。`,
    messageEn: `The cell holds a date (${day}) in a column that is none; a spreadsheet may have altered it.`,
    remedy: '把这一格设为“文本”或“常规”格式，重新填写。',
    remedyEn: 'Format the cell as text or general and enter it again.',
    parameters: { value: day },
  });

export const badCell = (kind: 'error' | 'uncalculated', text: string): CellProblem =>
  kind === 'error'
    ? new CellProblem({
        code: 'CELL_ERROR',
        message: `这一格是错误值 ${text}。`,
        messageEn: `The cell holds the error ${text}.`,
        remedy: '改正公式，或直接填写数值。',
        remedyEn: 'Correct the formula, or enter the value itself.',
        parameters: { value: text },
      })
    : new CellProblem({
        code: 'CELL_NOT_CALCULATED',
        message: '这一格是公式，但文件里没有它的计算结果。',
        messageEn: 'The cell is a formula and the file does not hold its result.',
        remedy: '用表格软件打开并保存一次，或直接填写数值。',
        remedyEn: 'Open and save the file once in a spreadsheet program, or enter the value itself.',
      });

const tooLong = (text: string, longest: number): CellProblem =>
  new CellProblem({
    code: 'TEXT_TOO_LONG',
    message: `“${quoted(text)}”有 ${[...text].length} 个字符，最多 ${longest} 个。`,
    messageEn: `"${quoted(text)}" has ${[...text].length} characters; at most ${longest} are taken.`,
    remedy: '缩短文字。',
    remedyEn: 'Shorten the text.',
    parameters: { length: [...text].length, longest },
  });

const forbiddenCharacter = (text: string): CellProblem =>
  new CellProblem({
    code: 'TEXT_INVALID',
    message: `“${quoted(text)}”里有看不见的控制字符、换行或乱码。`,
    messageEn: `"${quoted(text)}" contains control characters, line breaks or damaged characters.`,
    remedy: '重新输入这一格的文字。',
    remedyEn: 'Type the text of the cell again.',
    parameters: { value: text },
  });
