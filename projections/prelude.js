'use strict';

/*
 * What the four official balances have in common. Each projection is this file followed by its own, as one script.
 *
 * A movement takes an amount out of one account and puts it into another. Both halves are booked with the same
 * function: what leaves is a negative amount. A reversing entry holds the original's movements backwards, so the same
 * booking takes a reversed entry out of every measure again.
 *
 * The folds read nothing but their events and remember nothing outside their state, so that every engine gives the
 * same figures. Paths are looked at anew each time: with a hundred thousand accounts that is faster than a memory of
 * parsed ones, which no processor cache can hold.
 */

const isSafeInteger = Number.isSafeInteger;

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
  if (path.startsWith('project:')) {
    if (path.endsWith(':available')) return PROJECT_AVAILABLE;
    if (path.endsWith(':paid')) return PROJECT_PAID;
    if (path.endsWith(':held')) return PROJECT_HELD;
  } else if (path.startsWith('pool:')) {
    if (path.endsWith(':available')) return AVAILABLE;
    if (path.endsWith(':received')) return RECEIVED;
  } else if (path.startsWith('source:')) {
    return SOURCE;
  } else if (path.startsWith('transit:')) {
    return TRANSIT;
  } else if (path.startsWith('recalled:')) {
    return RECALLED;
  } else if (path.startsWith('carried:')) {
    return CARRIED;
  }
  throw new Error(`not an account path: ${path}`);
};

/** Project and place of a project's account: two accounts of one home differ only in how far the payment is. */
/** @param {string} path @returns {string} */
const homeOf = (path) => path.slice(0, path.lastIndexOf(':'));

/** `project:<code>:<place>:<state>` → code. */
/** @param {string} path @returns {string} */
const projectOf = (path) => path.slice(8, path.indexOf(':', 8));

/** `project:<code>:<place>:<state>` → place. */
/** @param {string} path @returns {string} */
const placeOf = (path) => path.slice(path.indexOf(':', 8) + 1, path.lastIndexOf(':'));

/** `pool-630222-2024` → `630222`. */
/** @param {string} stream @returns {string} */
const divisionOf = (stream) => {
  const end = stream.lastIndexOf('-');
  if (!stream.startsWith('pool-') || end <= 5) throw new Error(`not a pool's stream: ${stream}`);
  return stream.slice(5, end);
};

/** @type {(section: 'cells' | 'lines', key: string) => void} */
const touched = typeof entryTouched === 'function' ? entryTouched : () => undefined;

/**
 * How a key stands in a state. Older servers read letters beyond ASCII in the name of a property back as others, and
 * forget what is called `__proto__`, so that a server keeps `财` as `~8d22`; no code holds a `~`. A host that keeps the
 * entries itself keeps them as they are.
 */
/** @type {(key: string) => string} */
const stateKey =
  typeof entryTouched === 'function'
    ? (key) => key
    : (key) =>
        key.replace(/[^0-9A-Za-z_/:.()-]|^_/g, (letter) => `~${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);

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

/** @param {BalanceState} state @param {string} code @returns {Cell} */
const cellOf = (state, code) => {
  const key = stateKey(code);
  touched('cells', key);
  const known = state.cells[key];
  // On an engine that gives states a prototype again, what it inherits is not a cell.
  if (known !== undefined && known.appropriated !== undefined) return known;
  const created = emptyCell();
  state.cells[key] = created;
  return created;
};

/**
 * Books one half of a movement: `amount` enters `here` (or leaves it, when negative), and `there` is the other side.
 *
 * @param {Cell} cell
 * @param {number} here kind of the account
 * @param {number} there kind of the account on the other side
 * @param {number} amount
 * @param {boolean} sameHome both are accounts of one project and place
 * @param {boolean} takenIn the movement takes a transfer in (or undoes that), so its transit is another division's
 * @param {boolean} carriedOut the movement takes money out to next year (or undoes that)
 */
const book = (cell, here, there, amount, sameHome, takenIn, carriedOut) => {
  switch (here) {
    case TRANSIT:
      cell.inTransit = addFen(cell.inTransit, amount);
      return;
    case CARRIED:
      // It may leave a project, but until it has arrived it is the division's, and nobody else has it.
      cell.inTransit = addFen(cell.inTransit, amount);
      cell.transferredOut = addFen(cell.transferredOut, amount);
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
  switch (there) {
    case SOURCE:
      cell.appropriated = addFen(cell.appropriated, amount);
      return;
    case TRANSIT:
      if (takenIn) cell.transferredIn = addFen(cell.transferredIn, amount);
      else cell.transferredOut = addFen(cell.transferredOut, -amount);
      return;
    case RECEIVED:
    case AVAILABLE:
      if (isProject(here)) cell.allocated = addFen(cell.allocated, amount);
      return;
    case PROJECT_AVAILABLE:
    case PROJECT_HELD:
    case PROJECT_PAID:
      if (isProject(here) && !sameHome) cell.allocated = addFen(cell.allocated, amount);
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
 * Whose figure the money in an account is: that of the pool's division, also on its way to a later year, of the
 * division that issued what is in transit, or of a project's place. Money outside or recalled is nobody's balance.
 *
 * @param {BalanceKeys} keys
 * @param {BalanceState} state
 * @param {string} quotaLine
 * @param {number} kind
 * @param {string} path
 * @param {string} division the pool's own
 * @param {string} giver the division that issued the transfer
 * @returns {string | null}
 */
const keyOf = (keys, state, quotaLine, kind, path, division, giver) => {
  if (isProject(kind)) return keys.ofPlace(state, quotaLine, division, path);
  if (isPool(kind)) return keys.ofDivision(state, quotaLine, division);
  return kind === TRANSIT || kind === CARRIED ? keys.ofDivision(state, quotaLine, giver) : null;
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
      const { quotaLine } = movement;
      const from = kindOf(movement.from);
      const to = kindOf(movement.to);
      const amount = fenOf(movement.amount);
      const sameHome = isProject(from) && isProject(to) && homeOf(movement.from) === homeOf(movement.to);

      const leavingKey = keyOf(keys, state, quotaLine, from, movement.from, division, giver);
      const leaving = leavingKey === null ? null : cellOf(state, leavingKey);
      if (leaving !== null) book(leaving, from, to, -amount, sameHome, takenIn, carriedOut);

      if (sameHome && leaving !== null) {
        book(leaving, to, from, amount, sameHome, takenIn, carriedOut);
        continue;
      }
      const enteringKey = keyOf(keys, state, quotaLine, to, movement.to, division, giver);
      if (enteringKey === null) continue;
      const entering = leaving !== null && enteringKey === leavingKey ? leaving : cellOf(state, enteringKey);
      book(entering, to, from, amount, sameHome, takenIn, carriedOut);
    }
  }

  const receipts = data.receipts;
  if (receipts !== undefined) {
    // What takes a reversal back receives the cash once more.
    const takenBack = event.eventType === 'EntryReversed' && data.restoredEventId === undefined;
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
