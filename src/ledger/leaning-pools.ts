import type { ReadSnapshot, SnapshotSource } from '../projecting/read-database';

/** In which pools the money is that leans on something in the registers. Names of streams, each once. */
export interface LeaningPools {
  /** Where projects have, or ever had, accounts. */
  ofProjects(projectCodes: readonly string[]): Promise<readonly string[]>;
  /** Which have lines of channels. */
  ofChannels(channelCodes: readonly string[]): Promise<readonly string[]>;
  /** Which have lines of purposes. */
  ofPurposes(purposeCodes: readonly string[]): Promise<readonly string[]>;
  /** A division's own, and those with money at it as a place. */
  ofDivision(divisionCode: string): Promise<readonly string[]>;
  /** Projects that have a purpose of these now. */
  projectsOfPurposes(purposeCodes: readonly string[]): Promise<readonly string[]>;
}

const POOLS = 'SELECT DISTINCT stream.name FROM stream CROSS JOIN';
const OF_PROJECTS = `${POOLS} account ON account.pool = stream.id
  WHERE account.project_code IN (SELECT value FROM json_each(?))`;
const OF_CHANNELS = `${POOLS} quota_line ON quota_line.pool = stream.id
  WHERE quota_line.channel_code IN (SELECT value FROM json_each(?))`;
const OF_PURPOSES = `${POOLS} quota_line ON quota_line.pool = stream.id
  WHERE quota_line.purpose_code IN (SELECT value FROM json_each(?))`;
const OF_DIVISION = `WITH asked(code) AS (VALUES (?))
  SELECT name FROM stream WHERE division = (SELECT code FROM asked)
  UNION SELECT stream.name FROM stream CROSS JOIN account ON account.pool = stream.id
         WHERE account.place = (SELECT code FROM asked)`;
const PROJECTS_OF_PURPOSES = `SELECT code FROM project WHERE purpose_code IN (SELECT value FROM json_each(?))
  AND position = (SELECT max(position) FROM project AS newest WHERE newest.code = project.code)`;

/** Asks the read model, brought to the end of the log first. It says only where to look; the pools themselves decide. */
export class LeaningPoolsOfReadModel implements LeaningPools {
  readonly #source: SnapshotSource & { readonly catchUp: () => Promise<unknown> };

  constructor(source: SnapshotSource & { readonly catchUp: () => Promise<unknown> }) {
    this.#source = source;
  }

  ofProjects(projectCodes: readonly string[]): Promise<readonly string[]> {
    return this.#names(OF_PROJECTS, JSON.stringify(projectCodes));
  }

  ofChannels(channelCodes: readonly string[]): Promise<readonly string[]> {
    return this.#names(OF_CHANNELS, JSON.stringify(channelCodes));
  }

  ofPurposes(purposeCodes: readonly string[]): Promise<readonly string[]> {
    return this.#names(OF_PURPOSES, JSON.stringify(purposeCodes));
  }

  ofDivision(divisionCode: string): Promise<readonly string[]> {
    return this.#names(OF_DIVISION, divisionCode);
  }

  projectsOfPurposes(purposeCodes: readonly string[]): Promise<readonly string[]> {
    return this.#names(PROJECTS_OF_PURPOSES, JSON.stringify(purposeCodes));
  }

  async #names(sql: string, parameter: string): Promise<readonly string[]> {
    await this.#source.catchUp();
    return this.#source.read((snapshot: ReadSnapshot) =>
      snapshot.all<readonly [string]>(sql, parameter).map(([name]) => name),
    );
  }
}
