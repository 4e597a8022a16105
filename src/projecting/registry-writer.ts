import type Database from 'better-sqlite3';

import type { RecordedEvent } from '../event-log/event';
import { dayNumber } from './day-number';

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

type Milestone = 'entered_on' | 'started_on' | 'completed_on' | 'accepted_on' | 'exited_on';

/** Keeps the names and particulars of the registry and the projects, as each position knew them. */
export class RegistryWriter {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(database: Database.Database) {
    this.#database = database;
  }

  write(event: RecordedEvent): void {
    const day = dayNumber(event.effectiveOn);
    switch (event.type) {
      case 'DivisionRegistered':
      case 'DivisionChanged': {
        const data = event.data as DivisionData;
        this.#run(
          'INSERT INTO division (code, valid_from, position, valid_to, name) VALUES (?, ?, ?, ?, ?)',
          data.divisionCode,
          data.validFrom ?? SINCE_EVER,
          event.position,
          data.validTo,
          data.name,
        );
        return;
      }
      case 'DepartmentRegistered':
      case 'DepartmentChanged': {
        const data = event.data as DepartmentData;
        this.#run(
          'INSERT INTO department (code, valid_from, position, valid_to, name, merged_into) VALUES (?, ?, ?, ?, ?, ?)',
          data.departmentCode,
          data.validFrom ?? SINCE_EVER,
          event.position,
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
          `INSERT INTO channel (code, position, effective_on, name, department_code, level, kind, allowed_purposes,
             cash_required) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          data.channelCode,
          event.position,
          day,
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
          'INSERT INTO purpose (code, position, effective_on, name, parent_purpose) VALUES (?, ?, ?, ?, ?)',
          data.purposeCode,
          event.position,
          day,
          data.name,
          data.parentPurpose,
        );
        return;
      }
      case 'ProjectRegistered':
      case 'ProjectChanged':
        this.#writeProject(event.position, day, event.data as ProjectData);
        return;
      case 'ProjectEnteredLibrary':
        this.#date('entered_on', event, day);
        return;
      case 'ProjectStarted':
        this.#date('started_on', event, day);
        return;
      case 'ProjectCompleted':
        this.#date('completed_on', event, day);
        return;
      case 'ProjectAccepted':
        this.#date('accepted_on', event, day);
        return;
      case 'ProjectExitedLibrary':
        this.#date('exited_on', event, day);
        return;
    }
  }

  /** Changed particulars keep the milestones that are on record. */
  #writeProject(position: number, day: number, data: ProjectData): void {
    this.#run(
      `INSERT INTO project (code, position, effective_on, name, division, purpose_code, places, category, nature,
         implementer, content, entered_on, started_on, completed_on, accepted_on, exited_on)
       SELECT new.code, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
              old.entered_on, old.started_on, old.completed_on, old.accepted_on, old.exited_on
         FROM (SELECT ? AS code) AS new LEFT JOIN project AS old
           ON old.code = new.code AND old.position = (SELECT max(position) FROM project WHERE code = new.code)`,
      position,
      day,
      data.projectName,
      data.division,
      data.purposeCode,
      JSON.stringify(data.places),
      data.category,
      data.nature,
      data.implementer,
      data.content,
      data.projectCode,
    );
    for (const place of data.places) {
      this.#run('INSERT OR IGNORE INTO project_place (place, project_code) VALUES (?, ?)', place, data.projectCode);
    }
  }

  #date(column: Milestone, event: RecordedEvent, day: number): void {
    const data = event.data as { readonly projectCode: string; readonly on: string };
    const milestones = MILESTONES.map((each) => (each === column ? '?' : each)).join(', ');
    this.#run(
      `INSERT INTO project (code, position, effective_on, name, division, purpose_code, places, category, nature,
         implementer, content, ${MILESTONES.join(', ')})
       SELECT code, ?, ?, name, division, purpose_code, places, category, nature, implementer, content, ${milestones}
         FROM project WHERE code = ? ORDER BY position DESC LIMIT 1`,
      event.position,
      day,
      data.on,
      data.projectCode,
    );
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

const MILESTONES: readonly Milestone[] = ['entered_on', 'started_on', 'completed_on', 'accepted_on', 'exited_on'];
