/** One measured figure beside the limit that the machine sets in the same run. */
export interface BenchmarkLine {
  /** The main figure of a benchmark has the benchmark's own name. */
  readonly name: string;
  readonly figure: number;
  readonly limit: number;
  /** figure / limit. */
  readonly ratio: number;
  readonly unit: string;
  /** What else is to be known: how many callers, events, bytes. */
  readonly [detail: string]: string | number | boolean;
}

/** Three digits are more than a shared machine can promise. */
const SIGNIFICANT_DIGITS = 4;

const rounded = (value: number): number => Number(value.toPrecision(SIGNIFICANT_DIGITS));

export const benchmarkLine = (
  name: string,
  unit: string,
  figure: number,
  limit: number,
  details: Readonly<Record<string, string | number | boolean>> = {},
): BenchmarkLine => ({
  name,
  figure: rounded(figure),
  limit: rounded(limit),
  ratio: rounded(figure / limit),
  unit,
  ...details,
});

/** The middle one, so that one disturbed round of several says nothing. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/** For programs: one JSON object a line. */
export const jsonLine = (line: BenchmarkLine): string => JSON.stringify(line);

const NUMBER = new Intl.NumberFormat('en-US', { maximumSignificantDigits: SIGNIFICANT_DIGITS });

/** For people. */
export const textLine = ({ name, figure, limit, ratio, unit, ...details }: BenchmarkLine): string => {
  const rest = Object.entries(details).map(([key, value]) => `${key}=${value}`);
  const number = (value: number): string => NUMBER.format(value);
  return [
    name.padEnd(22),
    `${number(figure)} ${unit}`.padStart(22),
    `limit ${number(limit)}`.padStart(20),
    `ratio ${ratio.toFixed(3)}`.padStart(14),
    ` ${rest.join(' ')}`,
  ].join(' ');
};

/** Data goes to stdout as it comes; nothing is held back until a long run has ended. */
export const printLine = (line: BenchmarkLine, asJson: boolean): void => {
  process.stdout.write(`${asJson ? jsonLine(line) : textLine(line)}\n`);
};
