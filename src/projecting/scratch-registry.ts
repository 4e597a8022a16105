import Database from 'better-sqlite3';

import type { RecordedEvent } from '../event-log/event';
import { READ_TABLES } from './read-schema';
import { RegistryWriter } from './registry-writer';

/** Tables of the registry and the projects, with the columns that order their rows. */
export const REGISTRY_TABLES = {
  division: 'code, valid_from, position',
  department: 'code, valid_from, position',
  channel: 'code, position',
  purpose: 'code, position',
  project: 'code, position',
} as const;
export type RegistryTable = keyof typeof REGISTRY_TABLES;

/** The registry's tables made anew in memory, to compare others with. */
export class ScratchRegistry {
  readonly #database = new Database(':memory:');
  readonly #writer: RegistryWriter;

  constructor() {
    this.#database.exec(READ_TABLES);
    this.#database.exec('BEGIN');
    this.#writer = new RegistryWriter(this.#database);
  }

  write(event: RecordedEvent): void {
    this.#writer.write(event);
  }

  rows(table: RegistryTable): readonly (readonly unknown[])[] {
    const sql = `SELECT * FROM ${table} ORDER BY ${REGISTRY_TABLES[table]}`;
    return this.#database.prepare(sql).raw(true).all() as readonly (readonly unknown[])[];
  }

  close(): void {
    this.#database.close();
  }
}
