'use strict';

/*
 * What the four official balances have in common. Each projection is this file followed by its own, as one script.
 *
 * A movement takes an amount out of one account and puts it into another. Both halves are booked with the same
 * function: what leaves is a negative amount. A reversing entry holds the original's movements backwards, so the same
 * booking takes a reversed entry out of every measure again.
 *
 * The folds read nothing but their events, and remember outside the state only what is a pure function of a text
 * (parsed paths), so that every engine gives the same figures.
 */

const isSafeInteger = Number.isSafeInteger;
const hasOwn = Object.hasOwn;

/** Adds fen; an inexact sum must never exist, so that the projection faults instead. */
/** @param {number} left @param {number} right @returns {number} */
const addFen = (left, right) => {
  const sum = left + right;
  if (!isSafeInteger(sum)) {
    throw new RangeError(`a balance leaves the range of exact fen: ${left} + ${right}`);
  }
  return sum;
};

/** `"1234.50"` → 123450. */
/** @param {string} yuan @returns {number} */
const fenOf = (yuan) => {
  const point = yuan.length - 3;
  if (point < 1 || yuan.charCodeAt(point) !== 46) throw new RangeError(`not an amount of 元: ${yuan}`);
  let fen = 0;
  for (let index = 0; index < yuan.length; index += 1) {
    if (index === point) continue;
    const digit = yuan.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) throw new RangeError(`not an amount of 元: ${yuan}`);
    fen = fen * 10 + digit;
  }
  if (!isSafeInteger(fen)) throw new RangeError(`not an exact amount: ${yuan}`);
  return fen;
};

const SOURCE = 0;
const RECEIVED = 1;
const AVAILABLE = 2;
const TRANSIT = 3;
const PROJECT_AVAILABLE = 4;
const PROJECT_HELD = 5;
const PROJECT_PAID = 6;
const RECALLED = 7;
const CARRIED = 8;

/** @param {number} kind */
const isPool = (kind) => kind === RECEIVED || kind === AVAILABLE;
/** @param {number} kind */
const isProject = (kind) => kind >= PROJECT_AVAILABLE && kind <= PROJECT_PAID;

/** @param {string} path @returns {number} */
const kindOf = (path) => {
  const parts = path.split(':');
  switch (parts[0]) {
    case 'source':
      return SOURCE;
    case 'transit':
      return TRANSIT;
    case 'recalled':
      return RECALLED;
    case 'carried':
      return CARRIED;
    case 'pool':
      if (parts[3] === 'received') return RECEIVED;
      if (parts[3] === 'available') return AVAILABLE;
      break;
    case 'project':
      if (parts[3] === 'available') return PROJECT_AVAILABLE;
      if (parts[3] === 'held') return PROJECT_HELD;
      if (parts[3] === 'paid') return PROJECT_PAID;
      break;
  }
  throw new Error(`not an account path: ${path}`);
};

/** Parsed paths are kept up to this number and then begun anew, so that a long-running host keeps its memory flat. */
const MOST_REMEMBERED_PATHS = 200000;

/** @type {Map<string, AccountPlace>} */
const rememberedPaths = new Map();

/** @param {string} path @returns {AccountPlace} */
const accountOf = (path) => {
  const remembered = rememberedPaths.get(path);
  if (remembered !== undefined) return remembered;
  const kind = kindOf(path);
  const [, first = '', second = ''] = path.split(':');
  const account = isProject(kind)
    ? { kind, division: '', project: first, place: second, home: `${first}:${second}` }
    : { kind, division: isPool(kind) ? first : '', project: '', place: '', home: '' };
  if (rememberedPaths.size >= MOST_REMEMBERED_PATHS) rememberedPaths.clear();
  rememberedPaths.set(path, account);
  return account;
};

/** @type {Map<string, string>} */
const rememberedStreams = new Map();

/** `pool-630222-2024` → `630222`. */
/** @param {string} stream @returns {string} */
const divisionOf = (stream) => {
  const remembered = rememberedStreams.get(stream);
  if (remembered !== undefined) return remembered;
  const parts = stream.split('-');
  const division = parts[1];
  if (parts.length !== 3 || parts[0] !== 'pool' || division === undefined || division === '') {
    throw new Error(`not a pool's stream: ${stream}`);
  }
  if (rememberedStreams.size >= MOST_REMEMBERED_PATHS) rememberedStreams.clear();
  rememberedStreams.set(stream, division);
  return division;
};

/** @type {(section: 'cells' | 'lines', key: string) => void} */
const touched = typeof entryTouched === 'function' ? entryTouched : () => undefined;

/** Without a prototype, because codes are free text: a project may be called `constructor`. */
/** @returns {BalanceState} */
const emptyState = () => ({ cells: Object.create(null), lines: Object.create(null) });

/** @returns {Cell} */
const emptyCell = () => ({
  appropriated: 0,
  transferredIn: 0,
  transferredOut: 0,
  unintegrated: 0,
  available: 0,
  inTransit: 0,
  allocated: 0,
  held: 0,
  paid: 0,
  recalled: 0,
  cashReceived: 0,
  unspent: 0,
  carriedOver: 0,
});

/** @param {BalanceState} state @param {string} key @returns {Cell} */
const cellOf = (state, key) => {
  touched('cells', key);
  const known = state.cells[key];
  if (known !== undefined && hasOwn(state.cells, key)) return known;
  const created = emptyCell();
  state.cells[key] = created;
  return created;
};

/**
 * Books one half of a movement: `amount` enters `here` (or leaves it, when negative), and `there` is the other side.
 *
 * @param {Cell} cell
 * @param {AccountPlace} here
 * @param {AccountPlace} there
 * @param {number} amount
 * @param {boolean} takenIn the movement takes a transfer in (or undoes that), so its transit is another division's
 * @param {boolean} carriedOut the movement takes money out to next year (or undoes that)
 */
const book = (cell, here, there, amount, takenIn, carriedOut) => {
  switch (here.kind) {
    case TRANSIT:
      cell.inTransit = addFen(cell.inTransit, amount);
      return;
    case RECEIVED:
      cell.unintegrated = addFen(cell.unintegrated, amount);
      break;
    case AVAILABLE:
      cell.available = addFen(cell.available, amount);
      break;
    case PROJECT_AVAILABLE:
      cell.unspent = addFen(cell.unspent, amount);
      break;
    case PROJECT_HELD:
      cell.unspent = addFen(cell.unspent, amount);
      cell.held = addFen(cell.held, amount);
      break;
    case PROJECT_PAID:
      cell.paid = addFen(cell.paid, amount);
      break;
  }
  switch (there.kind) {
    case SOURCE:
      cell.appropriated = addFen(cell.appropriated, amount);
      return;
    case TRANSIT:
      if (takenIn) cell.transferredIn = addFen(cell.transferredIn, amount);
      else cell.transferredOut = addFen(cell.transferredOut, -amount);
      return;
    case RECEIVED:
    case AVAILABLE:
      if (isProject(here.kind)) cell.allocated = addFen(cell.allocated, amount);
      return;
    case PROJECT_AVAILABLE:
    case PROJECT_HELD:
    case PROJECT_PAID:
      if (isProject(here.kind) && here.home !== there.home) cell.allocated = addFen(cell.allocated, amount);
      return;
    case RECALLED:
      cell.recalled = addFen(cell.recalled, -amount);
      return;
    case CARRIED:
      if (carriedOut) cell.carriedOver = addFen(cell.carriedOver, -amount);
      return;
  }
};

/**
 * Whose figure the money in an account is: that of the pool's division, of the division that issued what is in
 * transit, or of a project's place. Money outside, recalled or on its way to next year is nobody's balance.
 *
 * @param {BalanceKeys} keys
 * @param {BalanceState} state
 * @param {string} quotaLine
 * @param {AccountPlace} account
 * @param {string} division the pool's own
 * @param {string} giver the division that issued the transfer
 * @returns {string | null}
 */
const keyOf = (keys, state, quotaLine, account, division, giver) => {
  if (isProject(account.kind)) return keys.ofPlace(state, quotaLine, division, account);
  if (isPool(account.kind)) return keys.ofDivision(state, quotaLine, division);
  return account.kind === TRANSIT ? keys.ofDivision(state, quotaLine, giver) : null;
};

/**
 * The handler of every event that moves money or receives cash.
 *
 * @param {BalanceKeys} keys
 * @returns {ProjectionHandler}
 */
const moneyBy = (keys) => (state, event) => {
  const data = event.data;
  const division = divisionOf(event.streamId);
  const meaning = event.eventType === 'EntryReversed' ? data.reversedType : event.eventType;
  const takenIn = meaning === 'TransferReceived';
  const carriedOut = meaning === 'FundsCarriedOver';
  const giver = takenIn ? data.fromDivision : division;
  if (giver === undefined) throw new Error(`a transfer taken in names its giver: ${event.streamId}`);

  const movements = data.movements;
  if (movements !== undefined) {
    for (let index = 0; index < movements.length; index += 1) {
      const movement = /** @type {ProjectedMovement} */ (movements[index]);
      const from = accountOf(movement.from);
      const to = accountOf(movement.to);
      const amount = fenOf(movement.amount);
      const leavingKey = keyOf(keys, state, movement.quotaLine, from, division, giver);
      const leaving = leavingKey === null ? null : cellOf(state, leavingKey);
      if (leaving !== null) book(leaving, from, to, -amount, takenIn, carriedOut);
      const enteringKey = keyOf(keys, state, movement.quotaLine, to, division, giver);
      if (enteringKey === null) continue;
      const entering = leaving !== null && enteringKey === leavingKey ? leaving : cellOf(state, enteringKey);
      book(entering, to, from, amount, takenIn, carriedOut);
    }
  }

  const receipts = data.receipts;
  if (receipts !== undefined) {
    const takenBack = event.eventType === 'EntryReversed';
    for (let index = 0; index < receipts.length; index += 1) {
      const receipt = /** @type {{ quotaLine: string, amount: string }} */ (receipts[index]);
      const key = keys.ofDivision(state, receipt.quotaLine, division);
      if (key === null) continue;
      const cell = cellOf(state, key);
      const amount = fenOf(receipt.amount);
      cell.cashReceived = addFen(cell.cashReceived, takenBack ? -amount : amount);
    }
  }
  return state;
};
