import type { SchemaObject } from '@nestjs/swagger/dist/interfaces/open-api-spec.interface';

import { MEASURE_NAMES, MEASURES } from '../../balances/measures';

/** Shapes of answers for the documentation; what they mean is in the interface page. */

export const TEXT: SchemaObject = { type: 'string' };
export const TEXT_OR_NULL: SchemaObject = { type: 'string', nullable: true };
export const DATE_OR_NULL: SchemaObject = { type: 'string', format: 'date', nullable: true };
export const AMOUNT: SchemaObject = { type: 'string', example: '1000000.00' };
export const POSITION: SchemaObject = { type: 'string', example: '57' };

export const objectOf = (properties: Record<string, SchemaObject>): SchemaObject => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});

export const arrayOf = (items: SchemaObject): SchemaObject => ({ type: 'array', items });

/** Text columns, or some of them that may be null. */
export const textsOf = (names: readonly string[], nullable: readonly string[] = []): Record<string, SchemaObject> =>
  Object.fromEntries(names.map((name) => [name, nullable.includes(name) ? TEXT_OR_NULL : TEXT]));

export const BOOKMARK = objectOf({
  name: TEXT,
  position: POSITION,
  asOf: DATE_OR_NULL,
  treeSize: { type: 'integer' },
  treeRoot: { ...TEXT, description: 'base64' },
  remark: TEXT_OR_NULL,
});

/** An answer that carries the bookmark it was read at, where there is one. */
export const readAtBookmark = (answer: SchemaObject): SchemaObject => ({
  ...answer,
  properties: { ...answer.properties, bookmark: BOOKMARK },
});

/** The same shape with one member more. */
const withMember = (schema: SchemaObject, name: string, member: SchemaObject): SchemaObject => ({
  ...schema,
  required: [...(schema.required ?? []), name],
  properties: { ...schema.properties, [name]: member },
});

export const pageSchema = (row: SchemaObject): SchemaObject =>
  readAtBookmark(objectOf({ position: POSITION, rows: arrayOf(row), next: TEXT_OR_NULL }));

export const measures = objectOf(
  Object.fromEntries(
    MEASURES.map((measure) => [
      measure,
      { ...AMOUNT, description: `${MEASURE_NAMES[measure].zh} · ${MEASURE_NAMES[measure].en}` },
    ]),
  ),
);

export const BALANCES_ANSWER = readAtBookmark(
  objectOf({
    by: TEXT,
    asOf: DATE_OR_NULL,
    position: POSITION,
    unit: { type: 'string', enum: ['元'] },
    rows: arrayOf(objectOf({ key: TEXT, name: TEXT, measures })),
    total: measures,
  }),
);

const actor = objectOf(textsOf(['id', 'role', 'division']));

export const EVENT: SchemaObject = objectOf({
  position: POSITION,
  ...textsOf(
    ['stream', 'id', 'type', 'recordedAt', 'effectiveOn', 'commandId', 'correlationId', 'causationId', 'basis'],
    ['causationId'],
  ),
  revision: { type: 'integer' },
  schemaVersion: { type: 'integer' },
  actor,
  metadata: { type: 'object', additionalProperties: TEXT },
  data: { type: 'object', additionalProperties: true },
});

/** Where the proof of an event is to be had. */
const PROOF_LINK = objectOf({ proof: { type: 'string', example: '/api/v1/proofs/inclusion/{id}' } });

export const EVENT_ANSWER = objectOf({ position: POSITION, event: EVENT, links: PROOF_LINK });

export const EVENTS_ANSWER = withMember(pageSchema(EVENT), 'links', PROOF_LINK);

export const MOVEMENT = objectOf({
  eventPosition: POSITION,
  ...textsOf(
    ['eventId', 'eventType', 'effectiveOn', 'stream', 'documentNo', 'quotaLine', 'from', 'to'],
    ['documentNo'],
  ),
  amount: AMOUNT,
  adjustment: { ...objectOf(textsOf(['approvalNo', 'approvedBy'])), nullable: true },
});

export const LINE = objectOf({
  ...textsOf(
    [
      'quotaLine',
      'division',
      'documentNo',
      'parentDocumentNo',
      'channelCode',
      'purposeCode',
      'departmentCode',
      'level',
      'kind',
      'issuedOn',
    ],
    ['parentDocumentNo'],
  ),
  fiscalYear: { type: 'integer' },
  cashRequired: { type: 'boolean' },
  balances: objectOf({ unintegrated: AMOUNT, available: AMOUNT, unspent: AMOUNT, held: AMOUNT, paid: AMOUNT }),
});

const note = {
  position: POSITION,
  ...textsOf(['id', 'type', 'stream', 'documentNo', 'effectiveOn'], ['documentNo']),
};

/** What was changed about projects and channels; an answer has it only where there is something. */
const REGISTER_CHANGES = arrayOf(
  objectOf({ ...note, ...textsOf(['ledger', 'key', 'field', 'from', 'to'], ['from', 'to']) }),
);

const withRegisterChanges = (answer: SchemaObject): SchemaObject => ({
  ...answer,
  properties: { ...answer.properties, registerChanges: REGISTER_CHANGES },
});

const trace = objectOf({
  of: objectOf(textsOf(['kind', 'id'])),
  sources: arrayOf(
    objectOf({ ...textsOf(['documentNo', 'channelCode', 'departmentCode', 'purposeCode']), amount: AMOUNT }),
  ),
  uses: arrayOf(
    objectOf({
      ...textsOf(['division', 'projectCode', 'place', 'voucherNo', 'state'], ['projectCode', 'place', 'voucherNo']),
      amount: AMOUNT,
    }),
  ),
  reversed: arrayOf(
    objectOf({
      ...textsOf(
        ['eventId', 'type', 'documentNo', 'division', 'reversedBy', 'reversalNo'],
        ['documentNo', 'reversalNo'],
      ),
      effectiveOn: { type: 'string', format: 'date' },
      reversedOn: { type: 'string', format: 'date' },
      amount: AMOUNT,
    }),
  ),
  events: arrayOf(TEXT),
  position: POSITION,
});

export const TRACE_ANSWER = readAtBookmark({
  ...trace,
  properties: {
    ...trace.properties,
    asOf: { type: 'string', format: 'date' },
    registerChanges: REGISTER_CHANGES,
  },
});

export const CLOSINGS_ANSWER = objectOf({
  position: POSITION,
  pools: arrayOf(
    objectOf({
      division: TEXT,
      fiscalYear: { type: 'integer' },
      closedThrough: TEXT_OR_NULL,
      reopenedMonths: arrayOf(TEXT),
      yearClosed: { type: 'boolean' },
      history: arrayOf(
        objectOf({
          change: { type: 'string', enum: ['closed', 'reopeningRequested', 'reopened', 'adjusted'] },
          ...textsOf(
            [
              'period',
              'effectiveOn',
              'documentNo',
              'requestedBy',
              'approvedBy',
              'reason',
              'actor',
              'position',
              'eventId',
            ],
            ['requestedBy', 'approvedBy', 'reason'],
          ),
        }),
      ),
    }),
  ),
});

const changes: SchemaObject = { type: 'object', additionalProperties: AMOUNT };
const diffMoment = readAtBookmark(objectOf({ position: POSITION, asOf: DATE_OR_NULL }));
const beforeAndAfter = { from: measures, to: measures, change: measures };
const UNIT: SchemaObject = { type: 'string', enum: ['元'] };

export const DIFF_ANSWER = withRegisterChanges(
  objectOf({
    by: TEXT,
    from: diffMoment,
    to: diffMoment,
    unit: UNIT,
    rows: arrayOf(
      objectOf({
        key: TEXT,
        name: TEXT,
        ...beforeAndAfter,
        eventCount: { type: 'integer' },
        events: arrayOf(objectOf({ ...note, change: changes })),
      }),
    ),
    total: objectOf(beforeAndAfter),
  }),
);

export const HISTORY_ANSWER = readAtBookmark(
  withRegisterChanges(
    objectOf({
      by: TEXT,
      key: TEXT,
      name: TEXT,
      asOf: DATE_OR_NULL,
      position: POSITION,
      unit: UNIT,
      eventCount: { type: 'integer' },
      rows: arrayOf(objectOf({ ...note, change: changes, balance: measures })),
      next: TEXT_OR_NULL,
    }),
  ),
);

export const PROVENANCE_ANSWER = readAtBookmark(
  objectOf({
    by: TEXT,
    key: TEXT_OR_NULL,
    name: TEXT_OR_NULL,
    measure: TEXT,
    figure: AMOUNT,
    unit: UNIT,
    asOf: DATE_OR_NULL,
    position: POSITION,
    tree: objectOf({ size: { type: 'integer' }, root: { ...TEXT, description: 'base64' } }),
    eventCount: { type: 'integer' },
    rows: arrayOf(objectOf({ ...note, contribution: AMOUNT, event: EVENT })),
    next: TEXT_OR_NULL,
  }),
);
