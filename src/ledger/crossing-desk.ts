import type { LedgerEvent } from '../event-log/event';
import { commandIdFrom, eventId } from '../event-log/event-id';
import { assertNever, DomainError } from '../platform/domain-error';
import type { Movement } from '../pool/account';
import { closedPeriodOn, firstOpenDay } from '../pool/closing/closed-periods';
import { adjustmentNotNeeded } from '../pool/closing/closing-errors';
import { type Crossing as Issued, type Pool, poolKind } from '../pool/pool';
import type { PoolEntry } from '../pool/pool-command';
import { subjectOf } from '../pool/correcting/particulars';
import { notReversible, reversedAlready } from '../pool/pool-errors';
import type { OtherPoolsRefusal, PoolEvent } from '../pool/pool-event';
import { poolOfStream, poolStream } from '../pool/pool-stream';
import { HalfRefused, notTakenIn } from './half-refused';
import {
  eventElsewhereOf,
  type EventElsewhere,
  givenBackOf,
  type GivenBack,
  type GivingHalf,
  givingHalfOf,
  type OtherHalf,
  otherHalfOf,
} from './other-half';
import type { PoolCommandName, PoolCommands } from './pool-decisions';
import type {
  CommandExecutor,
  CommandRequest,
  Executed,
  IdentifiedEvent,
  Judge,
  PoolAnswer,
  PoolDesk,
  TryElsewhere,
} from './pool-desk';
import { followUpCommandId } from './unfinished-crossings';

/** A command whose events may have another half in another pool. */
export type Crossing = {
  readonly [Name in 'TransferFunds' | 'CarryOverFunds' | 'ReverseEntry' | 'DeclineTaking']: {
    readonly name: Name;
    readonly command: PoolCommands[Name];
  };
}['TransferFunds' | 'CarryOverFunds' | 'ReverseEntry' | 'DeclineTaking'];

const CROSSINGS: ReadonlySet<PoolCommandName> = new Set<Crossing['name']>([
  'TransferFunds',
  'CarryOverFunds',
  'ReverseEntry',
  'DeclineTaking',
]);

/** Null: the command is one pool's own matter. */
export const crossingOf = <Name extends PoolCommandName>(name: Name, command: PoolCommands[Name]): Crossing | null =>
  // Name and command belong together; the type of their pair cannot follow the name through.
  CROSSINGS.has(name) ? ({ name, command } as unknown as Crossing) : null;

/** Finds an event of a stream by its id. */
export type FindEvent = (stream: string, eventId: string) => Promise<LedgerEvent | undefined>;

/** Who brought the command that an event came of. */
export type BroughtBy = Pick<CommandRequest, 'actor' | 'correlationId' | 'commandId'>;

type PoolLedgerEvent = LedgerEvent<PoolEvent['type'], PoolEvent['data']>;

/** A pool that is at work may hold what is not stored in the end; a refusal that rests on it is asked for again. */
const JUDGEMENTS = 3;

/** The pools of the other half as they were found, and the event there that is to be reversed, where one is. */
interface Others {
  readonly pools: ReadonlyMap<string, Pool>;
  readonly reversedThere: PoolLedgerEvent | null;
}

/**
 * Commands over two pools. Both are judged before the first half is stored; then the second follows. Where it cannot
 * follow after all, because somebody was quicker or the process ended, whoever finds the half alone (the same command
 * again, the start of a service, doctor, another node) brings the other one in or, when its pool refuses it now, takes
 * the first one back. Both are said in the taker's stream under one command id, so that only one of them can happen.
 */
export class CrossingDesk<Answer extends Executed> {
  readonly #executor: CommandExecutor<Answer>;
  readonly #pools: PoolDesk<Answer>;
  readonly #findEvent: FindEvent;

  constructor(executor: CommandExecutor<Answer>, pools: PoolDesk<Answer>, findEvent: FindEvent) {
    this.#executor = executor;
    this.#pools = pools;
    this.#findEvent = findEvent;
  }

  /** @throws DomainError of the decision; NOT_TAKEN_IN with the refusal of the pool that the other half is in */
  async submit(crossing: Crossing, request: CommandRequest): Promise<Answer> {
    if (crossing.name === 'ReverseEntry') {
      const { command } = crossing;
      const givenBack = givenBackOf(command);
      if (givenBack !== null) return this.#restoreBoth(command, givenBack, request);
      const giving = givingHalfOf(command);
      if (giving !== null) return this.#reverseFromTaker(command, giving, request);
    }
    return this.#submitBoth(crossing, request);
  }

  async #submitBoth(crossing: Crossing, request: CommandRequest): Promise<Answer> {
    const { answer, events } = await this.#submitJudged(crossing, request);
    const halves = answer.unchanged ? await this.#halvesAlone(crossing, answer) : events;
    let isFinishedNow = false;
    for (const event of halves) {
      if (await this.followUp(crossing.command, event, request)) isFinishedNow = true;
    }
    return isFinishedNow && answer.unchanged ? { ...answer, unchanged: false } : answer;
  }

  /**
   * The other half of what crosses pools, once its first half is there. Idempotent: the command id is derived from the
   * event, so that it can be repeated by whoever finds it missing.
   *
   * @param pool the pool, date and approval of the event
   * @returns true when the other half was stored now
   * @throws DomainError NOT_TAKEN_IN when the other pool refuses it; the first half is then taken back
   */
  async followUp(pool: PoolEntry, event: IdentifiedEvent, by: BroughtBy): Promise<boolean> {
    const half = otherHalfOf(pool, event);
    switch (half?.kind) {
      case undefined:
        return false;
      case 'take-transfer':
      case 'take-carry-over':
        return this.#take(pool, event, half, by);
      case 'reverse-giver':
        return this.#giveBack(event, half, by);
      case 'restore-taker':
        return this.#restoreTaker(pool, event, half, by);
      default:
        return assertNever(half);
    }
  }

  async #submitJudged(crossing: Crossing, request: CommandRequest): Promise<PoolAnswer<Answer>> {
    const { name, command } = crossing;
    for (let judgement = 1; ; judgement += 1) {
      const others = await this.#othersOf(crossing);
      try {
        return await this.#pools.submit(name, command, request, this.#judge(command, others));
      } catch (error) {
        if (!(error instanceof HalfRefused)) throw error;
        if (error.isCertain || judgement === JUDGEMENTS) throw notTakenIn(error.why, error.stream, 'nothing-stored');
      }
    }
  }

  /** Brings the pools of the other half into memory, so that the decision need not wait for them. */
  async #othersOf(crossing: Crossing): Promise<Others> {
    const elsewhere = reversedElsewhere(crossing);
    const pools = new Map<string, Pool>();
    for (const stream of elsewhere === null ? takingPoolsOf(crossing) : [elsewhere.stream]) {
      pools.set(stream, (this.#executor.peek(stream, poolKind) ?? (await this.#executor.load(stream, poolKind))).state);
    }
    const reversed = elsewhere === null ? undefined : await this.#findEvent(elsewhere.stream, elsewhere.eventId);
    return { pools, reversedThere: (reversed as PoolLedgerEvent | undefined) ?? null };
  }

  #judge(pool: PoolEntry & { readonly refusal?: OtherPoolsRefusal }, { pools, reversedThere }: Others): Judge {
    return (events, tryElsewhere) => {
      let isAdjustment = events.some(({ type }) => type === 'ClosedPeriodAdjusted');
      const parcels = new Map<string, readonly Movement[]>();
      for (const event of events) {
        const half = otherHalfOf(pool, event);
        // What the ledger itself takes back may come back later than it went, when there is no other way.
        if (half === null || ('refusal' in event.data && event.data.refusal !== undefined)) continue;
        const stream = poolStream(half.command.division, half.command.fiscalYear);
        const ready = this.#executor.peek(stream, poolKind);
        const state = ready?.state ?? pools.get(stream);
        if (state === undefined) throw new Error(`${stream} was not looked at before ${event.type} was decided`);
        try {
          tryHalf(withEarlierParcels(half, stream, parcels), reversedThere, state, tryElsewhere);
        } catch (error) {
          throw error instanceof DomainError ? new HalfRefused(error, stream, ready !== null) : error;
        }
        isAdjustment ||= closedPeriodOn(state, half.command.effectiveOn) !== null;
      }
      // One of the pools may need the approval, but what neither needs is no adjustment.
      const isSaidToBeOne = pool.adjustment !== undefined && pool.refusal === undefined && events.length > 0;
      if (isSaidToBeOne && !isAdjustment) throw adjustmentNotNeeded(pool.effectiveOn);
    };
  }

  /** Events of a command that is recorded already whose other half may be missing: its first caller may have been cut off. */
  async #halvesAlone(crossing: Crossing, { eventIds }: Answer): Promise<readonly IdentifiedEvent[]> {
    const stream = poolStream(crossing.command.division, crossing.command.fiscalYear);
    const ids = eventIds.length > 0 ? eventIds : await this.#recordedHalves(crossing, stream);
    const halves: IdentifiedEvent[] = [];
    for (const id of ids) {
      if (await this.#isTakenIn(stream, id)) continue;
      const event = await this.#findEvent(stream, id);
      if (event !== undefined) halves.push(event as LedgerEvent & PoolEvent);
    }
    return halves;
  }

  /** The same document under another command id. */
  async #recordedHalves(crossing: Crossing, stream: string): Promise<readonly string[]> {
    const { state } = await this.#executor.load(stream, poolKind);
    if (crossing.name === 'ReverseEntry' && crossing.command.takersReversal !== undefined) {
      const restored = state.restored.get(subjectOf(crossing.command).entryId);
      return restored === undefined ? [] : [restored.eventId];
    }
    const giving = reversedElsewhere(crossing);
    if (giving !== null) {
      const settled = state.settledCrossings.get(giving.eventId);
      return settled === undefined || settled.isTaken ? [] : [settled.eventId];
    }
    const issued = issuedBy(crossing);
    return [...state.crossings].flatMap(([id, { type, documentNo }]) =>
      type === issued?.type && documentNo === issued.documentNo ? [id] : [],
    );
  }

  async #isTakenIn(stream: string, id: string): Promise<boolean> {
    const crossing = (await this.#executor.load(stream, poolKind)).state.crossings.get(id);
    if (crossing === undefined) return false;
    const taker = await this.#executor.load(poolStream(crossing.toDivision, crossing.toFiscalYear), poolKind);
    return taker.state.settledCrossings.get(id)?.isTaken === true;
  }

  async #take(
    pool: PoolEntry,
    event: IdentifiedEvent,
    half: Extract<OtherHalf, { kind: 'take-transfer' | 'take-carry-over' }>,
    by: BroughtBy,
  ): Promise<boolean> {
    const stream = poolStream(half.command.division, half.command.fiscalYear);
    try {
      const { answer } =
        half.kind === 'take-transfer'
          ? await this.#pools.submit('ReceiveTransfer', half.command, followUpRequest(event.id, by))
          : await this.#pools.submit('ReceiveCarryOver', half.command, followUpRequest(event.id, by));
      return !answer.unchanged;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.code === COMMAND_ID_REUSED) return this.#goesBack(stream, event, by);
      if (!isRefusal(error)) throw error;
      const { code, message, messageEn } = error;
      const isBack =
        this.#executor.storesAtOnce &&
        (await this.#takeBack(pool, event, { pool: stream, code, message, messageEn }, by));
      throw notTakenIn(error, stream, isBack ? 'taken-back' : 'on-its-way');
    }
  }

  /** The taker has said already that it never takes the event in; the giver's half goes back, if it has not yet. */
  async #goesBack(stream: string, event: IdentifiedEvent, by: BroughtBy): Promise<boolean> {
    const declined = await this.#findEvent(stream, eventId(followUpCommandId(event.id), 0));
    if (declined === undefined) throw new Error(`nothing is recorded in ${stream} about ${event.id}`);
    const happened = declined as PoolLedgerEvent & PoolEvent;
    const isBackNow = await this.followUp(entryOf(declined), happened, { ...by, commandId: declined.commandId });
    if (happened.type !== 'TakingDeclined' || happened.data.refusal === undefined) return isBackNow;
    throw notTakenIn(happened.data.refusal, happened.data.refusal.pool, 'taken-back');
  }

  /**
   * The taker refuses a half after all: everything that its command issued goes back, so that the command is not
   * recorded in part. What a neighbour has taken in and used meanwhile stays where it is.
   *
   * @returns whether the event itself is back
   */
  async #takeBack(
    pool: PoolEntry,
    refused: IdentifiedEvent,
    refusal: OtherPoolsRefusal,
    by: BroughtBy,
  ): Promise<boolean> {
    const givingStream = poolStream(pool.division, pool.fiscalYear);
    let isBack = false;
    for (let index = 0; ; index += 1) {
      const event = await this.#findEvent(givingStream, eventId(by.commandId, index));
      if (event === undefined) break;
      const reversal: PoolCommands['ReverseEntry'] = {
        ...pool,
        reversalNo: `退-${event.id.slice(0, 8)}`,
        reason: refusal.message,
        original: event as PoolLedgerEvent,
        followsTaker: false,
        refusal,
      };
      const giving = givingHalfOf(reversal);
      if (giving === null) continue;
      try {
        const request = { ...by, commandId: commandIdFrom(`takes-back:${event.id}`), causationId: event.id };
        await this.#reverseFromTaker(reversal, giving, request);
        if (event.id === refused.id) isBack = true;
      } catch (error) {
        if (!(error instanceof DomainError) || !isRefusal(error)) throw error;
      }
    }
    return isBack;
  }

  /**
   * The taking side went back, so the giving side follows. It comes back later than it was given, or under a number of
   * its own, when the giver has closed the month or used the number since both were judged.
   */
  async #giveBack(
    event: IdentifiedEvent,
    { command, givingEventId }: Extract<OtherHalf, { kind: 'reverse-giver' }>,
    by: BroughtBy,
  ): Promise<boolean> {
    const stream = poolStream(command.division, command.fiscalYear);
    const giver = await this.#executor.load(stream, poolKind);
    if (giver.state.reversed.has(givingEventId)) return false;
    const original = await this.#findEvent(stream, givingEventId);
    if (original === undefined) throw new Error(`event ${givingEventId} is not in its stream`);
    let attempt: PoolCommands['ReverseEntry'] = { ...command, original: original as PoolLedgerEvent };
    for (;;) {
      try {
        const { answer } = await this.#pools.submit('ReverseEntry', attempt, followUpRequest(event.id, by));
        return !answer.unchanged;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        // Another node was here first, perhaps on another date.
        if (error.code === COMMAND_ID_REUSED) return false;
        const next = await this.#otherwise(attempt, error, event.id);
        if (next === null) throw isRefusal(error) ? notTakenIn(error, stream, 'on-its-way') : error;
        attempt = next;
      }
    }
  }

  async #otherwise(
    attempt: PoolCommands['ReverseEntry'],
    { code }: DomainError,
    takersEventId: string,
  ): Promise<PoolCommands['ReverseEntry'] | null> {
    if (code === 'PERIOD_CLOSED') {
      const { state } = await this.#executor.load(poolStream(attempt.division, attempt.fiscalYear), poolKind);
      const effectiveOn = firstOpenDay(state, attempt.effectiveOn);
      return effectiveOn === attempt.effectiveOn ? null : { ...attempt, effectiveOn };
    }
    const reversalNo = `退-${takersEventId.slice(0, 8)}`;
    return code === 'DUPLICATE_DOCUMENT' && attempt.reversalNo !== reversalNo ? { ...attempt, reversalNo } : null;
  }

  /**
   * A transfer or carry-over that went back stands again in both pools: first at the giver, as it went the first time.
   * Either side's reversal may be named.
   */
  async #restoreBoth(
    command: PoolCommands['ReverseEntry'],
    { givingStream, givingEventId, takingStream }: GivenBack,
    request: CommandRequest,
  ): Promise<Answer> {
    const { original } = command;
    const giver = (await this.#executor.load(givingStream, poolKind)).state;
    const takersStream = takingStream ?? (await this.#takingStreamOf(givingStream, givingEventId));
    const taker = (await this.#executor.load(takersStream, poolKind)).state;
    const giversId = reversalThatCounts(giver, givingEventId);
    const takersId = reversalThatCounts(taker, eventId(followUpCommandId(givingEventId), 0));
    const subject = subjectOf(command);
    if (takersId === undefined) {
      throw notReversible(subject.type, '它从未入账，请重新下达。', 'it was never taken in; issue it again.');
    }
    if (giversId === undefined) {
      throw notReversible(subject.type, '另一方尚未冲回。', 'the other side has not gone back yet.');
    }
    const counts = [giversId, takersId, ledgersOwnOf(giver, giversId)].includes(original.id);
    // One that was taken back before is told so by its own stream, unless it was by this very command.
    const formerId = original.stream === givingStream ? original.id : eventId(followUpCommandId(original.id), 0);
    const giversReversal = await this.#findEvent(givingStream, counts ? giversId : formerId);
    if (giversReversal === undefined) throw reversedAlready(original.id);
    const restoring: PoolCommands['ReverseEntry'] = {
      ...command,
      division: giver.division,
      fiscalYear: giver.fiscalYear,
      original: giversReversal as PoolLedgerEvent,
      takersReversal: { pool: takersStream, eventId: takersId },
    };
    return this.#submitBoth({ name: 'ReverseEntry', command: restoring }, request);
  }

  async #takingStreamOf(givingStream: string, givingEventId: string): Promise<string> {
    const given = (await this.#findEvent(givingStream, givingEventId)) as (LedgerEvent & PoolEvent) | undefined;
    const half = given === undefined ? null : otherHalfOf(entryOf(given), given);
    if (half === null) throw new Error(`event ${givingEventId} is in no other pool`);
    return poolStream(half.command.division, half.command.fiscalYear);
  }

  /**
   * The giving side stands again, so the taking side follows. Where it cannot after all, it says that it never will, under
   * the id that following would have had, and the giving side goes back once more.
   */
  async #restoreTaker(
    pool: PoolEntry,
    event: IdentifiedEvent,
    { command, takersReversal, givingEventId, givingType }: Extract<OtherHalf, { kind: 'restore-taker' }>,
    by: BroughtBy,
  ): Promise<boolean> {
    const stream = takersReversal.pool;
    const original = await this.#findEvent(stream, takersReversal.eventId);
    if (original === undefined) throw new Error(`event ${takersReversal.eventId} is not in its stream`);
    const request = followUpRequest(event.id, by);
    try {
      const attempt = { ...command, original: original as PoolLedgerEvent };
      const { answer } = await this.#pools.submit('ReverseEntry', attempt, request);
      return !answer.unchanged;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.code === COMMAND_ID_REUSED) return this.#goesBack(stream, event, by);
      if (!isRefusal(error)) throw error;
      if (!this.#executor.storesAtOnce) throw notTakenIn(error, stream, 'on-its-way');
      const { code, message, messageEn } = error;
      const { division, fiscalYear, effectiveOn } = command;
      const declining: PoolCommands['DeclineTaking'] = {
        division,
        fiscalYear,
        effectiveOn,
        reversalNo: `退-${event.id.slice(0, 8)}`,
        reason: message,
        givingEventId,
        givingType,
        fromDivision: pool.division,
        fromFiscalYear: pool.fiscalYear,
        refusal: { pool: stream, code, message, messageEn },
      };
      await this.#submitBoth({ name: 'DeclineTaking', command: declining }, request);
      throw notTakenIn(error, stream, 'taken-back');
    }
  }

  /**
   * A transfer or carry-over goes back from the pool that took it in; where nothing was taken in, that pool first says
   * that it never will, so that money on its way can go back and cannot arrive as well.
   */
  async #reverseFromTaker(
    command: PoolCommands['ReverseEntry'],
    { givingType, givingEventId, taker }: GivingHalf,
    request: CommandRequest,
  ): Promise<Answer> {
    const { reversalNo, reason, effectiveOn, division, fiscalYear, refusal } = command;
    const settled = await this.#findEvent(
      poolStream(taker.division, taker.fiscalYear),
      eventId(followUpCommandId(givingEventId), 0),
    );
    if (settled !== undefined && settled.type !== 'TakingDeclined') {
      const reversal = { ...command, ...taker, original: settled as PoolLedgerEvent };
      return this.submit({ name: 'ReverseEntry', command: reversal }, request);
    }
    if (settled !== undefined && settled.basis !== reversalNo) throw reversedAlready(givingEventId);
    const declining: PoolCommands['DeclineTaking'] = {
      ...taker,
      effectiveOn,
      reversalNo,
      reason,
      givingEventId,
      givingType,
      fromDivision: division,
      fromFiscalYear: fiscalYear,
      ...(refusal === undefined ? {} : { refusal }),
    };
    const commandId = followUpCommandId(givingEventId);
    try {
      return await this.submit(
        { name: 'DeclineTaking', command: declining },
        { ...request, commandId, causationId: givingEventId },
      );
    } catch (error) {
      const isSettledNow = settled === undefined && error instanceof DomainError && error.code === COMMAND_ID_REUSED;
      if (!isSettledNow) throw error;
      return this.#reverseFromTaker(command, { givingType, givingEventId, taker }, request);
    }
  }
}

const COMMAND_ID_REUSED = 'COMMAND_ID_REUSED';

/** It stays so however often it is asked; what is not there at the moment, or was written to meanwhile, may be tried again. */
const isRefusal = ({ kind }: DomainError): boolean => kind === 'rule' || kind === 'input' || kind === 'not-found';

const followUpRequest = (event: string, { actor, correlationId }: BroughtBy): CommandRequest => ({
  actor,
  correlationId,
  causationId: event,
  commandId: followUpCommandId(event),
});

/** The reversal by which an entry does not stand, or the one that was taken back when it came to stand again. */
const reversalThatCounts = (pool: Pool, entryId: string): string | undefined =>
  pool.reversed.get(entryId) ?? pool.restored.get(entryId)?.undoneEventId;

/** The person's reversal that counts again, where the giving side went back because the taking one could not follow. */
const ledgersOwnOf = (giver: Pool, reversalId: string): string | undefined =>
  giver.takenBack.get(reversalId)?.inPlaceOf;

/** What a command issues to one pool in several parcels must be taken in together. */
const withEarlierParcels = (half: OtherHalf, stream: string, parcels: Map<string, readonly Movement[]>): OtherHalf => {
  if (half.kind !== 'take-transfer') return half;
  const { issued } = half.command;
  const movements = [...(parcels.get(stream) ?? []), ...issued.movements];
  parcels.set(stream, movements);
  return { ...half, command: { ...half.command, issued: { ...issued, movements } } };
};

const tryHalf = (
  half: OtherHalf,
  reversedThere: PoolLedgerEvent | null,
  pool: Pool,
  tryElsewhere: TryElsewhere,
): void => {
  switch (half.kind) {
    case 'take-transfer':
      tryElsewhere('ReceiveTransfer', half.command, pool);
      return;
    case 'take-carry-over':
      tryElsewhere('ReceiveCarryOver', half.command, pool);
      return;
    case 'reverse-giver':
    case 'restore-taker':
      if (reversedThere === null) throw new Error(`the other half of ${half.givingEventId} is not in its stream`);
      // Already back: a half that was left alone is made whole by this.
      if (!pool.reversed.has(reversedThere.id)) {
        tryElsewhere('ReverseEntry', { ...half.command, original: reversedThere }, pool);
      }
      return;
    default:
      assertNever(half);
  }
};

/** The event of the other pool that is reversed with the one here. */
const reversedElsewhere = ({ name, command }: Crossing): EventElsewhere | null => {
  switch (name) {
    case 'ReverseEntry':
      return eventElsewhereOf(command);
    case 'DeclineTaking':
      return { stream: poolStream(command.fromDivision, command.fromFiscalYear), eventId: command.givingEventId };
    default:
      return null;
  }
};

/** Streams of the pools that are to take in what the command issues. */
const takingPoolsOf = ({ name, command }: Crossing): Iterable<string> => {
  switch (name) {
    case 'TransferFunds':
      return new Set(command.lines.map(({ toDivision }) => poolStream(toDivision, command.fiscalYear)));
    case 'CarryOverFunds':
      return [poolStream(command.division, command.toFiscalYear)];
    default:
      return [];
  }
};

const issuedBy = ({ name, command }: Crossing): Pick<Issued, 'type' | 'documentNo'> | null => {
  switch (name) {
    case 'TransferFunds':
      return { type: 'TransferIssued', documentNo: command.transferNo };
    case 'CarryOverFunds':
      return { type: 'FundsCarriedOver', documentNo: command.carryOverNo };
    default:
      return null;
  }
};

/** Pool, date and approval of an event. What let the first half into a closed period lets the other half in as well. */
export const entryOf = (event: LedgerEvent): PoolEntry => {
  const pool = poolOfStream(event.stream);
  if (pool === null) throw new Error(`event ${event.id} is of ${event.stream}, which is no pool's stream`);
  const { adjustment } = (event as LedgerEvent & PoolEvent).data as Pick<PoolEntry, 'adjustment'>;
  return { ...pool, effectiveOn: event.effectiveOn, ...(adjustment === undefined ? {} : { adjustment }) };
};
