import { stat } from 'node:fs/promises';
import { extname } from 'node:path';

import { DomainError } from '../platform/domain-error';
import { readCsvFile } from './csv-reader';
import { fileEmpty, fileNotFound, fileTypeUnknown, fileUnreadable } from './file-refusals';
import type { RawFileReader } from './raw-sheet';
import { isSystemError } from '../platform/system-error';
import { readWorkbookFile } from './workbook-reader';

const READERS: Readonly<Record<string, RawFileReader>> = { '.xlsx': readWorkbookFile, '.csv': readCsvFile };

/**
 * The reader of a file, by what its name says it is.
 * @throws DomainError of kind `input`: not there, not a file, empty, or of another kind
 */
export const rawReaderOf = async (file: string): Promise<RawFileReader> => {
  try {
    const status = await stat(file);
    if (!status.isFile()) throw fileUnreadable(file, status.isDirectory() ? 'EISDIR' : 'NOT_A_FILE');
    const read = READERS[extname(file).toLowerCase()];
    if (read === undefined) throw fileTypeUnknown(file);
    if (status.size === 0) throw fileEmpty(file);
    return read;
  } catch (error) {
    throw asFileRefusal(file, error);
  }
};

/** What the operating system says about a file is the user's to mend; any other error is a defect and thrown on. */
export const asFileRefusal = (file: string, error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  if (!isSystemError(error)) throw error;
  return error.code === 'ENOENT' ? fileNotFound(file) : fileUnreadable(file, error.code);
};
