import { canonicalJson } from '../event-log/canonical-json';
import { addFen, type Fen } from '../money/fen';
import { DomainError } from '../platform/domain-error';

/** One line of a document: an amount, and whatever else it says of it. */
export interface DocumentLine {
  readonly amount: Fen;
  /** 行号: tells lines apart that say the same, where both are meant. Nothing else hangs on it. */
  readonly lineNo?: string;
}

interface Known<Line> {
  readonly place: number;
  readonly said: Map<string, number>;
  line: Line;
}

/**
 * What a document says of the same money in several lines is one amount, before anything is decided: decided line by
 * line, the second would be judged as if the first were not there. Lines that say the very same, amount and all, are
 * more often a copy than meant, so they are asked about.
 *
 * @throws DomainError ROW_TWICE when two lines are equal and no 行号 tells them apart; LINES_MISSING when there is none
 */
export const summedLines = <Line extends DocumentLine>(lines: readonly Line[]): readonly Line[] => {
  if (lines.length === 0) throw linesMissing();
  if (lines.length === 1) return lines;
  const sums = new Map<string, Known<Line>>();
  for (const [place, line] of lines.entries()) {
    const { amount, lineNo, ...about } = line;
    const key = canonicalJson(about);
    const same = `${amount}|${lineNo ?? ''}`;
    const known = sums.get(key);
    if (known === undefined) {
      sums.set(key, { place, said: new Map([[same, place]]), line });
      continue;
    }
    const first = known.said.get(same);
    if (first !== undefined) throw rowTwice(first, place);
    known.said.set(same, place);
    known.line = { ...known.line, amount: addFen(known.line.amount, amount) };
  }
  return [...sums.values()].map(({ line }) => line);
};

/** An entry of money that moves none would use its number up and say nothing. */
const linesMissing = (): DomainError =>
  new DomainError('input', {
    code: 'LINES_MISSING',
    message: '凭证没有一行金额。',
    messageEn: 'The document has no line with an amount.',
    remedy: '至少写一行。',
    remedyEn: 'Give at least one line.',
    parameters: { field: 'lines' },
  });

/** @param first place of the line among the document's lines, counted from 0, as `second` */
export const rowTwice = (first: number, second: number): DomainError =>
  new DomainError('input', {
    code: 'ROW_TWICE',
    message: `同一凭证的第 ${first + 1} 行与第 ${second + 1} 行说的是同一笔。`,
    messageEn: `Lines ${first + 1} and ${second + 1} of the document say the very same.`,
    remedy: '重复的，删去一行；确为两笔的，合成一行，或用“行号”（lineNo）区分。',
    remedyEn:
      'If it is a copy, delete one; if both are meant, make them one line, or tell them apart by lineNo (行号).',
    parameters: { first, second },
  });
