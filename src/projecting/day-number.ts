/** `2024-06-30` → 20240630: business dates as the read database keeps them. */
export const dayNumber = (date: string): number =>
  Number(date.slice(0, 4)) * 10_000 + Number(date.slice(5, 7)) * 100 + Number(date.slice(8, 10));

/** 20240630 → `2024-06-30`. */
export const dateOfDay = (day: number): string => {
  const digits = String(day).padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
};

/** Later than every business date. */
export const LAST_DAY = 99_991_231;
