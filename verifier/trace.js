'use strict';

/*
 * Where the money came from and where it is, computed from the movements alone, for every scope: what a bundle says of it
 * is compared with this whole, to the fen. It is what stands: an entry that was reversed is listed as history, in no sum.
 *
 * Of a voucher or another entry the money is followed on, through what stands. Within one line and account one fen is as
 * good as another, so which of them a later movement takes is a convention: first in, first out, by business date and,
 * within a day, by place in the log. A bundle with whole streams follows it through those; an extract holds nothing but the entry's own events
 * and ends with them.
 */

/** @typedef {{ documentNo: string, channelCode: string, departmentCode: string, purposeCode: string, amount: string }} TraceSource */
/** @typedef {{ division: string, projectCode: string | null, place: string | null, voucherNo: string | null, state: string, amount: string }} TraceUse */

/** An entry that was taken back, with what it had moved of the scope's money, or of cash what it had recorded. */
/**
 * @typedef {{
 *   eventId: string, type: string, documentNo: string | null, division: string, effectiveOn: string, amount: string,
 *   reversedBy: string, reversalNo: string | null, reversedOn: string,
 * }} ReversedEntry
 */

/**
 * @typedef {{
 *   of: { kind: string, id: string }, sources: TraceSource[], uses: TraceUse[], reversed: ReversedEntry[],
 *   events: string[],
 * }} Trace
 */

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

/** A movement as its event has it. */
/** @typedef {{ event: LedgerEvent, movement: Movement }} Step */

/** Number of the entry that a movement belongs to: of a return or a reversal, the original's. */
/** @param {LedgerEvent} event @returns {string} */
const entryOf = (event) => aboutOf(event) ?? documentOf(event) ?? '';

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
  return { division, project: home.project, place: home.place, voucher: hasVoucher ? entryOf(event) : '', state };
};

/** @param {unknown} list */
const objectsIn = (list) => (Array.isArray(list) ? list.filter(isObject) : []);

/**
 * Tells the owner department of a line, as the event names it that first brings the line, or issues it anew: into the pool,
 * where one project or entry is asked about; into a pool of the division, where that is; anywhere, where the document is.
 * All that stands of a line is of its newest issue.
 *
 * @param {AskedEvents} asked
 * @returns {(event: LedgerEvent, quotaLine: string) => string}
 */
const lineOwners = (asked) => {
  const { kind, id } = asked.claim.scope;
  const isByPool = kind !== 'division' && !asked.aboutLines;
  /** @param {string} stream @param {unknown} quotaLine */
  const keyOf = (stream, quotaLine) => `${isByPool ? stream : ''} ${String(quotaLine)}`;
  /** @type {Map<string, string>} */
  const owners = new Map();
  for (const { stream, pool, data } of asked.known) {
    if (kind === 'division' && pool?.division !== id) continue;
    for (const line of objectsIn(data.lines)) {
      const key = keyOf(stream, line.quotaLine);
      if (!owners.has(key)) owners.set(key, String(line.departmentCode));
    }
    for (const line of objectsIn(data.reissuedLines)) {
      owners.set(keyOf(stream, line.quotaLine), String(line.departmentCode));
    }
  }
  return ({ stream }, quotaLine) => owners.get(keyOf(stream, quotaLine)) ?? '';
};

/** Sums money by line and by whereabouts at once, so that both sides are sums of the same amounts. */
/** @param {AskedEvents} asked */
const newTally = (asked) => {
  const ownerOf = lineOwners(asked);
  /** @type {Map<string, { parts: string[], fen: Sum }>} */
  const sources = new Map();
  /** @type {Map<string, { at: Whereabouts, fen: Sum }>} */
  const uses = new Map();
  return {
    /** @param {LedgerEvent} event @param {string} quotaLine @param {Whereabouts} at @param {Sum} fen */
    add: (event, quotaLine, at, fen) => {
      const owner = ownerOf(event, quotaLine);
      const sourceKey = `${quotaLine} ${owner}`;
      const source = sources.get(sourceKey) ?? { parts: [...quotaLine.split('/'), owner], fen: 0 };
      source.fen = addFen(source.fen, fen);
      sources.set(sourceKey, source);
      const useKey = [at.division, at.project, at.place, at.state, at.voucher].join(' ');
      const use = uses.get(useKey) ?? { at, fen: 0 };
      use.fen = addFen(use.fen, fen);
      uses.set(useKey, use);
    },
    sides: () => ({ sources: sourceLines(sources), uses: useLines(uses) }),
  };
};

/** @typedef {ReturnType<typeof newTally>} Tally */

/** What a movement takes away from one whereabouts and brings to another, where they are asked for. */
/** @param {Tally} tally @param {Step} step @param {(at: Whereabouts) => boolean} isAskedFor */
const addBothSides = (tally, { event, movement: { quotaLine, from, to, fen } }, isAskedFor) => {
  const left = whereaboutsOf(event, from, to);
  if (left !== null && isAskedFor(left)) tally.add(event, quotaLine, left, -fen);
  const entered = whereaboutsOf(event, to, from);
  if (entered !== null && isAskedFor(entered)) tally.add(event, quotaLine, entered, fen);
};

/** @param {ReadonlyMap<string, { parts: string[], fen: Sum }>} sources @returns {TraceSource[]} */
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

/** @param {ReadonlyMap<string, { at: Whereabouts, fen: Sum }>} uses @returns {TraceUse[]} */
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
 * @template {{ fen: Sum }} Line
 * @param {ReadonlyMap<string, Line>} lines
 * @returns {Line[]}
 */
const inOrder = (lines) =>
  [...lines]
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([, line]) => line)
    .filter(({ fen }) => fen !== 0);

/** @param {readonly LedgerEvent[]} events @returns {Step[]} */
const stepsOf = (events) => events.flatMap((event) => event.movements.map((movement) => ({ event, movement })));

/** Some of a step's money, counted from its first fen. */
/** @typedef {{ step: Step, offset: number, fen: number }} Span */
/** A span that has been taken on, and the span that it has become. */
/** @typedef {{ offset: number, fen: number, next: Step, nextOffset: number }} Link */
/** @typedef {{ holdings: { at: Whereabouts, event: LedgerEvent, fen: Sum }[], moved: readonly LedgerEvent[] }} Followed */

/** Accounts that several entries share only by name are kept apart by entry. */
/** @param {LedgerEvent} event @param {Account} here @param {Account} there @param {Whereabouts} at @returns {string} */
const holdingKey = (event, here, there, at) => {
  switch (here.kind) {
    case 'transit':
      return `${here.path} ${at.division}`;
    case 'carried':
      return `${here.path} ${entryOf(event)}`;
    case 'recalled':
      return `${here.path} ${there.path}`;
    case 'held':
    case 'paid':
      return `${event.stream} ${here.path} ${at.voucher}`;
    default:
      return `${event.stream} ${here.path}`;
  }
};

/** The holding that a step takes money from, or puts it into; null outside the ledger. */
/** @param {Step} step @param {'from' | 'to'} side @returns {{ key: string, at: Whereabouts } | null} */
const holdingOf = ({ event, movement }, side) => {
  const [here, there] = side === 'from' ? [movement.from, movement.to] : [movement.to, movement.from];
  const at = whereaboutsOf(event, here, there);
  return at === null ? null : { key: holdingKey(event, here, there, at), at };
};

/** Whether no account ever gives what it does not have; what comes from elsewhere is not asked for its beginning. */
/** @param {readonly Step[]} steps @returns {boolean} */
const isPossible = (steps) => {
  /** @type {Map<string, Sum>} */
  const sums = new Map();
  return steps.every((step) => {
    const { from, fen } = step.movement;
    const giver = holdingOf(step, 'from');
    const taker = holdingOf(step, 'to');
    if (giver !== null) sums.set(giver.key, addFen(sums.get(giver.key) ?? 0, -fen));
    if (taker !== null) sums.set(taker.key, addFen(sums.get(taker.key) ?? 0, fen));
    return giver === null || from.kind === 'transit' || from.kind === 'carried' || (sums.get(giver.key) ?? 0) >= 0;
  });
};

/** @param {readonly Step[]} steps in the order of the log @returns {Step[]} */
const byDay = (steps) =>
  [...steps].sort(({ event: left }, { event: right }) =>
    left.effectiveOn === right.effectiveOn ? 0 : left.effectiveOn < right.effectiveOn ? -1 : 1,
  );

/**
 * The n-th fen that ever left an account is the n-th that ever came in; before that, a payment that says which voucher it
 * repays takes what came back of that voucher.
 *
 * @param {readonly Step[]} came @param {readonly Step[]} left @param {Map<Movement, Link[]>} links
 */
const matchAccount = (came, left, links) => {
  const bringings = came.map((step) => ({ step, offset: 0 }));
  const takings = left.map((step) => ({ step, offset: 0 }));
  /** @typedef {(typeof bringings)[number]} Unmatched */
  const leftOf = (/** @type {Unmatched} */ { step, offset }) => step.movement.fen - offset;
  /** @param {Unmatched} bringing @param {Unmatched} taking */
  const match = (bringing, taking) => {
    const fen = Math.min(leftOf(bringing), leftOf(taking));
    if (fen === 0) return;
    const known = links.get(bringing.step.movement) ?? [];
    known.push({ offset: bringing.offset, fen, next: taking.step, nextOffset: taking.offset });
    links.set(bringing.step.movement, known);
    bringing.offset += fen;
    taking.offset += fen;
  };
  for (const taking of takings) {
    const { repaysVoucherNo } = taking.step.event.data;
    if (typeof repaysVoucherNo !== 'string') continue;
    for (const bringing of bringings) {
      const { event, movement } = bringing.step;
      if (movement.from.kind === 'paid' && entryOf(event) === repaysVoucherNo) match(bringing, taking);
    }
  }
  let next = 0;
  for (const taking of takings) {
    while (leftOf(taking) > 0 && next < bringings.length) {
      match(bringings[next], taking);
      if (leftOf(bringings[next]) === 0) next += 1;
    }
  }
};

/** Where the money of every step went on to. */
/** @param {readonly Step[]} steps @returns {ReadonlyMap<Movement, readonly Link[]>} */
const linksOf = (steps) => {
  /** @type {Map<string, { came: Step[], left: Step[] }>} */
  const accounts = new Map();
  for (const step of steps) {
    for (const side of /** @type {const} */ (['from', 'to'])) {
      const holding = holdingOf(step, side);
      if (holding === null) continue;
      const account = accounts.get(holding.key) ?? { came: [], left: [] };
      accounts.set(holding.key, account);
      (side === 'from' ? account.left : account.came).push(step);
    }
  }
  /** @type {Map<Movement, Link[]>} */
  const links = new Map();
  for (const { came, left } of accounts.values()) matchAccount(came, left, links);
  return links;
};

/**
 * Follows some movements of one line. A day may end well and yet be impossible in the order of its entries, when something
 * was recorded late with an early date: then the line is followed by the order of the log alone.
 *
 * @param {AskedEvents} asked @param {ReadonlySet<Movement>} followed @param {string} quotaLine
 * @returns {Followed}
 */
const followLine = ({ claim, counted, own }, followed, quotaLine) => {
  const whole = new Set(claim.whole);
  const isWhole = claim.coverage === 'whole';
  const events = isWhole ? counted.filter(({ stream }) => whole.has(stream)) : own;
  const isOfLine = (/** @type {Step} */ { movement }) => movement.quotaLine === quotaLine;
  const standing = stepsOf(standingOf(events)).filter(isOfLine);
  const isByDay = !isWhole || isPossible(byDay(stepsOf(events).filter(isOfLine)));
  const links = linksOf(isByDay ? byDay(standing) : standing);
  /** @type {Map<string, { at: Whereabouts, event: LedgerEvent, fen: Sum }>} */
  const holdings = new Map();
  /** @type {Set<LedgerEvent>} */
  const moved = new Set();
  /** @type {Span[]} */
  const pending = standing
    .filter(({ movement }) => followed.has(movement))
    .map((step) => ({ step, offset: 0, fen: step.movement.fen }));
  for (let span = pending.pop(); span !== undefined; span = pending.pop()) {
    const { step, offset, fen } = span;
    moved.add(step.event);
    let rest = fen;
    for (const link of links.get(step.movement) ?? []) {
      const from = Math.max(link.offset, offset);
      const common = Math.min(link.offset + link.fen, offset + fen) - from;
      if (common <= 0) continue;
      rest -= common;
      moved.add(link.next.event);
      // Money of another followed movement is followed from there.
      if (followed.has(link.next.movement)) continue;
      pending.push({ step: link.next, offset: link.nextOffset + from - link.offset, fen: common });
    }
    const holding = holdingOf(step, 'to');
    if (holding === null || rest === 0) continue;
    const known = holdings.get(holding.key) ?? { at: holding.at, event: step.event, fen: 0 };
    known.fen = addFen(known.fen, rest);
    holdings.set(holding.key, known);
  }
  return { holdings: [...holdings.values()], moved: [...moved] };
};

/**
 * The reversals that stand, by the id of what they take back. A reversal that was itself reversed takes nothing back.
 *
 * @param {readonly LedgerEvent[]} events in the order of the log
 * @returns {ReadonlyMap<unknown, LedgerEvent>}
 */
const standingReversals = (events) => {
  /** @type {Map<unknown, LedgerEvent>} */
  const reversals = new Map();
  for (const event of [...events].reverse()) {
    if (event.type === 'EntryReversed' && !reversals.has(event.id)) reversals.set(event.data.reversedEventId, event);
  }
  return reversals;
};

/** Events that neither took something back nor were taken back. */
/** @param {readonly LedgerEvent[]} events @returns {LedgerEvent[]} */
const standingOf = (events) => {
  const reversals = standingReversals(events);
  return events.filter(({ id, type }) => type !== 'EntryReversed' && !reversals.has(id));
};

/** Those of some events that were taken back. */
/** @param {AskedEvents} asked @param {readonly LedgerEvent[]} events in the order of the log @returns {ReversedEntry[]} */
const reversedAmong = ({ counted }, events) => {
  const reversals = standingReversals(counted);
  return events.flatMap((event) => {
    const reversal = reversals.get(event.id);
    if (reversal === undefined) return [];
    const moved = event.movements.length > 0 ? event.movements : receiptsOf(event);
    return [
      {
        eventId: event.id,
        type: event.type,
        documentNo: documentOf(event),
        division: event.pool?.division ?? '',
        effectiveOn: event.effectiveOn,
        amount: yuanOf(moved.reduce((sum, { fen }) => addFen(sum, fen), /** @type {Sum} */ (0))),
        reversedBy: reversal.id,
        reversalNo: documentOf(reversal),
        reversedOn: reversal.effectiveOn,
      },
    ];
  });
};

/** What an entry is, where that is neither a quota document nor a voucher. */
/** @param {AskedEvents} asked @returns {string} */
const entryKindOf = ({ claim: { scope }, own }) => {
  const types = own.filter((event) => documentOf(event) === scope.id).map(({ type }) => type);
  if (types.includes('TransferIssued')) return 'transfer';
  return types.includes('FundsAllocated') || types.includes('FundsReallocated') ? 'allocation' : 'event';
};

/** @type {{ readonly [kind: string]: readonly string[] | undefined }} */
const MOVING_TYPES = { transfer: ['TransferIssued'], allocation: ['FundsAllocated', 'FundsReallocated'] };

/** The events that are the entry itself: of a voucher all its steps, of another number those that bear it. */
/** @param {AskedEvents} asked @param {string} kind @returns {LedgerEvent[]} */
const eventsOfEntry = ({ own, claim: { scope } }, kind) => {
  const types = MOVING_TYPES[kind];
  if (kind === 'payment') return [...own];
  return own.filter((event) => documentOf(event) === scope.id && (types === undefined || types.includes(event.type)));
};

/** A number that only a return has is that of the returning voucher, at which no money stands. */
/** @param {AskedEvents} asked */
const isPaidVoucher = ({ claim: { scope }, own }) =>
  own.some(
    (event) =>
      documentOf(event) === scope.id && (event.type === 'PaymentRequested' || event.type === 'PaymentExecuted'),
  );

/** Movements whose money is followed on: of a voucher what came back from it, of another entry all that it moved. */
/** @param {AskedEvents} asked @param {string} kind @returns {Movement[]} */
const followedOf = (asked, kind) => {
  const { id } = asked.claim.scope;
  const standing = standingOf(asked.own);
  if (kind === 'payment' && isPaidVoucher(asked)) {
    return stepsOf(standing)
      .filter(
        ({ event, movement: { from, to } }) =>
          whereaboutsOf(event, from, to)?.voucher === id && whereaboutsOf(event, to, from)?.voucher !== id,
      )
      .map(({ movement }) => movement);
  }
  const standsHere = new Set(standing);
  return eventsOfEntry(asked, kind)
    .filter((event) => standsHere.has(event) && documentOf(event) === id)
    .flatMap(({ movements }) => movements);
};

/**
 * What an entry has of history: its own events and their reversals, as far as they were taken back; and what it took back
 * itself, where it is a reversal.
 *
 * @param {AskedEvents} asked @param {string} kind @returns {ReversedEntry[]}
 */
const reversedOfEntry = (asked, kind) => {
  const { own, counted } = asked;
  const ids = new Set(eventsOfEntry(asked, kind).map(({ id }) => id));
  for (const { id, type, data } of own) {
    if (type === 'EntryReversed' && ids.has(String(data.reversedEventId))) ids.add(id);
  }
  for (const [original, { id }] of standingReversals(counted)) if (ids.has(id)) ids.add(String(original));
  return reversedAmong(
    asked,
    counted.filter(({ id }) => ids.has(id)),
  );
};

/** @param {AskedEvents} asked @returns {Trace} */
const traceEntry = (asked) => {
  const { kind: scopeKind, id } = asked.claim.scope;
  const kind = scopeKind === 'payment' ? 'payment' : entryKindOf(asked);
  const isAtVoucher = (/** @type {Whereabouts} */ { voucher }) => kind === 'payment' && voucher === id;
  const tally = newTally(asked);
  // By leaf: an event of the scope stands here without its other movements, and among all events with them.
  const moved = new Map(eventsOfEntry(asked, kind).map(({ leaf, id: eventId }) => [leaf, eventId]));
  if (isPaidVoucher(asked)) for (const step of stepsOf(standingOf(asked.own))) addBothSides(tally, step, isAtVoucher);
  const followed = new Set(followedOf(asked, kind));
  for (const quotaLine of new Set([...followed].map((movement) => movement.quotaLine))) {
    const money = followLine(asked, followed, quotaLine);
    for (const event of money.moved) moved.set(event.leaf, event.id);
    for (const { at, event, fen } of money.holdings) {
      if (!isPaidVoucher(asked) || !isAtVoucher(at)) tally.add(event, quotaLine, at, fen);
    }
  }
  const reversed = reversedOfEntry(asked, kind);
  const history = new Set(reversed.flatMap(({ eventId, reversedBy }) => [eventId, reversedBy]));
  for (const event of asked.counted) if (history.has(event.id)) moved.set(event.leaf, event.id);
  const events = [...moved].sort(([left], [right]) => left - right).map(([, eventId]) => eventId);
  return { of: { kind, id }, ...tally.sides(), reversed, events };
};

/** An entry is traced, and not a whole that its movements add up to. */
/** @param {AskedEvents} asked */
const isOfEntry = ({ claim: { scope }, aboutLines }) =>
  scope.kind === 'payment' || (scope.kind === 'document' && !aboutLines);

/** The trace that follows from the events alone. */
/** @param {AskedEvents} asked @returns {Trace} */
const computeTrace = (asked) => {
  if (isOfEntry(asked)) return traceEntry(asked);
  const { kind, id } = asked.claim.scope;
  const own = asked.own.filter(({ movements }) => movements.length > 0);
  /** @param {Whereabouts} at */
  const isAskedFor = (at) => (kind === 'project' ? at.project === id : kind === 'division' ? at.division === id : true);
  const tally = newTally(asked);
  for (const step of stepsOf(own)) addBothSides(tally, step, isAskedFor);
  const name = kind === 'document' ? 'appropriation' : kind;
  const reversed = reversedAmong(asked, own);
  return { of: { kind: name, id }, ...tally.sides(), reversed, events: own.map((event) => event.id) };
};

/** @param {readonly { amount: string }[]} lines @returns {Sum} */
const sumOf = (lines) =>
  lines.reduce((sum, { amount }) => addFen(sum, signedFenOf(amount) ?? 0), /** @type {Sum} */ (0));

/** @param {Bundle} bundle @returns {Finding[]} */
const checkTrace = (bundle) => {
  const computed = bundle.trace();
  /** @type {Finding[]} */
  const findings = [];
  if (fileText(bundle.files, TRACE_FILE) !== jsonFile(computed)) {
    const at = firstDifference(computed, fileJson(bundle.files, TRACE_FILE));
    findings.push({
      code: 'TRACE_DIFFERS',
      file: TRACE_FILE,
      zh: `追溯与按资金变动重算的结果不一致：${at}`,
      en: `the trace is not what the movements add up to: ${at}`,
    });
  }
  const ownerless = computed.sources.find(({ departmentCode }) => departmentCode === '');
  if (ownerless !== undefined) {
    findings.push({
      code: 'PARTICULARS_MISSING',
      file: EVENTS_FILE,
      zh: `缺少指标 ${ownerless.documentNo} 入池的事件，主管部门无从得知`,
      en: `the event that brought ${ownerless.documentNo} into the pool is missing, and with it whose the money is`,
    });
  }
  const known = new Set(bundle.known.map(({ id }) => id));
  const lacking = bundle.own.find(
    ({ type, data }) => type === 'EntryReversed' && !known.has(String(data.reversedEventId)),
  );
  if (lacking !== undefined) {
    findings.push({
      code: 'REVERSED_MISSING',
      file: EVENTS_FILE,
      zh: `缺少被 ${lacking.id} 冲销的事件`,
      en: `the event that ${lacking.id} took back is missing`,
    });
  }
  return findings;
};
