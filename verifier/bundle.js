'use strict';

/* What a bundle holds, read from its files; nothing is believed by being read. */

const MANIFEST_FILE = 'manifest.json';
const PROOFS_FILE = 'proofs.txt';
const KEY_FILE = 'log-key.txt';
const BALANCES_FILE = 'balances.json';
const TRACE_FILE = 'trace.json';
const REPORT_FILE = 'report.html';
const SCRIPT_FILE = 'verify.cjs';
const PAGE_FILE = 'verify.html';

const FORMAT = 'yichi-evidence/2';
const SCOPE_KINDS = ['division', 'project', 'document', 'payment'];

/** @typedef {{ kind: 'division' | 'project' | 'document' | 'payment', id: string }} Scope */

/** Tree at which everything is read; business date, inclusive, or null for all that was known. */
/**
 * @typedef {{
 *   asOf: string | null, bookmark: { name: string, eventId: string } | null,
 *   treeSize: number, treeRoot: string, consistency: string[],
 * }} Moment
 */

/** `whole`: every event of the stream up to the moment; else only those that are needed. */
/** @typedef {{ stream: string, whole: boolean, events: number, from: number, to: number, end: 'proven' | 'stated' | null }} StreamLine */

/** @typedef {{ scope: Scope, coverage: 'whole' | 'extract', moment: Moment, whole: readonly string[] }} Claim */

/** @typedef {{ index: number, hashes: Uint8Array[] }} Proof */

/** What decides the answers: which scope is asked about, and how much is there. */
/** @typedef {{ scope: Scope, coverage: 'whole' | 'extract', whole: readonly string[] }} Question */

/**
 * `known`: events up to the moment; `counted`: those of them whose business date counts; `own`: those of the scope, each
 * with only those movements that belong to it; `aboutLines`: the scope is a document's quota lines; `entries`: ids of the
 * events of an entry or a voucher, null for other scopes.
 *
 * @typedef {{
 *   claim: Question, known: readonly LedgerEvent[], counted: readonly LedgerEvent[], own: readonly LedgerEvent[],
 *   aboutLines: boolean, entries: ReadonlySet<string> | null,
 * }} AskedEvents
 */

/**
 * Trace and balances are computed from the events, once, and never read from the files that they are compared with.
 *
 * @typedef {AskedEvents & {
 *   files: ReadonlyMap<string, Uint8Array>, claim: Claim, checkpoint: Checkpoint, proofs: readonly Proof[],
 *   events: readonly LedgerEvent[], streams: readonly StreamLine[], trace: () => Trace, balances: () => Balances,
 * }} Bundle
 */

/**
 * @template Result
 * @param {() => Result} compute
 * @returns {() => Result}
 */
const once = (compute) => {
  /** @type {{ result: Result } | null} */
  let known = null;
  return () => (known ??= { result: compute() }).result;
};

/** @param {ReadonlyMap<string, Uint8Array>} files @param {string} name @returns {Uint8Array} */
const fileOf = (files, name) => {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Fault('FILE_MISSING', name, `缺少文件 ${name}`, `the file ${name} is missing`);
  return bytes;
};

/** @param {ReadonlyMap<string, Uint8Array>} files @param {string} name @returns {string} */
const fileText = (files, name) => {
  const text = textOf(fileOf(files, name));
  if (text === null) throw new Fault('FILE_MALFORMED', name, `${name} 不是 UTF-8 文本`, `${name} is not UTF-8`);
  return text;
};

/** @param {string} file @returns {Fault} */
const malformed = (file) => new Fault('FILE_MALFORMED', file, `${file} 的内容无法识别`, `${file} cannot be understood`);

/** @param {ReadonlyMap<string, Uint8Array>} files @param {string} name @returns {JsonObject} */
const fileJson = (files, name) => {
  const text = fileText(files, name);
  try {
    const value = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Told below.
  }
  throw malformed(name);
};

/** @param {ReadonlyMap<string, Uint8Array>} files @returns {Claim} */
const readClaim = (files) => {
  const { format, scope, coverage, moment, streams } = fileJson(files, MANIFEST_FILE);
  if (format !== FORMAT) {
    throw new Fault(
      'FORMAT_UNKNOWN',
      MANIFEST_FILE,
      `格式 ${shownText(format)} 不是 ${FORMAT}：本程序不能重算其追溯和报告，请用同一范围和时点重新导出，或用较新的核验程序`,
      `the format ${shownText(format)} is not ${FORMAT}: its trace and report cannot be computed anew by this program; export the same scope and moment again, or use a newer verifier`,
    );
  }
  const isClaim =
    isObject(scope) &&
    SCOPE_KINDS.includes(String(scope.kind)) &&
    typeof scope.id === 'string' &&
    (coverage === 'whole' || coverage === 'extract') &&
    isMoment(moment) &&
    Array.isArray(streams) &&
    streams.every((line) => isObject(line) && typeof line.stream === 'string' && typeof line.whole === 'boolean');
  if (!isClaim) throw malformed(MANIFEST_FILE);
  const whole = /** @type {StreamLine[]} */ (streams).filter((line) => line.whole).map(({ stream }) => stream);
  if (coverage === 'extract' && whole.length > 0) {
    throw new Fault(
      'COVERAGE_DIFFERS',
      MANIFEST_FILE,
      '清单称本包为摘录，又称有完整的事件流',
      'the manifest calls the bundle an extract and streams in it whole',
    );
  }
  return { scope: /** @type {Scope} */ (/** @type {unknown} */ (scope)), coverage, moment, whole };
};

/** @param {unknown} moment @returns {moment is Moment} */
const isMoment = (moment) => {
  if (!isObject(moment)) return false;
  const { asOf, bookmark, treeSize, treeRoot, consistency } = moment;
  return (
    (asOf === null || (typeof asOf === 'string' && /^\d{4}-\d\d-\d\d$/.test(asOf))) &&
    (bookmark === null ||
      (isObject(bookmark) && typeof bookmark.name === 'string' && typeof bookmark.eventId === 'string')) &&
    isCount(treeSize) &&
    typeof treeRoot === 'string' &&
    Array.isArray(consistency) &&
    consistency.every((hash) => typeof hash === 'string')
  );
};

/** Lines of bytes, each ended by a line feed. */
/** @param {Uint8Array} bytes @param {string} file @returns {Uint8Array[]} */
const linesOf = (bytes, file) => {
  /** @type {Uint8Array[]} */
  const lines = [];
  let from = 0;
  for (;;) {
    const end = bytes.indexOf(10, from);
    if (end < 0) break;
    lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  if (from !== bytes.length || lines.length === 0) throw malformed(file);
  return lines;
};

/**
 * A line is the number of the leaf and the hashes from its sibling to the root's child. `=n` at the end stands for the
 * last n hashes of the line before, which neighbours share.
 *
 * @param {Uint8Array} bytes
 * @returns {Proof[]}
 */
const parseProofs = (bytes) => {
  /** @type {Proof[]} */
  const proofs = [];
  for (const line of linesOf(bytes, PROOFS_FILE)) {
    const [indexText, ...words] = (textOf(line) ?? '').split(' ');
    const index = wholeNumber(indexText);
    const previous = proofs[proofs.length - 1]?.hashes ?? [];
    const last = words[words.length - 1];
    const shared = last?.startsWith('=') === true ? wholeNumber(last.slice(1)) : 0;
    const own = last?.startsWith('=') === true ? words.slice(0, -1) : words;
    if (index === null || shared === null || shared > previous.length) throw malformed(PROOFS_FILE);
    const hashes = own.map((word) => {
      const hash = base64Bytes(word);
      if (hash === null || hash.length !== 32) throw malformed(PROOFS_FILE);
      return hash;
    });
    proofs.push({ index, hashes: [...hashes, ...previous.slice(previous.length - shared)] });
  }
  return proofs;
};

/** The one text that proofs have: every line shares as much with the line before as it can. */
/** @param {readonly Proof[]} proofs @returns {string} */
const formatProofs = (proofs) => {
  /** @type {readonly Uint8Array[]} */
  let previous = [];
  return proofs
    .map(({ index, hashes }) => {
      let shared = 0;
      while (
        shared < Math.min(hashes.length, previous.length) &&
        sameBytes(hashes[hashes.length - 1 - shared], previous[previous.length - 1 - shared])
      ) {
        shared += 1;
      }
      previous = hashes;
      const own = hashes.slice(0, hashes.length - shared).map(base64Of);
      return `${[String(index), ...own, ...(shared > 0 ? [`=${shared}`] : [])].join(' ')}\n`;
    })
    .join('');
};

/** @param {ReadonlyMap<string, Uint8Array>} files @returns {Bundle} */
const readBundle = (files) => {
  const proofs = parseProofs(fileOf(files, PROOFS_FILE));
  const lines = linesOf(fileOf(files, EVENTS_FILE), EVENTS_FILE);
  if (lines.length !== proofs.length) {
    throw new Fault(
      'PROOF_MISSING',
      PROOFS_FILE,
      `事件 ${lines.length} 条，证明 ${proofs.length} 条`,
      `there are ${lines.length} events and ${proofs.length} proofs`,
    );
  }
  const events = lines.map((line, index) => parseEvent(line, index, proofs[index].index));
  return makeBundle(files, proofs, events);
};

/**
 * The bundle of somebody who has just made the files, and so need not doubt them: only for writing report and manifest.
 *
 * @param {ReadonlyMap<string, Uint8Array>} files
 * @param {readonly { readonly leaf: number, readonly event: JsonObject }[]} events
 * @returns {Bundle}
 */
const ownBundle = (files, events) =>
  makeBundle(
    files,
    [],
    events.map(({ leaf, event }, line) => readEvent(event, new Uint8Array(), line, leaf)),
  );

/**
 * @param {Question} claim @param {readonly LedgerEvent[]} known @param {string | null} asOf
 * @returns {AskedEvents}
 */
const askEvents = (claim, known, asOf) => {
  const counted = asOf === null ? known : known.filter(({ effectiveOn }) => effectiveOn <= asOf);
  const aboutLines = isAboutLines(claim.scope, known);
  const asked = { claim, known, aboutLines, entries: entryEvents(claim.scope, aboutLines, known) };
  return { ...asked, counted, own: eventsInScope(asked, counted) };
};

/**
 * The trace that a bundle of these events must hold, for whoever is making one.
 *
 * @param {Question & { asOf: string | null }} question
 * @param {readonly JsonObject[]} events all that the bundle knows at the moment, in the order of the log
 * @returns {Trace}
 */
const traceOf = ({ asOf, ...question }, events) =>
  computeTrace(
    askEvents(
      question,
      events.map((event, line) => readEvent(event, new Uint8Array(), line, line)),
      asOf,
    ),
  );

/**
 * @param {ReadonlyMap<string, Uint8Array>} files @param {readonly Proof[]} proofs @param {readonly LedgerEvent[]} events
 * @returns {Bundle}
 */
const makeBundle = (files, proofs, events) => {
  const claim = readClaim(files);
  const { asOf, treeSize } = claim.moment;
  const known = events.filter(({ leaf }) => leaf < treeSize);
  const asked = askEvents(claim, known, asOf);
  return {
    ...asked,
    claim,
    files,
    checkpoint: parseCheckpoint(fileOf(files, NOTE_FILE)),
    proofs,
    events,
    streams: streamsOf(claim, events),
    trace: once(() => computeTrace(asked)),
    balances: once(() => foldBalances(asked)),
  };
};

/** What the events show of every stream: how much of it is there, and whether its end is proven. */
/** @param {Claim} claim @param {readonly LedgerEvent[]} events @returns {StreamLine[]} */
const streamsOf = ({ moment, whole }, events) => {
  /** @type {Map<string, StreamLine>} */
  const lines = new Map();
  for (const { stream, revision, leaf } of events) {
    const isWhole = whole.includes(stream);
    const line = lines.get(stream) ?? {
      stream,
      whole: isWhole,
      events: 0,
      from: -1,
      to: -1,
      end: isWhole ? 'stated' : null,
    };
    lines.set(stream, line);
    if (leaf < moment.treeSize) {
      line.from = line.events === 0 ? revision : line.from;
      line.to = revision;
      line.events += 1;
    } else if (isWhole && revision === line.to + 1) {
      line.end = 'proven';
    }
  }
  return [...lines.values()].sort((left, right) => (left.stream < right.stream ? -1 : 1));
};

/**
 * The manifest, which follows from the files and the claim and from nothing else.
 *
 * @param {Bundle} bundle
 * @param {ReadonlyMap<string, Uint8Array>} files
 * @param {(bytes: Uint8Array) => string} hash SHA-256 in hex
 * @returns {string}
 */
const manifestOf = (bundle, files = bundle.files, hash = (bytes) => hexOf(sha256(bytes))) => {
  const { claim, checkpoint, streams } = bundle;
  const { scope, coverage, moment } = claim;
  const manifest = {
    format: FORMAT,
    scope: { kind: scope.kind, id: scope.id },
    coverage,
    moment: {
      asOf: moment.asOf,
      bookmark: moment.bookmark === null ? null : { name: moment.bookmark.name, eventId: moment.bookmark.eventId },
      treeSize: moment.treeSize,
      treeRoot: moment.treeRoot,
      consistency: moment.consistency,
    },
    checkpoint: { origin: checkpoint.origin, size: checkpoint.size, root: base64Of(checkpoint.root) },
    streams,
    files: [...files]
      .filter(([name]) => name !== MANIFEST_FILE)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: hash(bytes) })),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
};
