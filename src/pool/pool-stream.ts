const POOL_STREAM = /^pool-(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})-(\d{4})$/;

/** Name of the stream that decides all money of one division in one year. */
export const poolStream = (division: string, fiscalYear: number): string => `pool-${division}-${fiscalYear}`;

/** `pool-630222-2024` → its division and fiscal year; null for streams of other categories. */
export const poolOfStream = (stream: string): { readonly division: string; readonly fiscalYear: number } | null => {
  const [, division, year] = POOL_STREAM.exec(stream) ?? [];
  return division === undefined || year === undefined ? null : { division, fiscalYear: Number(year) };
};
