import fc from 'fast-check';

import { addFen, fen, fenFromYuan, subtractFen, sumFen, yuanFromFen } from '../../src/money/fen';

describe('fen', () => {
  it.each([0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, Number.POSITIVE_INFINITY])('is never %d', (value) => {
    expect(() => fen(value)).toThrow(RangeError);
  });

  it('is checked at every sum', () => {
    const most = fen(Number.MAX_SAFE_INTEGER);
    expect(() => addFen(most, fen(1))).toThrow(RangeError);
    expect(() => subtractFen(fen(-Number.MAX_SAFE_INTEGER), fen(1))).toThrow(RangeError);
    expect(() => sumFen([most, fen(1), fen(-1)])).toThrow(RangeError);
  });

  it('is written as 元 with two decimals and read back', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(fenFromYuan(yuanFromFen(fen(value)))).toBe(value);
      }),
    );
    expect(yuanFromFen(fen(-5))).toBe('-0.05');
  });

  it.each(['1', '1.5', '01.00', '1e3', '', ' 1.00', '1,000.00', '90071992547409.92'])('is not read from %j', (text) => {
    expect(() => fenFromYuan(text)).toThrow(RangeError);
  });
});
