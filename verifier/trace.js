'use strict';

/*
 * Where the money came from and where it is, summed from the movements. A trace of a division, a project or an
 * appropriation is computed anew and must come out the same; where the ledger followed single fen by its convention
 * (first in, first out), the sums are checked.
 */

/** @typedef {{ documentNo: string, channelCode: string, departmentCode: string, purposeCode: string, amount: string }} TraceSource */
/** @typedef {{ division: string, projectCode: string | null, place: string | null, voucherNo: string | null, state: string, amount: string }} TraceUse */
/** @typedef {{ of: { kind: string, id: string }, sources: TraceSource[], uses: TraceUse[], events: string[] }} Trace */

/** @type {{ readonly [kind in Account['kind']]: string | null }} */
const STATE_OF = {
  source: null,
  received: 'unintegrated',
  available: 'available',
  transit: 'inTransit',
  carried: 'inTransit',
  unspent: 'unspent',
  held: 'held',
  paid: 'paid',
  recalled: 'recalled',
};

/** @typedef {{ division: string, project: string, place: string, voucher: string, state: string }} Whereabouts */

/** Where a movement puts money, or takes it from; null for what is outside the ledger. */
/** @param {LedgerEvent} event @param {Account} here @param {Account} there @returns {Whereabouts | null} */
const whereaboutsOf = (event, here, there) => {
  const state = STATE_OF[here.kind];
  if (state === null) return null;
  const own = event.pool?.division ?? '';
  const division = here.kind === 'transit' ? giverOf(event) : here.kind === 'carried' ? here.division : own;
  // Recalled money is told apart by what it was taken from.
  const home = here.kind === 'recalled' ? there : here;
  const isStep = isProjectAccount(here) && here.project === there.project && here.place === there.place;
  const hasVoucher = isStep && (here.kind === 'held' || here.kind === 'paid');
  const voucher = hasVoucher ? (aboutOf(event) ?? documentOf(event) ?? '') : '';
  return { division, project: home.project, place: home.place, voucher, state };
};

/**
 * Tells the owner department of a line, as the event names it that first brings the line: into the pool, where one
 * project is asked about; into a pool of the division, where that is; anywhere, where the document is.
 *
 * @param {Bundle} bundle
 * @returns {(event: LedgerEvent, quotaLine: string) => string}
 */
const lineOwners = (bundle) => {
  const { kind, id } = bundle.claim.scope;
  /** @param {string} stream @param {unknown} quotaLine */
  const keyOf = (stream, quotaLine) => `${kind === 'project' ? stream : ''} ${String(quotaLine)}`;
  /** @type {Map<string, string>} */
  const owners = new Map();
  for (const { stream, pool, data } of bundle.known) {
    if (!Array.isArray(data.lines) || (kind === 'division' && pool?.division !== id)) continue;
    for (const line of data.lines.filter(isObject)) {
      const key = keyOf(stream, line.quotaLine);
      if (!owners.has(key)) owners.set(key, String(line.departmentCode));
    }
  }
  return ({ stream }, quotaLine) => owners.get(keyOf(stream, quotaLine)) ?? '';
};

/** Both sides of a trace, from the halves of movements that are asked for. */
/**
 * @param {Bundle} bundle
 * @param {readonly LedgerEvent[]} own
 * @param {(at: Whereabouts) => boolean} isAskedFor
 * @returns {Pick<Trace, 'sources' | 'uses'>}
 */
const tallyMoney = (bundle, own, isAskedFor) => {
  const ownerOf = lineOwners(bundle);
  /** @type {Map<string, { parts: string[], fen: number }>} */
  const sources = new Map();
  /** @type {Map<string, { at: Whereabouts, fen: number }>} */
  const uses = new Map();
  /** @param {LedgerEvent} event @param {string} quotaLine @param {Whereabouts | null} at @param {number} fen */
  const add = (event, quotaLine, at, fen) => {
    if (at === null || !isAskedFor(at)) return;
    const owner = ownerOf(event, quotaLine);
    const sourceKey = `${quotaLine} ${owner}`;
    const source = sources.get(sourceKey) ?? { parts: [...quotaLine.split('/'), owner], fen: 0 };
    source.fen = addFen(source.fen, fen);
    sources.set(sourceKey, source);
    const useKey = [at.division, at.project, at.place, at.state, at.voucher].join(' ');
    const use = uses.get(useKey) ?? { at, fen: 0 };
    use.fen = addFen(use.fen, fen);
    uses.set(useKey, use);
  };
  for (const event of own) {
    for (const { quotaLine, from, to, fen } of event.movements) {
      add(event, quotaLine, whereaboutsOf(event, from, to), -fen);
      add(event, quotaLine, whereaboutsOf(event, to, from), fen);
    }
  }
  return { sources: sourceLines(sources), uses: useLines(uses) };
};

/** @param {ReadonlyMap<string, { parts: string[], fen: number }>} sources @returns {TraceSource[]} */
const sourceLines = (sources) =>
  inOrder(sources).map(
    ({ parts: [documentNo = '', channelCode = '', purposeCode = '', departmentCode = ''], fen }) => ({
      documentNo,
      channelCode,
      departmentCode,
      purposeCode,
      amount: yuanOf(fen),
    }),
  );

/** @param {ReadonlyMap<string, { at: Whereabouts, fen: number }>} uses @returns {TraceUse[]} */
const useLines = (uses) =>
  inOrder(uses).map(({ at, fen }) => ({
    division: at.division,
    projectCode: at.project === '' ? null : at.project,
    place: at.place === '' ? null : at.place,
    voucherNo: at.voucher === '' ? null : at.voucher,
    state: at.state,
    amount: yuanOf(fen),
  }));

/**
 * @template {{ fen: number }} Line
 * @param {ReadonlyMap<string, Line>} lines
 * @returns {Line[]}
 */
const inOrder = (lines) =>
  [...lines]
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([, line]) => line)
    .filter(({ fen }) => fen !== 0);

/** Single fen were followed by the ledger's convention, where an entry is traced and not a whole. */
/** @param {Bundle} bundle */
const isFollowed = ({ claim: { scope }, aboutLines }) =>
  scope.kind === 'payment' || (scope.kind === 'document' && !aboutLines);

/** The trace that follows from the movements alone. */
/** @param {Bundle} bundle @returns {Trace} */
const computeTrace = (bundle) => {
  const { kind, id } = bundle.claim.scope;
  const own = bundle.own.filter(({ movements }) => movements.length > 0);
  const sides = tallyMoney(bundle, own, (at) =>
    kind === 'project' ? at.project === id : kind === 'division' ? at.division === id : true,
  );
  const name = kind === 'document' ? 'appropriation' : kind;
  return { of: { kind: name, id }, ...sides, events: own.map((event) => event.id) };
};

/** @param {Bundle} bundle @returns {Trace} */
const readTrace = ({ files }) => {
  const { of, sources, uses, events } = fileJson(files, TRACE_FILE);
  const isTrace =
    isObject(of) &&
    Array.isArray(sources) &&
    Array.isArray(uses) &&
    Array.isArray(events) &&
    [...sources, ...uses].every((line) => isObject(line) && signedFenOf(line.amount) !== null) &&
    events.every((id) => typeof id === 'string');
  if (!isTrace) throw malformed(TRACE_FILE);
  return /** @type {Trace} */ ({ of, sources, uses, events });
};

/** @param {string} zh @param {string} en @returns {Finding} */
const traceFinding = (zh, en) => ({ code: 'TRACE_DIFFERS', file: TRACE_FILE, zh, en });

/** @param {readonly { amount: string }[]} lines @returns {number} */
const sumOf = (lines) => lines.reduce((sum, { amount }) => addFen(sum, signedFenOf(amount) ?? 0), 0);

/** @param {Bundle} bundle @returns {Finding[]} */
const checkTrace = (bundle) => {
  const trace = readTrace(bundle);
  if (!isFollowed(bundle)) {
    return fileText(bundle.files, TRACE_FILE) === jsonFile(computeTrace(bundle))
      ? []
      : [traceFinding('追溯与按资金变动重算的结果不一致', 'the trace is not what the movements add up to')];
  }
  /** @type {Finding[]} */
  const findings = [];
  if (fileText(bundle.files, TRACE_FILE) !== jsonFile(trace)) {
    findings.push(traceFinding('追溯文件含有多余内容', 'the trace holds more than a trace'));
  }
  const { id } = bundle.claim.scope;
  if (trace.of.id !== id) findings.push(traceFinding('追溯的对象不是本范围', 'the trace is of something else'));
  if (sumOf(trace.sources) !== sumOf(trace.uses)) {
    findings.push(traceFinding('追溯的来源合计与去向合计不等', 'both sides of the trace have other sums'));
  }
  const known = new Set(bundle.known.map((event) => event.id));
  if (!trace.events.every((event) => known.has(event))) {
    findings.push(traceFinding('追溯引用的事件不在证据中', 'the trace names events that are not in the bundle'));
  }
  return [...findings, ...checkFollowed(bundle, trace)];
};

/** What an entry moved, by line, is what its trace must be made of; and what is left at a voucher is summed exactly. */
/** @param {Bundle} bundle @param {Trace} trace @returns {Finding[]} */
const checkFollowed = (bundle, trace) => {
  const { kind, id } = bundle.claim.scope;
  const { own } = bundle;
  /** @type {Finding[]} */
  const findings = [];
  const ids = new Set(trace.events);
  // What a reversed entry had brought may have gone on before; its reversal then takes other money, which is not traced.
  const followed = own.filter(({ type, movements }) => movements.length > 0 && type !== 'EntryReversed');
  if (!followed.every((event) => ids.has(event.id))) {
    findings.push(traceFinding('追溯漏列了本单据的事件', 'the trace leaves out events of the document'));
  }
  const lines = new Set(own.flatMap(({ movements }) => movements.map(({ quotaLine }) => quotaLine)));
  if (!trace.sources.every((each) => lines.has(`${each.documentNo}/${each.channelCode}/${each.purposeCode}`))) {
    findings.push(traceFinding('追溯的来源不是本单据动用的指标', 'a source is not a line that the document moved'));
  }
  if (kind !== 'payment') return findings;
  const atVoucher = tallyMoney(bundle, own, ({ voucher }) => voucher === id).uses;
  const told = trace.uses.filter(({ voucherNo }) => voucherNo === id);
  if (canonicalJson(atVoucher) !== canonicalJson(told)) {
    findings.push(
      traceFinding('凭证名下的金额与资金变动不符', 'what stands at the voucher is not what the movements say'),
    );
  }
  return findings;
};
