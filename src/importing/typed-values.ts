import { DomainError } from '../platform/domain-error';
import { columnLetters, rawCellText } from './raw-sheet';
import { rawReaderOf } from './raw-reader';
import type { RowRefusal } from './row-refusal';

const keyOf = (sheet: string | null, cell: string): string => `${sheet ?? ''}!${cell}`;

/**
 * The refusals with what their cells hold in the file. Rules are judged by what was understood, where `640000` is `64`
 * and 100 万元 are 1,000,000.00 元; a person looks for what is written. The files are read once more for it, which only
 * a refused import costs; what cannot be read a second time keeps its understood value.
 */
export const withTypedValues = async (refusals: readonly RowRefusal[]): Promise<readonly RowRefusal[]> => {
  const byFile = new Map<string, Set<string>>();
  for (const { file, sheet, cell } of refusals) {
    if (cell === null) continue;
    const cells = byFile.get(file) ?? new Set();
    byFile.set(file, cells.add(keyOf(sheet, cell)));
  }
  const typed = new Map<string, ReadonlyMap<string, string>>();
  for (const [file, cells] of byFile) typed.set(file, await textsOf(file, cells));
  return refusals.map((refusal) => {
    const value = refusal.cell === null ? undefined : typed.get(refusal.file)?.get(keyOf(refusal.sheet, refusal.cell));
    return value === undefined ? refusal : { ...refusal, value };
  });
};

const textsOf = async (file: string, wanted: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>();
  const rows = new Set([...wanted].map((key) => Number(/\d+$/.exec(key)?.[0])));
  try {
    for await (const sheet of (await rawReaderOf(file))(file)) {
      for await (const batch of sheet.rows) {
        for (const { row, cells } of batch) {
          if (!rows.has(row)) continue;
          for (const [index, cell] of cells.entries()) {
            const key = keyOf(sheet.name, `${columnLetters(index)}${row}`);
            if (wanted.has(key)) texts.set(key, rawCellText(cell));
          }
        }
      }
    }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
  return texts;
};
