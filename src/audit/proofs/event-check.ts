import { isUtf8 } from 'node:buffer';

import { canonicalEvent } from '../../event-log/canonical-event';
import type { LedgerEvent, Position } from '../../event-log/event';
import { eventId, isUuid } from '../../event-log/event-id';
import type { StoredLeaf } from '../../event-log/tree/log-tree';
import { type Finding, finding, type FindingCode } from './finding';
import { detached } from './detached';
import { type AccountSpan, MovementCheck } from './movement-check';
import { readPlainEvent } from './plain-event';
import type { Note } from './verification-note';

interface StreamEnd {
  revision: number;
  commandId: string;
  commandEvents: number;
  /** Of a part of a log: how the stream begins in it. */
  readonly opening: StreamOpening | null;
}

/** A stream's first events in a part of a log, as far as one command has caused them: it may have begun before. */
interface StreamOpening {
  readonly revision: number;
  readonly commandId: string;
  readonly ids: string[];
}

interface StreamSpan extends Omit<StreamEnd, 'opening'> {
  readonly stream: string;
  readonly opening: StreamOpening;
}

/** What is to be known of a part of a log, to go on with what comes after it. */
export interface EventSpan {
  readonly streams: readonly StreamSpan[];
  readonly accounts: readonly AccountSpan[];
  readonly idle: IdleEvents;
}

/** Events with money that goes from an account to itself. */
export interface IdleEvents {
  readonly count: number;
  /** Position of the first one. */
  readonly first: Position | null;
}

const RECORDED_AT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const EFFECTIVE_ON = /^\d{4}-\d\d-\d\d$/;

/** What every event has, by its type in JSON. */
const ENVELOPE = {
  id: 'string',
  type: 'string',
  stream: 'string',
  revision: 'number',
  schemaVersion: 'number',
  recordedAt: 'string',
  effectiveOn: 'string',
  commandId: 'string',
  correlationId: 'string',
  basis: 'string',
  actor: 'object',
  metadata: 'object',
  data: 'object',
} as const;
const ENVELOPE_FIELDS = Object.entries(ENVELOPE);

/**
 * Looks at events one after another for what each by itself and all in order must be: from the first one of the log,
 * or in a part of it, which `follow` then joins to what came before.
 */
export class EventCheck {
  readonly #streams = new Map<string, StreamEnd>();
  readonly #movements: MovementCheck;
  readonly #isPart: boolean;
  #findings: Finding[] = [];
  #idle: IdleEvents = { count: 0, first: null };

  constructor(isPart = false) {
    this.#isPart = isPart;
    this.#movements = new MovementCheck(isPart);
  }

  /** What a part has come to. */
  span(): EventSpan {
    const streams = [...this.#streams].flatMap(([stream, { opening, ...end }]) =>
      opening === null ? [] : [{ stream, opening, ...end }],
    );
    return { streams, accounts: this.#movements.spans(), idle: this.#idle };
  }

  /** Goes on with a part that was checked by itself; false when it does not fit what came before. */
  follow({ streams, accounts, idle }: EventSpan): boolean {
    this.#idle = { count: this.#idle.count + idle.count, first: this.#idle.first ?? idle.first };
    const areStreamsSound = streams.map((span) => this.#followStream(span)).every(Boolean);
    return this.#movements.follow(accounts) && areStreamsSound;
  }

  /** What is worth knowing of the events and no fault of theirs. */
  notes(): readonly Note[] {
    return this.#idle.count === 0 ? [] : [movementsToThemselves(this.#idle)];
  }

  #followStream({ stream, opening, revision, commandId, commandEvents }: StreamSpan): boolean {
    const before = this.#streams.get(stream) ?? { revision: -1, commandId: '', commandEvents: 0 };
    const counted = before.commandId === opening.commandId ? before.commandEvents : 0;
    const hasOneCommand = revision - opening.revision + 1 === opening.ids.length;
    this.#streams.set(stream, {
      revision,
      commandId,
      commandEvents: hasOneCommand ? counted + commandEvents : commandEvents,
      opening: null,
    });
    if (opening.revision !== before.revision + 1 || !isUuid(opening.commandId)) return false;
    return opening.ids.every((id, index) => eventId(opening.commandId, counted + index) === id);
  }

  /** @param text the event with one character for each of its bytes, where they are known to be valid UTF-8 */
  check(leaf: StoredLeaf, text = textOf(leaf.bytes)): readonly Finding[] {
    this.#findings = [];
    const plain = text === null ? null : readPlainEvent(text, leaf);
    if (plain !== null) {
      this.#checkOrder(leaf, plain);
      this.#checkMovements(leaf, plain.movements);
      return this.#findings;
    }
    const event = this.#read(leaf, Buffer.from(leaf.bytes.buffer, leaf.bytes.byteOffset, leaf.bytes.length));
    this.#checkOrder(leaf, event);
    if (event !== null) {
      this.#checkRow(leaf, event);
      this.#checkWho(leaf, event);
      this.#checkMovements(leaf, movementsIn(leaf.bytes));
    }
    return this.#findings;
  }

  #find({ position }: StoredLeaf, code: FindingCode, message: string, messageEn: string): void {
    this.#findings.push(finding(code, position, message, messageEn));
  }

  /** The event, or null when it cannot even be looked into. */
  #read(leaf: StoredLeaf, bytes: Buffer): LedgerEvent | null {
    const text = bytes.toString('utf8');
    let event: unknown;
    try {
      event = isUtf8(bytes) ? JSON.parse(text) : null;
    } catch {
      event = null;
    }
    if (typeof event !== 'object' || event === null || Array.isArray(event)) {
      this.#find(leaf, 'EVENT_UNREADABLE', '事件不是 UTF-8 编码的 JSON 对象', 'the event is no JSON object in UTF-8');
      return null;
    }
    const fields = event as Record<string, unknown>;
    const wrong = ENVELOPE_FIELDS.find(([field, type]) => typeof fields[field] !== type || fields[field] === null);
    if (wrong !== undefined) {
      // Who answers for an event and by what document are what an auditor asks for first, so they have codes of their own.
      const [field] = wrong;
      const code = field === 'actor' ? 'ACTOR_MISSING' : field === 'basis' ? 'BASIS_MISSING' : 'EVENT_FIELD_INVALID';
      this.#find(leaf, code, `事件缺少 ${field} 或其形式不对`, `the event has no valid ${field}`);
      return null;
    }
    const whole = event as LedgerEvent;
    if (canonicalText(whole) !== text) {
      this.#find(
        leaf,
        'EVENT_NOT_CANONICAL',
        '事件不是规范形式（RFC 8785），或含有多余的内容',
        'the event is not in its canonical form (RFC 8785), or holds more than an event does',
      );
    }
    return whole;
  }

  #checkOrder(leaf: StoredLeaf, event: Pick<LedgerEvent, 'id' | 'commandId'> | null): void {
    const { stream, revision } = leaf;
    let end = this.#streams.get(stream);
    if (end === undefined) {
      end = this.#beginStream(leaf, event);
      this.#streams.set(stream, end);
    }
    if (revision !== end.revision + 1) {
      this.#find(
        leaf,
        'REVISION_GAP',
        `流 ${stream} 的版本从 ${end.revision} 跳到 ${revision}`,
        `stream ${stream} goes from revision ${end.revision} to ${revision}`,
      );
    }
    end.revision = revision;
    if (event === null) return;
    const { commandId, id } = event;
    if (end.commandId === commandId) {
      end.commandEvents += 1;
    } else {
      end.commandId = detached(commandId);
      end.commandEvents = 1;
    }
    if (isOpening(end, revision)) {
      end.opening?.ids.push(detached(id));
      return;
    }
    if (!isUuid(commandId) || eventId(commandId, end.commandEvents - 1) !== id) {
      this.#find(
        leaf,
        'EVENT_ID_DIFFERS',
        `事件编号 ${id} 不是由其命令编号得出的`,
        `event id ${id} does not follow from its command id`,
      );
    }
  }

  #beginStream({ revision }: StoredLeaf, event: Pick<LedgerEvent, 'commandId'> | null): StreamEnd {
    if (!this.#isPart) return { revision: -1, commandId: '', commandEvents: 0, opening: null };
    const opening = { revision, commandId: detached(event?.commandId ?? ''), ids: [] };
    return { revision: revision - 1, commandId: '', commandEvents: 0, opening };
  }

  #checkRow(leaf: StoredLeaf, event: LedgerEvent): void {
    const { stream, revision, id = event.id } = leaf;
    if (event.stream === stream && event.revision === revision && event.id === id) return;
    this.#find(
      leaf,
      'EVENT_ROW_DIFFERS',
      `事件自述为 ${event.stream}@${event.revision}（${event.id}），表中为 ${stream}@${revision}（${id}）`,
      `the event says ${event.stream}@${event.revision} (${event.id}), its row ${stream}@${revision} (${id})`,
    );
  }

  #checkWho(leaf: StoredLeaf, { actor, basis, recordedAt, effectiveOn, schemaVersion, type }: LedgerEvent): void {
    if (!isFilled(actor.id) || !isFilled(actor.role) || typeof actor.division !== 'string') {
      this.#find(leaf, 'ACTOR_MISSING', '事件没有经办人', 'nobody is named as the one who did it');
    }
    if (!isFilled(basis)) this.#find(leaf, 'BASIS_MISSING', '事件没有依据文号', 'no document is named as its basis');
    const isDated = RECORDED_AT.test(recordedAt) && EFFECTIVE_ON.test(effectiveOn);
    if (!isDated || !Number.isSafeInteger(schemaVersion) || schemaVersion < 1 || type === '') {
      this.#find(
        leaf,
        'EVENT_FIELD_INVALID',
        '事件的时间、日期、类型或版本无效',
        'its times, type or version are invalid',
      );
    }
  }

  #checkMovements(leaf: StoredLeaf, movements: unknown): void {
    if (movements === undefined) return;
    for (const { code, zh, en } of this.#movements.apply(movements)) this.#find(leaf, code, zh, en);
    if (this.#movements.hasIdle) {
      this.#idle = { count: this.#idle.count + 1, first: this.#idle.first ?? leaf.position };
    }
  }
}

const movementsToThemselves = ({ count, first }: IdleEvents): Note => ({
  code: 'MOVEMENT_TO_ITSELF',
  position: first,
  message: `${count} 条事件把钱从一个账户记到同一账户（首条在位置 ${first}），系早先版本所记：余额不受影响`,
  messageEn: `${count === 1 ? '1 event moves' : `${count} events move`} money from an account to itself (the first at position ${first}), as earlier versions took in: no balance is affected`,
});

/** Null where the bytes are no valid UTF-8. */
const textOf = (bytes: Uint8Array): string | null =>
  isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1') : null;

/** Read with one character for each byte, as those of plain events are, so that an account has one name only. */
const movementsIn = (bytes: Uint8Array): unknown => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return (JSON.parse(text) as { readonly data: { readonly movements?: unknown } }).data.movements;
};

/** Whether the event at a revision is still of the command that a stream begins with in a part of a log. */
const isOpening = ({ opening, commandId }: StreamEnd, revision: number): boolean =>
  opening !== null && commandId === opening.commandId && opening.ids.length === revision - opening.revision;

const isFilled = (text: unknown): boolean => typeof text === 'string' && text.trim() !== '';

/** Null where the event has no canonical form at all, as with half of a surrogate pair. */
const canonicalText = (event: LedgerEvent): string | null => {
  try {
    return canonicalEvent(event);
  } catch {
    return null;
  }
};
