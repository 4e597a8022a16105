import fc from 'fast-check';

import { LinesByAge } from '../../src/pool/lines-by-age';
import { type QuotaLine, quotaLineId } from '../../src/pool/quota-line';

const lineOf = (document: number, channel: number, purpose: number, day: number): QuotaLine => {
  const [documentNo, channelCode, purposeCode] = [`文〔2024〕${document}号`, `C${channel}`, `P${purpose}`];
  return {
    quotaLine: quotaLineId(documentNo, channelCode, purposeCode),
    documentNo,
    parentDocumentNo: null,
    channelCode,
    purposeCode,
    departmentCode: 'FINANCE',
    level: '省',
    kind: '行业',
    cashRequired: false,
    issuedOn: `2024-01-${String(day).padStart(2, '0')}`,
  };
};

const oldestFirst = (left: QuotaLine, right: QuotaLine): number =>
  left.issuedOn < right.issuedOn || (left.issuedOn === right.issuedOn && left.documentNo < right.documentNo) ? -1 : 1;

const entries = fc.array(
  fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 1 }), fc.nat({ max: 1 }), fc.integer({ min: 1, max: 5 })),
  { maxLength: 60 },
);

it('holds each line once, with its newest date, in the order of age', () => {
  fc.assert(
    fc.property(entries, (drawn) => {
      const book = new LinesByAge();
      const known = new Map<string, QuotaLine>();
      for (const [document, channel, purpose, day] of drawn) {
        const line = lineOf(document, channel, purpose, day);
        book.put(line, known.get(line.quotaLine));
        known.set(line.quotaLine, line);
      }
      for (const channelCode of ['C0', 'C1']) {
        for (const purposeCode of ['P0', 'P1']) {
          const expected = [...known.values()].filter(
            (line) => line.channelCode === channelCode && line.purposeCode === purposeCode,
          );
          expect(book.of(channelCode, purposeCode) ?? []).toEqual(expected.sort(oldestFirst));
        }
      }
    }),
  );
});

it('says undefined of a channel and purpose that nothing came for', () => {
  const book = new LinesByAge();
  book.put(lineOf(1, 0, 0, 1), undefined);
  expect(book.of('C0', 'P1')).toBeUndefined();
  expect(book.of('C1', 'P0')).toBeUndefined();
});
