/**
 * The read database is disposable: one that was made with other tables, indexes or projections is built anew from the
 * log. Where only what is written into the tables changes, this number is raised.
 */
export const READ_WRITER_VERSION = 4;

/** Everything that rows are written into; no index yet but the primary keys. */
export const READ_TABLES = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE checkpoint (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), position INTEGER NOT NULL) STRICT;

  -- Entries of the official projections' states, one state a pool.
  CREATE TABLE entry (
    projection INTEGER NOT NULL, section TEXT NOT NULL, key TEXT NOT NULL, pool INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (projection, section, key, pool)
  ) STRICT, WITHOUT ROWID;

  -- Dimensions. A stream of the category pool is a pool and has a division and a fiscal year.
  CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL, division TEXT, fiscal_year INTEGER) STRICT;
  CREATE TABLE event_type (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
  -- A quota line as one pool knows it: the particulars that came with the money. One that is issued anew has a new row.
  CREATE TABLE quota_line (
    id INTEGER PRIMARY KEY, pool INTEGER NOT NULL, quota_line TEXT NOT NULL, document_no TEXT NOT NULL,
    parent_document_no TEXT, channel_code TEXT NOT NULL, purpose_code TEXT NOT NULL, department_code TEXT NOT NULL,
    level TEXT NOT NULL, kind TEXT NOT NULL, cash_required INTEGER NOT NULL, issued_on TEXT NOT NULL
  ) STRICT;
  -- An account of one pool. Money in transit belongs to the pool that issued it, carried money to the one it left.
  CREATE TABLE account (
    id INTEGER PRIMARY KEY, pool INTEGER NOT NULL, path TEXT NOT NULL, kind INTEGER NOT NULL,
    project_code TEXT, place TEXT
  ) STRICT;

  -- Facts: one row an event, one a movement, one a cash receipt. Business dates are whole numbers yyyymmdd.
  CREATE TABLE event (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL, stream INTEGER NOT NULL, revision INTEGER NOT NULL,
    type INTEGER NOT NULL, effective_on INTEGER NOT NULL, document_no TEXT, about_document_no TEXT,
    reversed_event_id TEXT, repays_voucher_no TEXT, payee TEXT,
    first_movement INTEGER NOT NULL, movements INTEGER NOT NULL
  ) STRICT;
  -- Ids follow the positions and, within one event, the order of its movements.
  CREATE TABLE movement (
    id INTEGER PRIMARY KEY, position INTEGER NOT NULL, effective_on INTEGER NOT NULL, line INTEGER NOT NULL,
    from_account INTEGER NOT NULL, to_account INTEGER NOT NULL, amount INTEGER NOT NULL
  ) STRICT;
  -- Movements out of transit (or of last year's carried money) that another pool than the owner's recorded.
  CREATE TABLE taken_in (pool INTEGER NOT NULL, movement INTEGER NOT NULL) STRICT;
  CREATE TABLE cash_receipt (
    id INTEGER PRIMARY KEY, position INTEGER NOT NULL, effective_on INTEGER NOT NULL, line INTEGER NOT NULL,
    amount INTEGER NOT NULL
  ) STRICT;

  -- When periods were closed and opened again; change is numbered in period-writer.ts, period is YYYY-MM or YYYY.
  CREATE TABLE period_change (
    position INTEGER PRIMARY KEY, pool INTEGER NOT NULL, change INTEGER NOT NULL, period TEXT NOT NULL,
    effective_on INTEGER NOT NULL, document_no TEXT NOT NULL, requested_by TEXT, approved_by TEXT, reason TEXT,
    actor TEXT NOT NULL
  ) STRICT;
  -- Events that went into a closed period, and the approval that let them in.
  CREATE TABLE adjustment (
    position INTEGER PRIMARY KEY, approval_no TEXT NOT NULL, approved_by TEXT NOT NULL
  ) STRICT;

  -- The movements once more, packed column by column, for questions that look at all of them; see movement-columns.ts.
  CREATE TABLE movement_columns (
    first_id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, first_position INTEGER NOT NULL, first_day INTEGER NOT NULL,
    columns BLOB NOT NULL
  ) STRICT;
  -- Since which position the ledger has known of a business date that is earlier than all before.
  CREATE TABLE first_day (position INTEGER PRIMARY KEY, effective_on INTEGER NOT NULL) STRICT;

  -- Registry, with valid time: of one code there may be several versions. What an event said stays beside what later
  -- ones say, so that the registry can be read at any position.
  CREATE TABLE division (
    code TEXT NOT NULL, valid_from TEXT NOT NULL, position INTEGER NOT NULL, valid_to TEXT, name TEXT NOT NULL,
    PRIMARY KEY (code, valid_from, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE department (
    code TEXT NOT NULL, valid_from TEXT NOT NULL, position INTEGER NOT NULL, valid_to TEXT, name TEXT NOT NULL,
    merged_into TEXT, PRIMARY KEY (code, valid_from, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE channel (
    code TEXT NOT NULL, position INTEGER NOT NULL, effective_on INTEGER NOT NULL, name TEXT NOT NULL,
    department_code TEXT NOT NULL, level TEXT NOT NULL, kind TEXT NOT NULL, allowed_purposes TEXT NOT NULL,
    cash_required INTEGER NOT NULL, PRIMARY KEY (code, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE purpose (
    code TEXT NOT NULL, position INTEGER NOT NULL, effective_on INTEGER NOT NULL, name TEXT NOT NULL,
    parent_purpose TEXT, PRIMARY KEY (code, position)
  ) STRICT, WITHOUT ROWID;
  -- Every event of a project makes a whole row; places are a JSON array.
  CREATE TABLE project (
    code TEXT NOT NULL, position INTEGER NOT NULL, effective_on INTEGER NOT NULL, name TEXT NOT NULL,
    division TEXT NOT NULL, purpose_code TEXT NOT NULL, places TEXT NOT NULL, category TEXT, nature TEXT,
    implementer TEXT, content TEXT, entered_on TEXT, started_on TEXT, completed_on TEXT, accepted_on TEXT,
    exited_on TEXT, PRIMARY KEY (code, position)
  ) STRICT, WITHOUT ROWID;
  -- Every place that a project ever had.
  CREATE TABLE project_place (
    place TEXT NOT NULL, project_code TEXT NOT NULL, PRIMARY KEY (place, project_code)
  ) STRICT, WITHOUT ROWID;
`;

/** Made last in a rebuild: sorting once is several times cheaper than keeping a tree in order at every insert. */
export const READ_INDEXES = `
  CREATE INDEX entry_by_pool ON entry (pool);
  CREATE UNIQUE INDEX stream_by_name ON stream (name);
  CREATE UNIQUE INDEX event_type_by_name ON event_type (name);
  CREATE INDEX quota_line_by_pool ON quota_line (pool, quota_line);
  CREATE INDEX quota_line_by_name ON quota_line (quota_line);
  CREATE INDEX quota_line_by_document ON quota_line (document_no);
  CREATE UNIQUE INDEX account_by_path ON account (pool, path);
  CREATE INDEX account_by_place ON account (place) WHERE place IS NOT NULL;
  CREATE INDEX account_by_project ON account (project_code) WHERE project_code IS NOT NULL;
  CREATE INDEX event_by_id ON event (id);
  CREATE INDEX event_by_document ON event (document_no) WHERE document_no IS NOT NULL;
  CREATE INDEX event_about_document ON event (about_document_no) WHERE about_document_no IS NOT NULL;
  CREATE INDEX event_by_reversed ON event (reversed_event_id) WHERE reversed_event_id IS NOT NULL;
  CREATE INDEX movement_by_line ON movement (line, effective_on, position, from_account, to_account, amount);
  CREATE INDEX taken_in_by_pool ON taken_in (pool, movement);
  CREATE INDEX cash_receipt_by_line ON cash_receipt (line, effective_on, position, amount);
`;
