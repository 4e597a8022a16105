import type Database from 'better-sqlite3';

import { leafHash } from '../tree/merkle-hash';
import { growTree } from '../tree/tree-store';
import { TREE_SCHEMA, TreeTables } from './tree-tables';

/** `YICH` in ASCII: how a file says whose it is. */
export const APPLICATION_ID = 0x59494348;

/**
 * Positions count from 1 without gaps. Nothing is ever changed or deleted: the triggers abort it, and a REPLACE
 * conflict clause, which deletes silently, meets the same triggers because recursive triggers are on.
 */
const EVENT_SCHEMA = `
  CREATE TABLE stream (
    stream_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE event (
    position INTEGER PRIMARY KEY CHECK (position > 0),
    stream_id INTEGER NOT NULL REFERENCES stream (stream_id),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    canonical TEXT NOT NULL,
    UNIQUE (stream_id, revision)
  ) STRICT;
  CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
  END;
  CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event BEGIN
    SELECT RAISE(ABORT, 'events are never deleted');
  END;
  CREATE TRIGGER stream_is_never_changed BEFORE UPDATE ON stream BEGIN
    SELECT RAISE(ABORT, 'streams are never changed');
  END;
  CREATE TRIGGER stream_is_never_deleted BEFORE DELETE ON stream BEGIN
    SELECT RAISE(ABORT, 'streams are never deleted');
  END;
`;

/** Events that are read at once while the tree over an older file is built: a few megabytes. */
const TREE_PAGE_EVENTS = 4096;

type MigrationStep = (database: Database.Database) => void;

/** What leads from each version to the next; from version 0, which is an empty file, on. Never changed, only added to. */
const STEPS: readonly MigrationStep[] = [
  (database) => {
    database.exec(EVENT_SCHEMA);
    database.pragma(`application_id = ${APPLICATION_ID}`);
  },
  (database) => {
    database.exec(TREE_SCHEMA);
    buildTree(database);
  },
];

/** Version of the tables; a file with a greater one was written by a newer program. */
export const FORMAT_VERSION = STEPS.length;

/** Brings the tables from a version to the newest one, inside the caller's transaction. */
export const migrate = (database: Database.Database, fromVersion: number): void => {
  for (const step of STEPS.slice(fromVersion)) step(database);
  database.pragma(`user_version = ${FORMAT_VERSION}`);
};

type EventRow = readonly [position: number, canonical: Buffer];

/** Builds the tree of the events that were stored before the log kept one. */
const buildTree = (database: Database.Database): void => {
  const tree = new TreeTables(database);
  const frontier = tree.frontier(0);
  const readEvents = database
    .prepare('SELECT position, CAST(canonical AS BLOB) FROM event WHERE position > ? ORDER BY position LIMIT ?')
    .raw();
  let last = 0;
  for (;;) {
    const page = readEvents.all(last, TREE_PAGE_EVENTS) as EventRow[];
    tree.insert(
      growTree(
        frontier,
        page.map(([, canonical]) => leafHash(canonical)),
      ),
    );
    last = page.at(-1)?.[0] ?? last;
    if (page.length < TREE_PAGE_EVENTS) return;
  }
};
