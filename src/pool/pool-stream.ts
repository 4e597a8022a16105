const POOL_STREAM = /^pool-(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})-(\d{4})$/;

/** Name of the stream that decides all money of one division in one year. */
export const poolStream = (division: string, fiscalYear: number): string => `pool-${division}-${fiscalYear}`;

/** `pool-630222-2024` → its division and fiscal year; null for streams of other categories. */
export const poolOfStream = (stream: string): { readonly division: string; readonly fiscalYear: number } | null => {
  const [, division, year] = POOL_STREAM.exec(stream) ?? [];
  return division === undefined || year === undefined ? null : { division, fiscalYear: Number(year) };
};

/** A division as offices write it: provinces and cities with the zeros of six digits. */
export const customaryCode = (division: string): string => division.padEnd(6, '0');

/** A pool in a sentence: `630222 的 2024 年池`, `2024 pool of 630222`. */
export const poolInWords = (stream: string, language: 'zh' | 'en'): string => {
  const pool = poolOfStream(stream);
  if (pool === null) return stream;
  const division = customaryCode(pool.division);
  return language === 'zh' ? `${division} 的 ${pool.fiscalYear} 年池` : `${pool.fiscalYear} pool of ${division}`;
};
