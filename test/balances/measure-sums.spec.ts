import { COLUMN, MeasureSums } from '../../src/balances/measure-sums';
import { MEASURES, noMeasures } from '../../src/balances/measures';

describe('sums of measures', () => {
  it('have a column of their own for each measure', () => {
    expect(Object.keys(COLUMN).sort()).toEqual([...MEASURES].sort());
    expect(new Set(Object.values(COLUMN)).size).toBe(MEASURES.length);
    expect(Math.max(...Object.values(COLUMN))).toBe(MEASURES.length - 1);
  });

  it('keep what was booked when they grow, row by row', () => {
    const sums = new MeasureSums();
    const rows = Array.from({ length: 1000 }, () => sums.newRows(2));
    for (const row of rows) {
      MEASURES.forEach((measure, index) => sums.add(row, COLUMN[measure], 100 * row + index));
      sums.newRows();
    }
    for (const row of rows) {
      const expected = Object.fromEntries(MEASURES.map((measure, index) => [measure, 100 * row + index]));
      expect(sums.measures(row)).toEqual(expected);
      expect(sums.hasMeasures(row + 1)).toBe(false);
    }
  });

  it('add, take away, turn round and forget rows, and nothing becomes a negative zero', () => {
    const sums = new MeasureSums();
    const [first, second] = [sums.newRows(), sums.newRows()];
    sums.add(first, COLUMN.paid, 300);
    sums.add(second, COLUMN.paid, 100);
    sums.add(second, COLUMN.held, -50);
    sums.addRow(first, second);
    expect(sums.measures(first)).toEqual({ ...noMeasures(), paid: 400, held: -50 });
    sums.negate(first);
    expect(sums.measures(first)).toEqual({ ...noMeasures(), paid: -400, held: 50 });
    sums.subtractRow(first, second);
    expect(sums.measures(first)).toEqual({ ...noMeasures(), paid: -500, held: 100 });
    sums.clear(first);
    expect(sums.measures(first)).toEqual(noMeasures());
    expect(sums.hasMeasures(second)).toBe(true);
  });

  it('are never rounded', () => {
    const sums = new MeasureSums();
    const row = sums.newRows();
    sums.add(row, COLUMN.available, Number.MAX_SAFE_INTEGER);
    sums.add(row, COLUMN.available, 2);
    expect(() => sums.add(row, COLUMN.paid, 0.5)).toThrow(RangeError);
    expect(sums.measures(row)).toEqual({ ...noMeasures(), available: 9_007_199_254_740_993n });
    const other = sums.newRows();
    sums.subtractRow(other, row);
    expect(sums.measures(other).available).toBe(-9_007_199_254_740_993n);
    sums.addRow(other, row);
    expect(sums.hasMeasures(other)).toBe(false);
    sums.negate(row);
    sums.add(row, COLUMN.available, 2);
    expect(sums.measures(row).available).toBe(-Number.MAX_SAFE_INTEGER);
  });
});
