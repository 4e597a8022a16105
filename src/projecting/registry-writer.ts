import type Database from 'better-sqlite3';

import type { RecordedEvent } from '../event-log/event';

interface Valid {
  readonly validFrom: string | null;
  readonly validTo: string | null;
}

interface DivisionData extends Valid {
  readonly divisionCode: string;
  readonly name: string;
}

interface DepartmentData extends Valid {
  readonly departmentCode: string;
  readonly name: string;
  readonly mergedInto: string | null;
}

interface ChannelData {
  readonly channelCode: string;
  readonly name: string;
  readonly departmentCode: string;
  readonly level: string;
  readonly kind: string;
  readonly allowedPurposes: readonly string[];
  readonly cashRequired: boolean;
}

interface PurposeData {
  readonly purposeCode: string;
  readonly name: string;
  readonly parentPurpose: string | null;
}

interface ProjectData {
  readonly projectCode: string;
  readonly projectName: string;
  readonly division: string;
  readonly purposeCode: string;
  readonly places: readonly string[];
  readonly category: string | null;
  readonly nature: string | null;
  readonly implementer: string | null;
  readonly content: string | null;
}

/** Since when a version without a first day has been valid: before every date. */
const SINCE_EVER = '';

/** Keeps the names and particulars of the registry and the projects for the screens. */
export class RegistryWriter {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(database: Database.Database) {
    this.#database = database;
  }

  write(event: RecordedEvent): void {
    switch (event.type) {
      case 'DivisionRegistered':
      case 'DivisionChanged': {
        const data = event.data as DivisionData;
        this.#run(
          'INSERT OR REPLACE INTO division (code, valid_from, valid_to, name) VALUES (?, ?, ?, ?)',
          data.divisionCode,
          data.validFrom ?? SINCE_EVER,
          data.validTo,
          data.name,
        );
        return;
      }
      case 'DepartmentRegistered':
      case 'DepartmentChanged': {
        const data = event.data as DepartmentData;
        this.#run(
          'INSERT OR REPLACE INTO department (code, valid_from, valid_to, name, merged_into) VALUES (?, ?, ?, ?, ?)',
          data.departmentCode,
          data.validFrom ?? SINCE_EVER,
          data.validTo,
          data.name,
          data.mergedInto,
        );
        return;
      }
      case 'ChannelRegistered':
      case 'ChannelChanged': {
        const data = event.data as ChannelData;
        this.#run(
          `INSERT OR REPLACE INTO channel (code, name, department_code, level, kind, allowed_purposes, cash_required)
             VALUES (?, ?, ?, ?, ?, ?, ?)`,
          data.channelCode,
          data.name,
          data.departmentCode,
          data.level,
          data.kind,
          JSON.stringify(data.allowedPurposes),
          data.cashRequired ? 1 : 0,
        );
        return;
      }
      case 'PurposeRegistered':
      case 'PurposeChanged': {
        const data = event.data as PurposeData;
        this.#run(
          'INSERT OR REPLACE INTO purpose (code, name, parent_purpose) VALUES (?, ?, ?)',
          data.purposeCode,
          data.name,
          data.parentPurpose,
        );
        return;
      }
      case 'ProjectRegistered':
      case 'ProjectChanged':
        this.#writeProject(event.data as ProjectData);
        return;
      case 'ProjectEnteredLibrary':
        this.#date('entered_on', event);
        return;
      case 'ProjectStarted':
        this.#date('started_on', event);
        return;
      case 'ProjectCompleted':
        this.#date('completed_on', event);
        return;
      case 'ProjectAccepted':
        this.#date('accepted_on', event);
        return;
      case 'ProjectExitedLibrary':
        this.#date('exited_on', event);
        return;
    }
  }

  #writeProject(data: ProjectData): void {
    this.#run(
      `INSERT INTO project (code, name, division, purpose_code, category, nature, implementer, content)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (code) DO UPDATE SET name = excluded.name, division = excluded.division,
         purpose_code = excluded.purpose_code, category = excluded.category, nature = excluded.nature,
         implementer = excluded.implementer, content = excluded.content`,
      data.projectCode,
      data.projectName,
      data.division,
      data.purposeCode,
      data.category,
      data.nature,
      data.implementer,
      data.content,
    );
    this.#run('DELETE FROM project_place WHERE project_code = ?', data.projectCode);
    for (const place of data.places) {
      this.#run('INSERT OR REPLACE INTO project_place (project_code, place) VALUES (?, ?)', data.projectCode, place);
    }
  }

  #date(
    column: 'entered_on' | 'started_on' | 'completed_on' | 'accepted_on' | 'exited_on',
    event: RecordedEvent,
  ): void {
    const data = event.data as { readonly projectCode: string; readonly on: string };
    this.#run(`UPDATE project SET ${column} = ? WHERE code = ?`, data.on, data.projectCode);
  }

  #run(sql: string, ...parameters: readonly unknown[]): void {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    statement.run(...parameters);
  }
}
