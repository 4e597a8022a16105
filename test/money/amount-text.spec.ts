import fc from 'fast-check';

import {
  AMOUNT_UNITS,
  type AmountUnit,
  decimalText,
  formatAmount,
  isAmountUnit,
  MOST_FEN,
  parseAmountNumber,
  parseAmountText,
} from '../../src/money/amount-text';
import { fen } from '../../src/money/fen';

const read = (text: string, unit: AmountUnit = '元'): number | string => {
  const reading = parseAmountText(text, unit);
  return reading.ok ? reading.amount : reading.refusal.code;
};

describe('amounts as people write them', () => {
  it.each([
    ['1234.5', '元', 123450],
    ['1234.50', '元', 123450],
    ['1234.5000', '元', 123450],
    ['0.01', '元', 1],
    ['1,234,567.89', '元', 123456789],
    ['１２３４．５６', '元', 123456],
    ['１，２３４．５６', '元', 123456],
    ['1，234', '元', 123400],
    ['  12 ', '元', 1200],
    ['\u300012\u3000', '元', 1200],
    ['0.000001', '万元', 1],
    ['30862.6147', '万元', 30862614700],
    ['0.0000000001', '亿元', 1],
    ['17177.1233000000', '万元', 17177123300],
    ['1,000,000,000,000.00', '元', 100_000_000_000_000],
    ['10000', '亿元', 100_000_000_000_000],
  ] as const)('understands %s %s', (text, unit, expected) => {
    expect(read(text, unit)).toBe(expected);
  });

  it.each([
    ['-1', 'AMOUNT_NEGATIVE'],
    ['－１２．５', 'AMOUNT_NEGATIVE'],
    ['−5', 'AMOUNT_NEGATIVE'],
    ['(1,234.00)', 'AMOUNT_NEGATIVE'],
    ['（5）', 'AMOUNT_NEGATIVE'],
    ['-0', 'AMOUNT_NEGATIVE'],
    ['0', 'AMOUNT_ZERO'],
    ['0.000', 'AMOUNT_ZERO'],
    ['０', 'AMOUNT_ZERO'],
    ['0.001', 'AMOUNT_TOO_PRECISE'],
    ['1.005', 'AMOUNT_TOO_PRECISE'],
    ['1000000000000.01', 'AMOUNT_TOO_LARGE'],
    ['90071992547409.91', 'AMOUNT_TOO_LARGE'],
    ['9'.repeat(200), 'AMOUNT_TOO_LARGE'],
    ['1.234,56', 'AMOUNT_SEPARATORS'],
    ['1,23', 'AMOUNT_SEPARATORS'],
    ['1,2345.00', 'AMOUNT_SEPARATORS'],
    ['1234,567.00', 'AMOUNT_SEPARATORS'],
    ['12,345,67', 'AMOUNT_SEPARATORS'],
    ['1.2.3', 'AMOUNT_SEPARATORS'],
    ['1 234', 'AMOUNT_SEPARATORS'],
    ['1_000', 'AMOUNT_SEPARATORS'],
    ["1'000", 'AMOUNT_SEPARATORS'],
    ['0,123', 'AMOUNT_SEPARATORS'],
    ['1,234.', 'AMOUNT_SEPARATORS'],
    ['007', 'AMOUNT_NOT_A_NUMBER'],
    ['12万', 'AMOUNT_UNIT_INSIDE'],
    ['12.5万元', 'AMOUNT_UNIT_INSIDE'],
    ['100元', 'AMOUNT_UNIT_INSIDE'],
    ['¥100', 'AMOUNT_UNIT_INSIDE'],
    ['1e3', 'AMOUNT_NOT_A_NUMBER'],
    ['1E3', 'AMOUNT_NOT_A_NUMBER'],
    ['0x10', 'AMOUNT_NOT_A_NUMBER'],
    ['0b1', 'AMOUNT_NOT_A_NUMBER'],
    ['Infinity', 'AMOUNT_NOT_A_NUMBER'],
    ['NaN', 'AMOUNT_NOT_A_NUMBER'],
    ['+1', 'AMOUNT_NOT_A_NUMBER'],
    ['.5', 'AMOUNT_NOT_A_NUMBER'],
    ['', 'AMOUNT_NOT_A_NUMBER'],
    ['一百', 'AMOUNT_NOT_A_NUMBER'],
    ['٣٤', 'AMOUNT_NOT_A_NUMBER'],
    ['1/2', 'AMOUNT_NOT_A_NUMBER'],
    ['50%', 'AMOUNT_NOT_A_NUMBER'],
  ])('refuses %s as %s', (text, code) => {
    expect(read(text)).toBe(code);
  });

  it('counts the decimals that whole fen have in the unit', () => {
    expect(read('0.0000001', '万元')).toBe('AMOUNT_TOO_PRECISE');
    expect(read('0.00000000001', '亿元')).toBe('AMOUNT_TOO_PRECISE');
  });

  it('names cause and remedy in both languages', () => {
    const reading = parseAmountText('1.005', '元');
    expect(reading).toMatchObject({
      ok: false,
      refusal: {
        message: expect.stringContaining('1.005'),
        messageEn: expect.stringContaining('1.005'),
        remedy: expect.stringMatching(/./),
        remedyEn: expect.stringMatching(/./),
      },
    });
  });

  it('knows exactly three units', () => {
    expect(AMOUNT_UNITS.every(isAmountUnit)).toBe(true);
    expect(['万', '千元', '', '元 ', 'yuan'].some(isAmountUnit)).toBe(false);
  });
});

describe('amounts in numeric cells', () => {
  it('takes what the spreadsheet shows, not the binary fraction', () => {
    expect(parseAmountNumber(0.1 + 0.2, '元')).toEqual({ ok: true, amount: 30 });
    expect(parseAmountNumber(1.1 * 3, '元')).toEqual({ ok: true, amount: 330 });
    expect(parseAmountNumber(33550.336, '万元')).toEqual({ ok: true, amount: 33550336000 });
    expect(parseAmountNumber(4.35 * 100, '元')).toEqual({ ok: true, amount: 43500 });
  });

  it.each([
    [-5, 'AMOUNT_NEGATIVE'],
    [0, 'AMOUNT_ZERO'],
    [1 / 3, 'AMOUNT_TOO_PRECISE'],
    [1e-9, 'AMOUNT_TOO_PRECISE'],
    [1e21, 'AMOUNT_TOO_LARGE'],
    // It has more digits than a spreadsheet keeps, so that what is read would not be what was typed.
    [12345678901234.56, 'AMOUNT_TOO_LARGE'],
    [Number.POSITIVE_INFINITY, 'AMOUNT_NOT_A_NUMBER'],
  ])('refuses %d as %s', (value, code) => {
    const reading = parseAmountNumber(value, '元');
    expect(reading.ok ? reading.amount : reading.refusal.code).toBe(code);
  });

  it('never writes an exponent', () => {
    expect(decimalText(1e21)).toBe('1000000000000000000000');
    expect(decimalText(1e-7)).toBe('0.0000001');
    expect(decimalText(630222000000)).toBe('630222000000');
  });
});

describe('amounts for people', () => {
  it('groups by three and stays exact in every unit', () => {
    expect(formatAmount(fen(123450))).toBe('1,234.50');
    expect(formatAmount(fen(1), '万元')).toBe('0.000001');
    expect(formatAmount(fen(123456700000), '万元')).toBe('123,456.70');
    expect(formatAmount(fen(1), '亿元')).toBe('0.0000000001');
    expect(formatAmount(fen(-123456789))).toBe('-1,234,567.89');
    expect(formatAmount(fen(0))).toBe('0.00');
  });

  it('is read back as the same amount, in every unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MOST_FEN }), fc.constantFrom(...AMOUNT_UNITS), (amount, unit) => {
        expect(parseAmountText(formatAmount(fen(amount), unit), unit)).toEqual({ ok: true, amount });
      }),
    );
  });

  it('is read back from full-width digits, too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MOST_FEN }), (amount) => {
        const wide = formatAmount(fen(amount)).replace(/[0-9.,]/g, (character) =>
          String.fromCharCode(character.charCodeAt(0) + 0xfee0),
        );
        expect(parseAmountText(wide, '元')).toEqual({ ok: true, amount });
      }),
    );
  });

  it('reads a numeric cell of up to 15 digits to the fen', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MOST_FEN }), (amount) => {
        expect(parseAmountNumber(amount / 100, '元')).toEqual({ ok: true, amount });
      }),
    );
  });

  it('never takes arbitrary text for another amount than its digits say', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.,-e_x 元') }), (text) => {
        const reading = parseAmountText(text, '元');
        if (!reading.ok) return;
        expect(text.trim()).toMatch(/^[\d,]+(\.\d+)?$/);
        expect(BigInt(reading.amount) * 100n).toBe(scaled(text.trim().replaceAll(',', '')));
      }),
    );
  });
});

/** Independent of the parser: 元 text → hundredths of fen, by string only. */
const scaled = (digits: string): bigint => {
  const [whole = '0', decimals = ''] = digits.split('.');
  return BigInt(whole + decimals.replace(/0+$/, '').padEnd(4, '0'));
};
