'use strict';

/*
 * What a question is about: which events and movements belong to it, which streams decide its figures, and which of the
 * official balances show them.
 */

/** How the money of a document is meant: the document's own quota lines, or what the entry of that number moved. */
/** @param {Scope} scope @param {readonly LedgerEvent[]} known @returns {boolean} */
const isAboutLines = ({ kind, id }, known) => {
  const prefix = `${id}/`;
  return (
    kind === 'document' &&
    known.some(({ movements }) => movements.some(({ quotaLine }) => quotaLine.startsWith(prefix)))
  );
};

/** The part of a bundle that says what it is about. */
/** @typedef {Pick<AskedEvents, 'claim' | 'known' | 'aboutLines' | 'entries'>} Asked */

/** @param {Movement} movement @param {string} project */
const touchesProject = ({ from, to }, project) =>
  (isProjectAccount(from) && from.project === project) || (isProjectAccount(to) && to.project === project);

/** @param {LedgerEvent} event @param {string} number */
const isOfNumber = ({ data }, number) =>
  data.documentNo === number || data.originalVoucherNo === number || data.reversedDocumentNo === number;

/** Whether an entry of a number belongs to a voucher. A reversal's own number is a document's, whatever it takes back. */
/** @param {LedgerEvent} event @param {string} number @returns {boolean} */
const isVouchers = (event, number) =>
  meaningOf(event).startsWith('Payment') && !(event.type === 'EntryReversed' && documentOf(event) === number);

/** Ids of the events of an entry or a voucher, with what was undone of them and what of that; null for other scopes. */
/** @param {Scope} scope @param {boolean} aboutLines @param {readonly LedgerEvent[]} known @returns {ReadonlySet<string> | null} */
const entryEvents = ({ kind, id }, aboutLines, known) => {
  if (kind !== 'payment' && (kind !== 'document' || aboutLines)) return null;
  const isPayment = kind === 'payment';
  // A voucher's number counts in the pools that paid it; elsewhere the same number is another document.
  const paying = new Set(
    known.filter((event) => event.type.startsWith('Payment') && documentOf(event) === id).map(({ stream }) => stream),
  );
  /** @type {Set<string>} */
  const ids = new Set();
  for (const event of known) {
    const isInPool = isPayment ? paying.has(event.stream) : event.pool !== null;
    const isNamed = isOfNumber(event, id) && isVouchers(event, id) === isPayment;
    const isUndoing = event.type === 'EntryReversed' && ids.has(String(event.data.reversedEventId));
    if (isInPool && (isNamed || isUndoing)) ids.add(event.id);
  }
  return ids;
};

/** Tells whether a movement of an event belongs to the scope. */
/** @typedef {(event: LedgerEvent, movement: Movement) => boolean} IsInScope */

/** @param {Asked} asked @returns {IsInScope} */
const scopeOf = ({ claim, entries }) => {
  const { kind, id } = claim.scope;
  if (entries !== null) return (event) => entries.has(event.id);
  switch (kind) {
    case 'division':
      return (event) => event.pool !== null && (event.pool.division === id || giverOf(event) === id);
    case 'project':
      return (event, movement) => event.pool !== null && touchesProject(movement, id);
    default: {
      const prefix = `${id}/`;
      return (event, { quotaLine }) => event.pool !== null && quotaLine.startsWith(prefix);
    }
  }
};

/** Events of the scope, each with only those movements that belong to it. */
/** @param {Asked} asked @param {readonly LedgerEvent[]} events @returns {LedgerEvent[]} */
const eventsInScope = (asked, events) => {
  const isInScope = scopeOf(asked);
  /** @type {LedgerEvent[]} */
  const own = [];
  for (const event of events) {
    const movements = event.movements.filter((movement) => isInScope(event, movement));
    if (movements.length > 0 || receiptsInScope(asked, event).length > 0) own.push({ ...event, movements });
  }
  return own;
};

/**
 * Cash received, which moves no quota: `{ quotaLine, fen }`, negative where a receipt is taken back. What takes a reversal
 * back receives it once more.
 */
/** @param {LedgerEvent} event @returns {{ quotaLine: string, fen: number }[]} */
const receiptsOf = ({ type, data: { receipts, restoredEventId } }) => {
  if (!Array.isArray(receipts)) return [];
  const sign = type === 'EntryReversed' && restoredEventId === undefined ? -1 : 1;
  return receipts.filter(isObject).flatMap(({ quotaLine, amount }) => {
    const fen = fenOf(amount);
    return typeof quotaLine !== 'string' || fen === null ? [] : [{ quotaLine, fen: sign * fen }];
  });
};

/** @param {Asked} asked @param {LedgerEvent} event @returns {{ quotaLine: string, fen: number }[]} */
const receiptsInScope = ({ claim, aboutLines, entries }, event) => {
  const { kind, id } = claim.scope;
  if (event.pool === null || kind === 'project' || kind === 'payment') return [];
  return receiptsOf(event).filter(({ quotaLine }) => {
    if (kind === 'division') return event.pool?.division === id;
    return aboutLines ? quotaLine.startsWith(`${id}/`) : entries?.has(event.id) === true;
  });
};

/** Streams that must be there whole for the figures to be proven, as far as the bundle knows of them. */
/** @param {AskedEvents} bundle @returns {string[]} */
const decidingStreams = (bundle) => {
  const { kind, id } = bundle.claim.scope;
  const streams = new Set(
    eventsInScope(bundle, bundle.known)
      .filter(({ pool }) => kind !== 'division' || pool?.division === id)
      .map(({ stream }) => stream),
  );
  const project = `project-${id}`;
  if (kind === 'project' && bundle.known.some(({ stream }) => stream === project)) streams.add(project);
  return [...streams].sort();
};

/** Official balances that show a scope; `only`: the one key that the scope can prove. */
/** @typedef {{ projection: string, only: string | null }} TableName */

/** A voucher says of itself what is held and paid by it; of the project that it paid for it knows nothing. */
/** @param {Scope} scope @returns {readonly Measure[]} */
const measuresOf = ({ kind }) => (kind === 'payment' ? ['held', 'paid'] : MEASURES);

/** @param {Scope} scope @returns {TableName[]} */
const tablesOf = ({ kind, id }) => {
  switch (kind) {
    case 'division':
      return [
        { projection: 'county-balance', only: id },
        { projection: 'project-balance', only: null },
        { projection: 'village-balance', only: null },
      ];
    case 'project':
      return [{ projection: 'project-balance', only: id }];
    case 'document':
      return [
        { projection: 'county-balance', only: null },
        { projection: 'project-balance', only: null },
      ];
    case 'payment':
      return [{ projection: 'project-balance', only: null }];
  }
};
