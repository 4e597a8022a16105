import type { RawCell } from '../raw-sheet';
import { CellProblem, quoted } from './cell-problem';
import { codeText, namedTwice, splitList } from './code-cell';

/** Lengths of a statistical division code by level: province, city, county, township, village. */
const LEVEL_LENGTHS = [2, 4, 6, 9, 12] as const;
const PLACE_LENGTHS: readonly number[] = [6, 9, 12];
/** Provinces are numbered 11 to 82; a code that begins otherwise has lost or gained a digit. */
const PROVINCE = /^[1-8][1-9]/;
const FULL_WIDTH_DIGIT = /[０-９]/g;

/** A division's code in the length of its level, whatever zeros it was padded with. */
export const readDivision = (cell: RawCell): string | CellProblem => {
  const text = codeText(cell);
  return text instanceof CellProblem ? text : divisionOf(text);
};

/** A place: a village, township or county. */
export const readPlace = (cell: RawCell): string | CellProblem => {
  const text = codeText(cell);
  return text instanceof CellProblem ? text : placeOf(text);
};

/** Places with `;` between, each once, at least one. */
export const readPlaces = (cell: RawCell): readonly string[] | CellProblem => {
  const text = codeText(cell);
  if (text instanceof CellProblem) return text;
  const places: string[] = [];
  for (const part of splitList(text)) {
    const place = placeOf(part);
    if (place instanceof CellProblem) return place;
    if (places.includes(place)) return namedTwice(place);
    places.push(place);
  }
  return places;
};

/**
 * `630222000000` → `630222`. Zeros are cut off in whole levels only, so a county 630110 or a township 630222100 keeps
 * its own. A county of 00 above a township is real: cities without counties number their townships so (441900003).
 * Null when the digits cannot be a division.
 */
export const normaliseDivisionCode = (digits: string): string | null => {
  if (!/^\d+$/.test(digits) || !PROVINCE.test(digits)) return null;
  let length: number = digits.length;
  if (!(LEVEL_LENGTHS as readonly number[]).includes(length)) return null;
  for (const level of [9, 6, 4, 2]) {
    if (length > level && /^0+$/.test(digits.slice(level, length))) length = level;
    else if (length > level) break;
  }
  const code = digits.slice(0, length);
  const emptyCity = length > 4 && code.slice(2, 4) === '00';
  const emptyTownship = length > 9 && code.slice(6, 9) === '000';
  return emptyCity || emptyTownship ? null : code;
};

const divisionOf = (text: string): string | CellProblem => normaliseDivisionCode(halfWidth(text)) ?? notADivision(text);

const placeOf = (text: string): string | CellProblem => {
  const code = divisionOf(text);
  return code instanceof CellProblem || PLACE_LENGTHS.includes(code.length) ? code : notAPlace(code);
};

const halfWidth = (text: string): string =>
  text.replace(FULL_WIDTH_DIGIT, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));

const notADivision = (text: string): CellProblem =>
  new CellProblem({
    code: 'DIVISION_CODE_INVALID',
    message: `“${quoted(text)}”不是区划编码。`,
    messageEn: `"${quoted(text)}" is not a division code.`,
    remedy:
      '填写 2、4、6、9 或 12 位数字，例如 630222（县）或 630222103200（村）；上级区划可补零到 12 位，几个地点用 ; 隔开。',
    remedyEn:
      'Enter 2, 4, 6, 9 or 12 digits, such as 630222 (county) or 630222103200 (village); zeros may follow up to 12 digits, and several places have ; between.',
    parameters: { value: text },
  });

const notAPlace = (code: string): CellProblem =>
  new CellProblem({
    code: 'PLACE_TOO_HIGH',
    message: `“${code}”是省或市，不能作建设地点。`,
    messageEn: `"${code}" is a province or city and cannot be a place.`,
    remedy: '填写村（12 位）、乡镇（9 位）或县（6 位）的编码。',
    remedyEn: 'Enter the code of a village (12 digits), township (9) or county (6).',
    parameters: { value: code },
  });
