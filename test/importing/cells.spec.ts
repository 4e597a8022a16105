import fc from 'fast-check';

import { CellProblem } from '../../src/importing/cells/cell-problem';
import { readChoice, readYesNo } from '../../src/importing/cells/choice-cell';
import { readCode, readCodes } from '../../src/importing/cells/code-cell';
import { isCalendarDay, readDate, readYear } from '../../src/importing/cells/date-cell';
import { normaliseDivisionCode, readDivision, readPlace, readPlaces } from '../../src/importing/cells/division-cell';
import { readName, readText } from '../../src/importing/cells/text-cell';
import type { RawCell } from '../../src/importing/raw-sheet';

const shown = (value: unknown): unknown => (value instanceof CellProblem ? value.refusal.code : value);
const day = (text: string | null, hasTime = false): RawCell => ({ kind: 'date', day: text, hasTime });

describe('a code', () => {
  it.each<[RawCell, string]>([
    ['青财农〔2024〕15号', '青财农〔2024〕15号'],
    ['  P630222-1.a_(b)（丙） ', 'P630222-1.a_(b)（丙）'],
    ['二〇二四', '二〇二四'],
    ['e\u0301', 'é'],
    [20240001, '20240001'],
    [{ kind: 'padded', value: 42, digits: 6 }, '000042'],
    ['x'.repeat(64), 'x'.repeat(64)],
  ])('%j is %s', (cell, code) => {
    expect(shown(readCode(cell))).toBe(code);
  });

  it.each<[RawCell, string]>([
    ['A B', 'CODE_INVALID'],
    ['A/B', 'CODE_INVALID'],
    ['A:B', 'CODE_INVALID'],
    ['A|B', 'CODE_INVALID'],
    ['A\u200bB', 'CODE_INVALID'],
    ['Ａ１', 'CODE_INVALID'],
    ['=1+1', 'CODE_INVALID'],
    ['x'.repeat(65), 'CODE_INVALID'],
    [1.5, 'CODE_NOT_TEXT'],
    [-1, 'CODE_NOT_TEXT'],
    [1e15, 'CODE_NOT_TEXT'],
    ['6.30222E+11', 'CODE_SHOWN_AS_EXPONENT'],
    [day('2024-03-01'), 'CELL_IS_A_DATE'],
    [{ kind: 'error', text: '#REF!' }, 'CELL_ERROR'],
    [{ kind: 'uncalculated', text: '=' }, 'CELL_NOT_CALCULATED'],
  ])('%j is refused as %s', (cell, code) => {
    expect(shown(readCode(cell))).toBe(code);
  });

  it('may stand in a list, once', () => {
    expect(readCodes('A; B；C;')).toEqual(['A', 'B', 'C']);
    expect(shown(readCodes('A;;B'))).toBe('CODE_INVALID');
    expect(shown(readCodes('A、B'))).toBe('CODE_INVALID');
    expect(shown(readCodes('A;A'))).toBe('NAMED_TWICE');
  });
});

describe('a division', () => {
  it.each<[RawCell, string]>([
    ['63', '63'],
    ['630000', '63'],
    ['630000000000', '63'],
    ['630200', '6302'],
    ['630222', '630222'],
    ['630222000000', '630222'],
    ['630222000', '630222'],
    [630222000000, '630222'],
    ['630110', '630110'],
    ['630110000000', '630110'],
    ['630222100000', '630222100'],
    ['630222100', '630222100'],
    ['630222103200', '630222103200'],
    ['６３０２２２', '630222'],
    ['441900003000', '441900003'],
    [' 630222 ', '630222'],
  ])('%j is %s', (cell, code) => {
    expect(shown(readDivision(cell))).toBe(code);
  });

  it.each([
    '',
    '6',
    '630',
    '63022',
    '6302220',
    '63022210',
    '6302221000',
    '63022210300',
    '6302221032001',
    '000000',
    '600000',
    '930000',
    '630022',
    '630222000200',
    '63O222',
    '-30222',
    '630222.0',
    '民和县',
    '6.30222E+11',
  ])('%j is refused', (text) => {
    expect(readDivision(text)).toBeInstanceOf(CellProblem);
  });

  it('has the length of its level whatever zeros were added', () => {
    const segment = (length: number) =>
      fc.integer({ min: 1, max: 10 ** length - 1 }).map((value) => String(value).padStart(length, '0'));
    const code = fc
      .tuple(fc.constantFrom('63', '37', '15', '22'), segment(2), segment(2), segment(3), segment(3))
      .chain((segments) => fc.integer({ min: 1, max: 5 }).map((level) => segments.slice(0, level).join('')));
    fc.assert(
      fc.property(code, (digits) => {
        for (const length of [2, 4, 6, 9, 12].filter((each) => each >= digits.length)) {
          expect(normaliseDivisionCode(digits.padEnd(length, '0'))).toBe(digits);
        }
      }),
    );
  });

  it('is a place only as a village, township or county', () => {
    expect(readPlace('630222103200')).toBe('630222103200');
    expect(readPlace('630222000000')).toBe('630222');
    expect(shown(readPlace('630200'))).toBe('PLACE_TOO_HIGH');
    expect(readPlaces('630222103200;630222103000')).toEqual(['630222103200', '630222103']);
    expect(shown(readPlaces('630222;630222000000'))).toBe('NAMED_TWICE');
    expect(shown(readPlaces('630222,630224'))).toBe('DIVISION_CODE_INVALID');
  });
});

describe('a date', () => {
  it.each<[RawCell, string]>([
    ['2024-03-05', '2024-03-05'],
    ['2024/3/5', '2024-03-05'],
    ['2024/03/05', '2024-03-05'],
    ['2024年3月5日', '2024-03-05'],
    ['２０２４年３月５日', '2024-03-05'],
    ['２０２４－０３－０５', '2024-03-05'],
    ['2024-02-29', '2024-02-29'],
    [day('2024-03-05'), '2024-03-05'],
  ])('%j is %s', (cell, date) => {
    expect(shown(readDate(cell))).toBe(date);
  });

  it.each<[RawCell, string]>([
    ['2023-02-29', 'DATE_DOES_NOT_EXIST'],
    ['2024/13/1', 'DATE_DOES_NOT_EXIST'],
    ['2024年4月31日', 'DATE_DOES_NOT_EXIST'],
    ['0024-01-01', 'DATE_DOES_NOT_EXIST'],
    ['2204-01-01', 'DATE_DOES_NOT_EXIST'],
    [day(null), 'DATE_DOES_NOT_EXIST'],
    [day('1900-03-01'), 'DATE_DOES_NOT_EXIST'],
    [day('2024-03-05', true), 'DATE_HAS_TIME'],
    [45292, 'DATE_IS_A_NUMBER'],
    ['24-03-05', 'DATE_INVALID'],
    ['2024.3.5', 'DATE_INVALID'],
    ['20240305', 'DATE_INVALID'],
    ['03/05/2024', 'DATE_INVALID'],
    ['2024-03-05 00:00', 'DATE_INVALID'],
    ['2024年3月', 'DATE_INVALID'],
    ['Mar 5, 2024', 'DATE_INVALID'],
    [true, 'DATE_INVALID'],
  ])('%j is refused as %s', (cell, code) => {
    expect(shown(readDate(cell))).toBe(code);
  });

  it('is read in all three spellings alike, for every day there is', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1949-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
        (date) => {
          const iso = date.toISOString().slice(0, 10);
          const [year, month, dayOfMonth] = iso.split('-').map(Number);
          expect(readDate(iso)).toBe(iso);
          expect(readDate(`${year}/${month}/${dayOfMonth}`)).toBe(iso);
          expect(readDate(`${year}年${month}月${dayOfMonth}日`)).toBe(iso);
        },
      ),
    );
  });

  it('exists in the calendar or not', () => {
    expect([isCalendarDay(2000, 2, 29), isCalendarDay(2100, 2, 29), isCalendarDay(2024, 0, 1)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('a year', () => {
  it.each<[RawCell, number | string]>([
    ['2024', 2024],
    ['２０２４', 2024],
    [2024, 2024],
    ['24', 'YEAR_INVALID'],
    ['2024年', 'YEAR_INVALID'],
    [2024.5, 'YEAR_INVALID'],
    ['1e3', 'YEAR_INVALID'],
    ['0999', 'YEAR_INVALID'],
    [day('2024-01-01'), 'CELL_IS_A_DATE'],
  ])('%j is %s', (cell, expected) => {
    expect(shown(readYear(cell))).toBe(expected);
  });
});

describe('words', () => {
  it('are one of those allowed, which the refusal lists', () => {
    expect(readChoice(' 省 ', ['省', '市'])).toBe('省');
    const problem = readChoice('区', ['省', '市']);
    expect(problem).toMatchObject({ refusal: { code: 'CHOICE_UNKNOWN', parameters: { allowed: ['省', '市'] } } });
    expect(problem instanceof CellProblem && problem.refusal.message).toContain('省、市');
  });

  it.each<[RawCell, boolean | string]>([
    ['是', true],
    ['否', false],
    ['Yes', true],
    ['NO', false],
    ['1', 'CHOICE_UNKNOWN'],
    [1, 'CHOICE_UNKNOWN'],
    [true, 'CHOICE_UNKNOWN'],
    ['对', 'CHOICE_UNKNOWN'],
  ])('yes and no: %j is %s', (cell, expected) => {
    expect(shown(readYesNo(cell))).toBe(expected);
  });

  it('are names on one line, without anything invisible', () => {
    expect(readName(' =民和县水利局 ')).toBe('=民和县水利局');
    expect(shown(readName('a\nb'))).toBe('TEXT_INVALID');
    expect(shown(readName('a\u202eb'))).toBe('TEXT_INVALID');
    expect(shown(readName('a\ufffdb'))).toBe('TEXT_INVALID');
    expect(shown(readName('a\ud800'))).toBe('TEXT_INVALID');
    expect(shown(readName('长'.repeat(201)))).toBe('TEXT_TOO_LONG');
    expect(readText('一\n二\t三')).toBe('一\n二\t三');
    expect(shown(readText('a\u0000'))).toBe('TEXT_INVALID');
    expect(shown(readText('长'.repeat(2001)))).toBe('TEXT_TOO_LONG');
  });
});
