/** What the operating system says through Node: its code, such as `ENOENT`. */
export interface SystemError {
  readonly code: string;
  readonly syscall: string;
  readonly message: string;
}

/** Told by its shape, because an error may come from another realm, whose Error is another class. */
export const isSystemError = (error: unknown): error is SystemError =>
  typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error;

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

/** There is no room left, on the disk or within a quota. */
export const isNoSpace = (error: unknown): boolean =>
  isSystemError(error) && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
