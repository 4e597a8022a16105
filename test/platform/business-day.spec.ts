import { businessDayOf, todayInShanghai } from '../../src/platform/business-date';

describe('the business day of an instant', () => {
  it.each([
    ['2024-06-30T00:00:00.000Z', '2024-06-30'],
    ['2024-06-30T15:59:59.999Z', '2024-06-30'],
    ['2024-06-30T16:00:00.000Z', '2024-07-01'],
    ['2023-12-31T16:00:00.000Z', '2024-01-01'],
    ['2024-02-28T23:59:59.000Z', '2024-02-29'],
  ])('%s is %s in Shanghai', (recordedAt, day) => {
    expect(businessDayOf(recordedAt)).toBe(day);
    expect(todayInShanghai(new Date(recordedAt))).toBe(day);
  });
});
