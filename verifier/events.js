'use strict';

/* Events as they lie in the ledger: canonical JSON of RFC 8785, one a line, and the movements in them. */

/** @typedef {{ readonly [key: string]: unknown }} JsonObject */

/** What is read of an event; the rest of it is shown and hashed, but decides nothing. */
/**
 * @typedef {{
 *   leaf: number, id: string, type: string, stream: string, revision: number, effectiveOn: string, recordedAt: string,
 *   actor: { id: string, role: string, division: string }, basis: string, data: JsonObject, movements: Movement[],
 *   bytes: Uint8Array, pool: PoolName | null,
 * }} LedgerEvent
 */

/** @typedef {{ quotaLine: string, from: Account, to: Account, fen: number }} Movement */
/** @typedef {{ division: string, year: string }} PoolName */

/** Kind of account; what of `owner`, `project` and `place` does not apply is `''`. */
/**
 * @typedef {{
 *   path: string,
 *   kind: 'source' | 'received' | 'available' | 'transit' | 'unspent' | 'held' | 'paid' | 'recalled' | 'carried',
 *   division: string, project: string, place: string,
 * }} Account
 */

/** @param {unknown} value @returns {value is JsonObject} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 8785; throws for what has no canonical form. */
/** @param {unknown} value @returns {string} */
const canonicalJson = (value) => {
  if (typeof value === 'string' && !value.isWellFormed()) throw new RangeError('half a character');
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${canonicalJson(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(',')}}`;
};

const AMOUNT = /^(?:0|[1-9]\d*)\.\d\d$/;

/** `"1234.50"` → 123450; null for any other form or what cannot be held exactly. */
/** @param {unknown} yuan @returns {number | null} */
const fenOf = (yuan) => {
  if (typeof yuan !== 'string' || !AMOUNT.test(yuan)) return null;
  const fen = Number(yuan.replace('.', ''));
  return Number.isSafeInteger(fen) ? fen : null;
};

/** Fen of many pools together: a safe integer where it is one, and a bigint only beyond. */
/** @typedef {number | bigint} Sum */

/** @param {bigint} exact @returns {Sum} */
const sumOfExact = (exact) => (Number.isSafeInteger(Number(exact)) ? Number(exact) : exact);

/** The same for a balance, which may be negative while a late entry has not come in, and a sum of many pools. */
/** @param {unknown} yuan @returns {Sum | null} */
const signedFenOf = (yuan) => {
  if (typeof yuan !== 'string' || !AMOUNT.test(yuan.replace('-', '')) || yuan.lastIndexOf('-') > 0) return null;
  const fen = sumOfExact(BigInt(yuan.replace('.', '')));
  return fen === 0 && yuan.startsWith('-') ? null : fen;
};

/** @param {Sum} fen @returns {string} */
const yuanOf = (fen) => {
  const digits = String(fen < 0 ? -fen : fen).padStart(3, '0');
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** @param {Sum} left @param {Sum} right @returns {Sum} */
const addFen = (left, right) => {
  if (typeof left === 'number' && typeof right === 'number' && Number.isSafeInteger(left + right)) return left + right;
  return sumOfExact(BigInt(left) + BigInt(right));
};

/** @type {{ readonly [state: string]: 'unspent' | 'held' | 'paid' }} */
const PROJECT_STATES = { available: 'unspent', held: 'held', paid: 'paid' };

/** Null for a path of any other form. */
/** @param {unknown} path @returns {Account | null} */
const accountOf = (path) => {
  if (typeof path !== 'string') return null;
  const [head, first = '', second = '', third = '', ...more] = path.split(':');
  const none = { path, division: '', project: '', place: '' };
  if (more.length > 0 || first === '') return null;
  switch (head) {
    case 'source':
    case 'transit':
      return second === '' ? { ...none, kind: head } : null;
    case 'pool':
      return third === 'received' || third === 'available' ? { ...none, kind: third, division: first } : null;
    case 'recalled':
    case 'carried':
      return second !== '' && third === '' ? { ...none, kind: head, division: first } : null;
    case 'project': {
      const kind = Object.hasOwn(PROJECT_STATES, third) ? PROJECT_STATES[third] : undefined;
      return kind === undefined || second === '' ? null : { ...none, kind, project: first, place: second };
    }
    default:
      return null;
  }
};

/** @param {Account} account */
const isPoolAccount = ({ kind }) => kind === 'received' || kind === 'available';
/** @param {Account} account */
const isProjectAccount = ({ kind }) => kind === 'unspent' || kind === 'held' || kind === 'paid';

const POOL_STREAM = /^pool-(\d+)-(\d{4})$/;

/** @param {string} stream @returns {PoolName | null} */
const poolOf = (stream) => {
  const [, division, year] = POOL_STREAM.exec(stream) ?? [];
  return division === undefined ? null : { division, year };
};

const EVENTS_FILE = 'events.jsonl';

/** @param {number} line @param {string} zh @param {string} en @returns {Fault} */
const eventFault = (line, zh, en) =>
  new Fault(
    'EVENT_MALFORMED',
    EVENTS_FILE,
    `第 ${line + 1} 行的事件无法识别：${zh}`,
    `the event in line ${line + 1}: ${en}`,
  );

/** @param {Uint8Array} bytes @param {number} line @param {number} leaf @returns {LedgerEvent} */
const parseEvent = (bytes, line, leaf) => {
  const text = textOf(bytes);
  /** @type {unknown} */
  let event = null;
  let canonical = '';
  try {
    event = JSON.parse(text ?? '');
    canonical = canonicalJson(event);
  } catch {
    throw eventFault(line, '不是 JSON', 'it is no JSON');
  }
  if (canonical !== text) throw eventFault(line, '不是规范形式（RFC 8785）', 'it is not canonical (RFC 8785)');
  return readEvent(event, bytes, line, leaf);
};

/** @param {unknown} event @param {Uint8Array} bytes @param {number} line @param {number} leaf @returns {LedgerEvent} */
const readEvent = (event, bytes, line, leaf) => {
  if (!isObject(event)) throw eventFault(line, '不是对象', 'it is no object');
  const { id, type, stream, revision, effectiveOn, recordedAt, actor, basis, data } = event;
  const isWhole =
    [id, type, stream, effectiveOn, recordedAt, basis].every((field) => typeof field === 'string') &&
    isCount(revision) &&
    isObject(data) &&
    isObject(actor) &&
    [actor.id, actor.role, actor.division].every((field) => typeof field === 'string');
  if (!isWhole) throw eventFault(line, '缺少应有的内容', 'it lacks what every event has');
  const read = /** @type {Omit<LedgerEvent, 'leaf' | 'movements' | 'bytes' | 'pool'>} */ (
    /** @type {unknown} */ (event)
  );
  const movements = data.movements === undefined ? [] : data.movements;
  if (!Array.isArray(movements)) throw eventFault(line, '资金变动不是列表', 'its movements are no list');
  return {
    ...read,
    leaf,
    bytes,
    pool: poolOf(read.stream),
    movements: movements.map((each) => parseMovement(each, line)),
  };
};

/** @param {unknown} movement @param {number} line @returns {Movement} */
const parseMovement = (movement, line) => {
  const { quotaLine, from, to, amount } = isObject(movement) ? movement : {};
  const fen = fenOf(amount);
  const giver = accountOf(from);
  const taker = accountOf(to);
  if (typeof quotaLine !== 'string' || fen === null || fen === 0 || giver === null || taker === null) {
    throw eventFault(line, '资金变动无效', 'a movement in it is not valid');
  }
  return { quotaLine, from: giver, to: taker, fen };
};

/** What an entry means: a reversal means what it reverses, backwards; what takes a reversal back, the entry itself. */
/** @param {LedgerEvent} event @returns {string} */
const meaningOf = ({ type, data }) => (type === 'EntryReversed' ? String(data.reversedType) : type);

/** Number of the document that an entry is about: of a return or a reversal, the original's. */
/** @param {LedgerEvent} event @returns {string | null} */
const aboutOf = ({ data }) => {
  const about = data.originalVoucherNo ?? data.reversedDocumentNo ?? null;
  return about === null ? null : String(about);
};

/** @param {LedgerEvent} event @returns {string | null} */
const documentOf = ({ data }) => (typeof data.documentNo === 'string' ? data.documentNo : null);

/** Whom a payment pays. */
/** @param {LedgerEvent} event @returns {string | null} */
const payeeOf = ({ data }) => (typeof data.payee === 'string' ? data.payee : null);

/** The division whose money in transit a movement of this event takes or gives. */
/** @param {LedgerEvent} event @returns {string} */
const giverOf = (event) =>
  meaningOf(event) === 'TransferReceived' ? String(event.data.fromDivision) : (event.pool?.division ?? '');
