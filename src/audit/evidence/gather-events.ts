import { canonicalText } from '../../event-log/canonical-json';
import type { Position, StoredEvent } from '../../event-log/event';
import { DomainError } from '../../platform/domain-error';
import { projectStream } from '../../project-library/project';
import { type EventFinder, registryOf, type StreamPart } from './event-finder';
import { type EvidenceScope, nothingThen } from './evidence-scope';
import { documentMeaning, eventsInScope } from './scope-events';
import { readMoneyEvent, type StoredMoneyEvent } from './stored-money-event';

/** `whole`: the deciding streams from their first event on, so that completeness can be proven; `extract`: what touches the scope. */
export type Coverage = 'whole' | 'extract';

/** Bytes that a browser can still work with; more is a matter for the whole log. */
const MOST_EVENTS = 200_000;

/** Longer chains than province, city, county, township and village do not occur. */
const MOST_STEPS_BACK = 16;

export interface GatheredEvents {
  /** By position: everything that goes into the bundle and was known at the moment. */
  readonly events: ReadonlyMap<Position, StoredMoneyEvent>;
  /** Streams that are there whole, with the event that came next after the moment. */
  readonly whole: readonly StreamPart[];
  /** Events of the deciding pools, as far as the moment and in order; all that the scope's figures come from. */
  readonly deciding: readonly StoredMoneyEvent[];
}

/** The names that a reader wants beside codes. */
export interface WantedNames {
  readonly division: ReadonlySet<string>;
  readonly department: ReadonlySet<string>;
  readonly channel: ReadonlySet<string>;
  readonly purpose: ReadonlySet<string>;
  readonly project: ReadonlySet<string>;
}

/** Collects the events that decide the figures of a scope at a moment, and those that tell where its money came from. */
export class EventGatherer {
  readonly #finder: EventFinder;
  readonly #scope: EvidenceScope;
  readonly #position: Position;
  readonly #events = new Map<Position, StoredMoneyEvent>();

  constructor(finder: EventFinder, scope: EvidenceScope, position: Position) {
    this.#finder = finder;
    this.#scope = scope;
    this.#position = position;
  }

  /** @throws DomainError EVIDENCE_NOTHING_THEN, EVIDENCE_TOO_LARGE */
  async gather(coverage: Coverage): Promise<GatheredEvents> {
    const pools: StreamPart[] = [];
    for (const stream of this.#finder.poolsOf(this.#scope)) pools.push(await this.#finder.stream(stream));
    const isWanted = coverage === 'whole' ? () => true : mentions(this.#scope);
    const read = pools.map((part) => ({ part, events: part.events.filter(isWanted).map(readMoneyEvent) }));
    const takers =
      this.#scope.kind === 'division' ? await this.#finder.takersOf(pools.map(({ stream }) => stream)) : [];
    const inPools = read.flatMap(({ events }) => events);
    const known = new Set(inPools.map(({ position }) => position));
    const taking = takers.map(readMoneyEvent).filter(({ position }) => !known.has(position));
    const all = [...inPools, ...taking].sort(byPosition);
    const own = eventsInScope(this.#scope, all);
    if (own.length === 0) throw nothingThen(this.#scope, this.#position);

    // A pool that knew nothing of the scope at the moment decides nothing.
    const touched = new Set(own.map(({ stream }) => stream));
    const deciding = read.filter(({ part }) => touched.has(part.stream) || this.#scope.kind === 'division');
    const whole: StreamPart[] = coverage === 'whole' ? deciding.map(({ part }) => part) : [];
    if (coverage === 'whole') for (const event of deciding.flatMap(({ events }) => events)) this.#take(event);
    const wanted = new Set(own.map(({ position }) => position));
    for (const event of all) if (wanted.has(event.position)) this.#take(event);
    if (this.#scope.kind === 'project') {
      const part = await this.#finder.stream(projectStream(this.#scope.id));
      if (coverage === 'whole' && part.events.length > 0) whole.push(part);
      for (const event of part.events) this.#take(readMoneyEvent(event));
    }
    if (coverage === 'whole') whole.push(...(await this.#takeFollowing(own, deciding)));
    await this.#takeReversed(own);
    this.#takeParticulars(own, all);
    await this.#takeOrigins(own);
    const decisive = [...deciding.flatMap(({ events }) => events), ...taking].sort(byPosition);
    return { events: this.#events, whole, deciding: decisive };
  }

  /** Registry and project events that give codes their names. */
  async addNames(wanted: WantedNames): Promise<void> {
    for (const kind of ['division', 'department', 'channel', 'purpose'] as const) {
      const { stream, member } = registryOf(kind);
      // Codes need no escape in JSON, and a province's divisions are too many to be parsed one by one.
      const code = new RegExp(`"${member}":"([^"]*)"`);
      const { events } = await this.#finder.stream(stream);
      for (const event of events) {
        if (wanted[kind].has(code.exec(event.canonical)?.[1] ?? '')) this.#take(readMoneyEvent(event));
      }
    }
    for (const code of [...wanted.project].sort()) {
      if (this.#scope.kind === 'project' && code === this.#scope.id) continue;
      const { events } = await this.#finder.stream(projectStream(code));
      for (const event of events.map(readMoneyEvent)) if (NAMING_TYPES.includes(event.type)) this.#take(event);
    }
  }

  /** Pools to which the money of an entry went on, from pool to pool: the trace follows it there. */
  async #takeFollowing(
    own: readonly StoredMoneyEvent[],
    deciding: readonly { readonly part: StreamPart }[],
  ): Promise<readonly StreamPart[]> {
    const lines = followedLines(this.#scope, own);
    const known = new Set(deciding.map(({ part }) => part.stream));
    const following: StreamPart[] = [];
    let givers: readonly string[] = lines.size === 0 ? [] : [...known];
    while (givers.length > 0) {
      givers = this.#finder.poolsTakingIn(givers, lines).filter((stream) => !known.has(stream));
      for (const stream of givers) {
        known.add(stream);
        const part = await this.#finder.stream(stream);
        for (const event of part.events) this.#take(readMoneyEvent(event));
        following.push(part);
      }
    }
    return following;
  }

  /** What the scope's reversals took back: by a reversal's own number, that is no event of the scope. */
  async #takeReversed(own: readonly StoredMoneyEvent[]): Promise<void> {
    const known = new Set([...this.#events.values()].map(({ id }) => id));
    for (const { data } of own) {
      const id = data.reversedEventId;
      if (id === undefined || known.has(id)) continue;
      const original = await this.#finder.byId(id);
      if (original !== null) this.#take(readMoneyEvent(original));
    }
  }

  /** The events that first brought the lines into the pools, or issued them anew, and with them whose they are. */
  #takeParticulars(own: readonly StoredMoneyEvent[], all: readonly StoredMoneyEvent[]): void {
    const wanted = new Set(
      own.flatMap(({ stream, movements }) => movements.map((each) => `${stream} ${each.quotaLine}`)),
    );
    const missing = new Set(wanted);
    for (const event of all) {
      for (const { quotaLine } of event.data.lines ?? []) {
        if (missing.delete(`${event.stream} ${quotaLine}`)) this.#take(event);
      }
      for (const { quotaLine } of event.data.reissuedLines ?? []) {
        if (wanted.has(`${event.stream} ${quotaLine}`)) this.#take(event);
      }
    }
  }

  /** Follows every line back, from pool to pool, to the appropriation that began it. */
  async #takeOrigins(own: readonly StoredMoneyEvent[]): Promise<void> {
    const asked = new Set<string>();
    let next = own.flatMap(({ stream, movements }) => movements.map(({ quotaLine }) => ({ stream, quotaLine })));
    for (let step = 0; step < MOST_STEPS_BACK && next.length > 0; step += 1) {
      const givers: { stream: string; quotaLine: string }[] = [];
      for (const { stream, quotaLine } of next) {
        const key = `${stream} ${quotaLine}`;
        if (asked.has(key)) continue;
        asked.add(key);
        for (const event of (await this.#finder.bringing(stream, quotaLine)).map(readMoneyEvent)) {
          this.#take(event);
          const giver = await this.#giving(event);
          if (giver === null) continue;
          this.#take(giver);
          givers.push({ stream: giver.stream, quotaLine });
        }
      }
      next = givers;
    }
  }

  /** The other half of an event that takes money in. */
  async #giving({ data }: StoredMoneyEvent): Promise<StoredMoneyEvent | null> {
    const id = data.transferEventId ?? data.carryOverEventId;
    const event: StoredEvent | null = id === undefined ? null : await this.#finder.byId(id);
    return event === null ? null : readMoneyEvent(event);
  }

  #take(event: StoredMoneyEvent): void {
    this.#events.set(event.position, event);
    if (this.#events.size > MOST_EVENTS) throw tooLarge();
  }
}

/** Lines whose money a trace follows on: all that an entry moved, and of a voucher what came back. */
const followedLines = (scope: EvidenceScope, own: readonly StoredMoneyEvent[]): ReadonlySet<string> => {
  const { kind } = scope;
  const isEntry = kind === 'payment' || (kind === 'document' && documentMeaning(scope, own) === 'entry');
  const moving = kind === 'payment' ? own.filter(({ type }) => COMING_BACK_TYPES.includes(type)) : own;
  return new Set(isEntry ? moving.flatMap(({ movements }) => movements.map(({ quotaLine }) => quotaLine)) : []);
};

const COMING_BACK_TYPES: readonly string[] = ['PaymentReturned', 'PaymentCancelled'];

/** Events that give a project its name. */
const NAMING_TYPES: readonly string[] = ['ProjectRegistered', 'ProjectChanged'];

/**
 * Whether an event can belong to a scope, undo what does or tell the particulars of a line, by its text alone: taking ten thousand
 * others apart would cost more than all the rest.
 */
const mentions = ({ kind, id }: EvidenceScope): ((event: StoredEvent) => boolean) => {
  if (kind === 'division') return () => true;
  const text = canonicalText(id);
  const others = ['"lines":', '"reversedEventId":'];
  return ({ canonical }) => canonical.includes(text) || others.some((part) => canonical.includes(part));
};

const byPosition = (left: StoredMoneyEvent, right: StoredMoneyEvent): number => left.position - right.position;

const tooLarge = (): DomainError =>
  new DomainError('input', {
    code: 'EVIDENCE_TOO_LARGE',
    message: `所涉资金池的事件超过 ${MOST_EVENTS} 条，证据包过大。`,
    messageEn: `The pools in question have more than ${MOST_EVENTS} events, too many for one bundle.`,
    remedy: '请缩小范围，或不加 --whole，只取与范围有关的事件（不证明完整性）。',
    remedyEn: 'Narrow the scope, or take only the events that touch it, without --whole, which proves no completeness.',
    parameters: { limit: MOST_EVENTS },
  });
