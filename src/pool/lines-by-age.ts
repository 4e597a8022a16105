import type { QuotaLine } from './quota-line';

/** By 下达日期, then by document number. */
const isOlder = (left: QuotaLine, right: QuotaLine): boolean =>
  left.issuedOn === right.issuedOn ? left.documentNo < right.documentNo : left.issuedOn < right.issuedOn;

/** Where a line belongs: behind all that are older. */
const placeOf = (lines: readonly QuotaLine[], line: QuotaLine): number => {
  let from = 0;
  let to = lines.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (isOlder(lines[middle] as QuotaLine, line)) from = middle + 1;
    else to = middle;
  }
  return from;
};

/** The lines of each channel and purpose, oldest first (先进先出), for commands that do not name a document. */
export class LinesByAge {
  readonly #lines = new Map<string, Map<string, QuotaLine[]>>();

  /** Undefined when the channel brought nothing for the purpose; the book's own list, which the next `put` changes. */
  of(channelCode: string, purposeCode: string): readonly QuotaLine[] | undefined {
    return this.#lines.get(channelCode)?.get(purposeCode);
  }

  /** @param known the same line as it was put here before, with the date it had then */
  put(line: QuotaLine, known: QuotaLine | undefined): void {
    const lines = this.#listFor(line);
    if (known !== undefined) lines.splice(placeOf(lines, known), 1);
    lines.splice(placeOf(lines, line), 0, line);
  }

  #listFor({ channelCode, purposeCode }: QuotaLine): QuotaLine[] {
    let ofChannel = this.#lines.get(channelCode);
    if (ofChannel === undefined) {
      ofChannel = new Map();
      this.#lines.set(channelCode, ofChannel);
    }
    let lines = ofChannel.get(purposeCode);
    if (lines === undefined) {
      lines = [];
      ofChannel.set(purposeCode, lines);
    }
    return lines;
  }
}
