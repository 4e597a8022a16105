'use strict';

/*
 * The figures, summed from the movements by this file's own code. The ledger computed them with its projections; two
 * programs that were written apart must come to the same fen. Nothing of the bundle is run.
 */

const MEASURES = /** @type {const} */ ([
  'appropriated',
  'transferredIn',
  'transferredOut',
  'unintegrated',
  'available',
  'inTransit',
  'allocated',
  'held',
  'paid',
  'recalled',
  'cashReceived',
  'unspent',
  'carriedOver',
]);

/** @typedef {(typeof MEASURES)[number]} Measure */
/** @typedef {{ [measure in Measure]: Sum }} Cell */
/** @typedef {{ projection: string, rows: { key: string, measures: { [measure in Measure]?: string } }[] }} Table */
/** @typedef {{ quotaLine: string, account: string, amount: string }} AccountLine */
/** @typedef {{ tables: Table[], accounts: AccountLine[] }} Balances */

/** @returns {Cell} */
const emptyCell = () => /** @type {Cell} */ (Object.fromEntries(MEASURES.map((measure) => [measure, 0])));

/** What is in an account. */
/** @type {{ readonly [kind in Account['kind']]: readonly Measure[] }} */
const HELD_AS = {
  source: [],
  received: ['unintegrated'],
  available: ['available'],
  transit: ['inTransit'],
  unspent: ['unspent'],
  held: ['unspent', 'held'],
  paid: ['paid'],
  recalled: [],
  // It may leave a project, but until it has arrived it is the division's, and nobody else has it.
  carried: ['inTransit', 'transferredOut'],
};

/** What it means that money comes into an account from another one, or leaves it for the other: a measure and its sign. */
/** @param {LedgerEvent} event @param {Account} here @param {Account} there @returns {readonly [Measure, 1 | -1] | null} */
const flowOf = (event, here, there) => {
  if (here.kind === 'transit' || here.kind === 'carried') return null;
  switch (there.kind) {
    case 'source':
      return ['appropriated', 1];
    case 'transit':
      return meaningOf(event) === 'TransferReceived' ? ['transferredIn', 1] : ['transferredOut', -1];
    case 'received':
    case 'available':
      return isProjectAccount(here) ? ['allocated', 1] : null;
    case 'unspent':
    case 'held':
    case 'paid': {
      const isSameHome = here.project === there.project && here.place === there.place;
      return isProjectAccount(here) && !isSameHome ? ['allocated', 1] : null;
    }
    case 'recalled':
      return ['recalled', -1];
    case 'carried':
      return meaningOf(event) === 'FundsCarriedOver' ? ['carriedOver', -1] : null;
  }
};

/** Whose figure the money in an account is, in a table; null when the table does not show such money. */
/** @param {string} projection @param {LedgerEvent} event @param {Account} here @returns {string | null} */
const keyIn = (projection, event, here) => {
  if (projection === 'project-balance') return isProjectAccount(here) ? here.project : null;
  if (projection === 'village-balance') return isProjectAccount(here) ? here.place : null;
  if (here.kind === 'transit' || here.kind === 'carried') return giverOf(event);
  return isPoolAccount(here) || isProjectAccount(here) ? (event.pool?.division ?? null) : null;
};

/** @param {AskedEvents} bundle @param {TableName} name @returns {Table} */
const foldTable = (bundle, { projection, only }) => {
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  /** @param {string | null} key @returns {Cell | null} */
  const cellOf = (key) => {
    if (key === null || (only !== null && key !== only)) return null;
    const cell = cells.get(key) ?? emptyCell();
    cells.set(key, cell);
    return cell;
  };
  /** @param {LedgerEvent} event @param {Account} here @param {Account} there @param {number} fen */
  const book = (event, here, there, fen) => {
    const cell = cellOf(keyIn(projection, event, here));
    if (cell === null) return;
    for (const measure of HELD_AS[here.kind]) cell[measure] = addFen(cell[measure], fen);
    const flow = flowOf(event, here, there);
    if (flow !== null) cell[flow[0]] = addFen(cell[flow[0]], flow[1] * fen);
  };
  for (const event of bundle.own) {
    for (const { from, to, fen } of event.movements) {
      book(event, from, to, -fen);
      book(event, to, from, fen);
    }
    if (projection !== 'county-balance') continue;
    for (const { fen } of receiptsInScope(bundle, event)) {
      const cell = cellOf(event.pool?.division ?? null);
      if (cell !== null) cell.cashReceived = addFen(cell.cashReceived, fen);
    }
  }
  return tableOf(projection, cells, measuresOf(bundle.claim.scope));
};

/**
 * @param {string} projection @param {ReadonlyMap<string, Cell>} cells @param {readonly Measure[]} measures
 * @returns {Table}
 */
const tableOf = (projection, cells, measures) => ({
  projection,
  rows: [...cells]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, cell]) => ({
      key,
      measures: Object.fromEntries(measures.map((measure) => [measure, yuanOf(cell[measure])])),
    })),
});

/** Whether an account is shown: of a project its own only, of a voucher those in which its money stands. */
/** @param {Scope} scope @param {Account} account */
const isShown = ({ kind, id }, { kind: accountKind, project }) =>
  kind === 'project' ? project === id : kind !== 'payment' || accountKind === 'held' || accountKind === 'paid';

/** What the scope's movements leave in every account that is shown, by quota line. */
/** @param {AskedEvents} bundle @returns {AccountLine[]} */
const foldAccounts = ({ claim: { scope }, own }) => {
  /** @type {Map<string, { quotaLine: string, account: Account, fen: Sum }>} */
  const sums = new Map();
  /** @param {string} quotaLine @param {Account} account @param {number} fen */
  const add = (quotaLine, account, fen) => {
    if (!isShown(scope, account)) return;
    const key = `${quotaLine} ${account.path}`;
    const known = sums.get(key);
    if (known === undefined) sums.set(key, { quotaLine, account, fen });
    else known.fen = addFen(known.fen, fen);
  };
  for (const { movements } of own) {
    for (const { quotaLine, from, to, fen } of movements) {
      add(quotaLine, from, -fen);
      add(quotaLine, to, fen);
    }
  }
  return [...sums]
    .filter(([, { fen }]) => fen !== 0)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { quotaLine, account, fen }]) => ({ quotaLine, account: account.path, amount: yuanOf(fen) }));
};

/** @param {AskedEvents} bundle @returns {Balances} */
const foldBalances = (bundle) => ({
  tables: tablesOf(bundle.claim.scope).map((name) => foldTable(bundle, name)),
  accounts: foldAccounts(bundle),
});

/** @param {unknown} value @returns {string} */
const jsonFile = (value) => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Accounts of whole pools that were ever below zero in the order of the log: money that was not there was given. What
 * lies outside (sources) may, and what comes over from another stream is not asked for its beginning.
 *
 * @param {Bundle} bundle
 * @returns {{ event: LedgerEvent, account: string } | null}
 */
const firstOverdraft = (bundle) => {
  /** @type {Map<string, Sum>} */
  const sums = new Map();
  const whole = new Set(bundle.claim.whole);
  for (const event of bundle.known) {
    if (!whole.has(event.stream)) continue;
    /** @type {Map<string, Account>} */
    const given = new Map();
    for (const { quotaLine, from, to, fen } of event.movements) {
      for (const [account, change] of /** @type {const} */ ([
        [from, -fen],
        [to, fen],
      ])) {
        const key = `${event.stream} ${quotaLine} ${account.path}`;
        sums.set(key, addFen(sums.get(key) ?? 0, change));
        if (change < 0 && (isPoolAccount(account) || isProjectAccount(account))) given.set(key, account);
      }
    }
    for (const [key, { path }] of given) if ((sums.get(key) ?? 0) < 0) return { event, account: path };
  }
  return null;
};
