/** What a cell's number format makes of a number, as far as it matters here. */
export type NumberMeaning =
  | { readonly kind: 'plain' }
  | { readonly kind: 'date' }
  /** Shown with leading zeros, so many digits wide. */
  | { readonly kind: 'padded'; readonly digits: number };

export const PLAIN: NumberMeaning = { kind: 'plain' };
const DATE: NumberMeaning = { kind: 'date' };

/** Built-in formats of dates and times, among them those of Chinese spreadsheets (ECMA-376 part 1, 18.8.30). */
const isBuiltInDate = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);

/** Quoted text, escaped characters, paddings, and brackets that hold colours, conditions or languages. */
const DECORATION = /"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]/gi;

/** @param code the custom format's code, when the id has one */
export const numberMeaning = (id: number, code: string | undefined): NumberMeaning => {
  if (code === undefined) return isBuiltInDate(id) ? DATE : PLAIN;
  const [positive = ''] = code.replace(DECORATION, '').split(';');
  if (/^0{2,}$/.test(positive.trim())) return { kind: 'padded', digits: positive.trim().length };
  return /[ymdhs]/i.test(positive.replace(/general/gi, '')) ? DATE : PLAIN;
};

const MS_PER_DAY = 86_400_000;

/**
 * The day of a spreadsheet's date number, YYYY-MM-DD; null when there is none. Day 60 of the 1900 system is a 29
 * February that never was, and the days before it are counted differently by different programs.
 */
export const dayOfSerial = (serial: number, date1904: boolean): string | null => {
  const days = Math.floor(serial);
  if (days < (date1904 ? 0 : 61) || days > 2_958_465) return null;
  const epoch = date1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  return new Date(epoch + days * MS_PER_DAY).toISOString().slice(0, 10);
};
