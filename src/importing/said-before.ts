import { basename } from 'node:path';

import { refuseValue } from '../platform/domain-error';
import { registerCodeOf, type RegistryRow } from './ledger-row';

/** Milestones are reached one after another, and a table may say so row by row. */
const MILESTONES: ReadonlySet<string> = new Set(['enteredOn', 'startedOn', 'completedOn', 'acceptedOn']);

/** What makes two rows speak of the same entry: the code, and the first day where versions have one. */
const entryOf = (row: RegistryRow): string =>
  `${row.ledger}|${registerCodeOf(row)}|${'validFrom' in row ? (row.validFrom ?? '') : ''}`;

const contentOf = ({ source: _source, row: _row, ...said }: RegistryRow): string =>
  JSON.stringify(Object.entries(said).filter(([field]) => !MILESTONES.has(field)));

const placeOf = ({ source: { file, sheet }, row }: RegistryRow): string => `${basename(file)} [${sheet}] ${row}`;

/** Where an import first said something of an entry: it cannot say two things of one at once. */
export class SaidBefore {
  readonly #rows = new Map<string, RegistryRow>();

  /** @throws DomainError ROWS_DISAGREE */
  requireAgreement(row: RegistryRow): void {
    const entry = entryOf(row);
    const first = this.#rows.get(entry);
    if (first === undefined) {
      this.#rows.set(entry, row);
      return;
    }
    if (contentOf(first) === contentOf(row)) return;
    const code = registerCodeOf(row);
    throw refuseValue(
      'ROWS_DISAGREE',
      FIELD_OF_CODE[row.ledger],
      code,
      `${code} 在这次导入中有两行，内容不同（另一行：${placeOf(first)}）。`,
      `${code} has two rows in this import that say different things (the other one: ${placeOf(first)}).`,
      '只保留正确的一行。',
      'Keep the row that is right.',
    );
  }
}

const FIELD_OF_CODE: Readonly<Record<RegistryRow['ledger'], string>> = {
  divisions: 'divisionCode',
  departments: 'departmentCode',
  purposes: 'purposeCode',
  channels: 'channelCode',
  projects: 'projectCode',
};
