import type { LedgerEvent } from '../../../src/event-log/event';
import { fingerprintHash } from '../../../src/event-log/fingerprint';
import { fenFromYuan, type Fen } from '../../../src/money/fen';
import { DomainError } from '../../../src/platform/domain-error';
import { type Pool, poolKind } from '../../../src/pool/pool';
import { poolStream } from '../../../src/pool/pool-stream';
import type { PoolEvent } from '../../../src/pool/pool-event';
import type { PoolFacts } from '../../../src/pool/pool-facts';
import { fingerprintOf } from '../../../src/ledger/command-content';
import { POOL_DECISIONS, type PoolCommandName, type PoolCommands } from '../../../src/ledger/pool-decisions';

export const COUNTY = '630222';
export const OTHER_COUNTY = '630224';
export const VILLAGE = '630222103200';
export const OTHER_VILLAGE = '630222103201';
export const PROVINCE = '63';
export const YEAR = 2024;

export const yuan = (text: string): Fen => fenFromYuan(text);

/**
 * A small world for decisions: channels C-ANY (everything), C-CASH (须到账) and C-WATER (only WATER); purposes
 * INFRA ⊃ {ROAD, WATER}, TOILET; projects ROAD-1 (ROAD, two villages), WATER-1, TOILET-1, DECLARED-1 (not in the library).
 */
export const world: PoolFacts = {
  channel: (code) =>
    ['C-ANY', 'C-CASH', 'C-WATER'].includes(code)
      ? {
          channelCode: code,
          name: code,
          departmentCode: 'D-1',
          level: '省',
          kind: '行业',
          allowedPurposes: code === 'C-WATER' ? ['WATER'] : [],
          cashRequired: code === 'C-CASH',
        }
      : undefined,
  hasPurpose: (code) => ['INFRA', 'ROAD', 'WATER', 'TOILET'].includes(code),
  purposeCovers: (purpose, other) =>
    purpose === other || (purpose === 'INFRA' && (other === 'ROAD' || other === 'WATER')),
  hasDivision: (code) => [PROVINCE, COUNTY, OTHER_COUNTY, VILLAGE, OTHER_VILLAGE, '630224101204'].includes(code),
  divisionName: (code) => code,
  project: (code) => {
    const purposes: Record<string, string> = {
      'ROAD-1': 'ROAD',
      'WATER-1': 'WATER',
      'TOILET-1': 'TOILET',
      'DECLARED-1': 'ROAD',
    };
    const purposeCode = purposes[code];
    return purposeCode === undefined
      ? undefined
      : {
          projectCode: code,
          name: code,
          division: COUNTY,
          purposeCode,
          purposeSince: 0,
          places: [VILLAGE, OTHER_VILLAGE],
          enteredOn: code === 'DECLARED-1' ? null : '2023-01-01',
          exitedOn: null,
        };
  },
};

export type Command = {
  [Name in PoolCommandName]: {
    readonly name: Name;
    readonly content: Omit<PoolCommands[Name], 'division' | 'fiscalYear'>;
  };
}[PoolCommandName];

/** A command to the pool of the test; its division and year are filled in. */
export const command = <Name extends PoolCommandName>(
  name: Name,
  content: Omit<PoolCommands[Name], 'division' | 'fiscalYear'>,
): Command => ({ name, content }) as unknown as Command;

/** A pool that commands are tried on one after another, outside any store. */
export class PoolInHand {
  readonly stream: string;
  readonly events: LedgerEvent<PoolEvent['type'], PoolEvent['data']>[] = [];
  /** Documents whose other half is in no pool yet; a single pool cannot know. */
  notTakenIn: readonly string[] = [];
  /** Business day on which everything is recorded. */
  today = '2025-12-31';
  #pool: Pool;

  constructor(
    readonly division: string = COUNTY,
    readonly fiscalYear: number = YEAR,
    readonly facts: PoolFacts = world,
  ) {
    this.stream = poolStream(division, fiscalYear);
    this.#pool = poolKind.initial(this.stream);
  }

  get pool(): Pool {
    return this.#pool;
  }

  decide(given: Command): { readonly events: readonly PoolEvent[]; readonly fingerprint: string } {
    const content = { ...given.content, division: this.division, fiscalYear: this.fiscalYear };
    const fingerprint = fingerprintOf(given.name, content);
    const { decide } = POOL_DECISIONS[given.name] as { decide: (decision: unknown) => readonly PoolEvent[] };
    const { facts, notTakenIn, today } = this;
    const decision = {
      command: content,
      pool: this.#pool,
      facts,
      fingerprint,
      actor: { id: 'tester' },
      today,
      notTakenIn,
    };
    return { events: decide(decision), fingerprint };
  }

  apply(given: Command): readonly LedgerEvent<PoolEvent['type'], PoolEvent['data']>[] {
    const { events, fingerprint } = this.decide(given);
    const stored = events.map((event, index) => ({
      ...event,
      id: `event-${this.events.length + index}`,
      schemaVersion: 1,
      stream: this.stream,
      revision: this.events.length + index,
      recordedAt: '2024-01-01T00:00:00.000Z',
      effectiveOn: given.content.effectiveOn,
      actor: { id: 'tester', role: 'test', division: '' },
      commandId: `command-${this.events.length}`,
      correlationId: 'test',
      causationId: null,
      basis: '',
      metadata: { fingerprint: fingerprintHash(fingerprint) },
    }));
    for (const event of stored) {
      this.events.push(event);
      this.#pool = poolKind.evolve(this.#pool, event);
    }
    return stored;
  }

  /** Code of the refusal, or null when the command is accepted (and then applied). */
  try(given: Command): string | null {
    try {
      this.apply(given);
      return null;
    } catch (error) {
      if (error instanceof DomainError) return error.code;
      throw error;
    }
  }
}

/** How far each payment is, and how much of each part has come back; not when its steps were taken. */
export const paymentsOf = ({ pool }: PoolInHand) =>
  [...pool.payments.values()].map(({ steppedOn: _, parts, ...payment }) => ({
    ...payment,
    parts: parts.map(({ returns, ...part }) => ({
      ...part,
      returned: returns.reduce((sum, { amount }) => sum + amount, 0),
    })),
  }));

interface Then {
  /** The events' types and data, as far as they are named. */
  then(...expected: readonly { readonly type: PoolEvent['type']; readonly data: object }[]): void;
  thenNothing(): void;
  thenRejected(code: string, parameters?: object): void;
}

/** The same entry, with an approval to go into a closed period. */
export const byApproval = (given: Command, approvedBy = '局长', approvalNo = '调批1号'): Command =>
  ({
    ...given,
    content: { ...given.content, adjustment: { approvalNo, approvedBy, reason: '上级文件迟到' } },
  }) as unknown as Command;

/** given(commands).when(command).then(events) or .thenRejected(code, parameters). */
export const given = (...history: readonly Command[]): { when(next: Command): Then } => ({
  when: (next) => {
    const hand = new PoolInHand();
    for (const past of history) hand.apply(past);
    return {
      then: (...expected) => {
        const { events } = hand.decide(next);
        expect(events).toHaveLength(expected.length);
        expect(events).toMatchObject(expected);
      },
      thenNothing: () => expect(hand.decide(next).events).toEqual([]),
      thenRejected: (code, parameters = {}) => {
        let refused: unknown = null;
        try {
          hand.decide(next);
        } catch (error) {
          refused = error;
        }
        expect(refused).toBeInstanceOf(DomainError);
        expect(refused).toMatchObject({ code, parameters });
        const { message, messageEn, remedy, remedyEn } = refused as DomainError;
        for (const text of [message, messageEn, remedy, remedyEn]) expect(text.length).toBeGreaterThan(3);
      },
    };
  },
});

/* The field's usual entries, short. */

export const appropriated = (
  documentNo: string,
  purposeCode: string,
  amount: string,
  effectiveOn = '2024-01-10',
  channelCode = 'C-ANY',
): Command =>
  command('AppropriateFunds', {
    effectiveOn,
    documentNo,
    lines: [{ parentDocumentNo: null, channelCode, purposeCode, amount: yuan(amount) }],
  });

export const integrated = (
  documentNo: string,
  purposeCode: string,
  amount: string,
  effectiveOn = '2024-01-20',
  channelCode = 'C-ANY',
  integrationRegime: PoolCommands['IntegrateFunds']['integrationRegime'] = 'BUNDLING_UNCHANGED',
): Command =>
  command('IntegrateFunds', {
    effectiveOn,
    integrationNo: `整合-${documentNo}-${effectiveOn}`,
    integrationRegime,
    lines: [{ documentNo, channelCode, purposeCode, amount: yuan(amount) }],
  });

export const allocated = (
  projectCode: string,
  documentNo: string | null,
  purposeCode: string,
  amount: string,
  effectiveOn = '2024-02-01',
  more: { readonly place?: string; readonly channelCode?: string; readonly allocationNo?: string } = {},
): Command =>
  command('AllocateFunds', {
    effectiveOn,
    allocationNo: more.allocationNo ?? `安排-${projectCode}-${documentNo ?? 'fifo'}-${effectiveOn}`,
    lineSelection: 'fifo',
    lines: [
      {
        projectCode,
        place: more.place ?? VILLAGE,
        documentNo,
        channelCode: more.channelCode ?? 'C-ANY',
        purposeCode,
        amount: yuan(amount),
      },
    ],
  });

export const paymentLine = (
  projectCode: string,
  documentNo: string | null,
  purposeCode: string,
  amount: string,
  place = VILLAGE,
  channelCode = 'C-ANY',
) => ({ projectCode, place, documentNo, channelCode, purposeCode, amount: yuan(amount) });

export const requested = (
  voucherNo: string,
  line: ReturnType<typeof paymentLine>,
  effectiveOn = '2024-03-01',
  requestedBy = '张三',
): Command =>
  command('RequestPayment', {
    effectiveOn,
    voucherNo,
    payee: '某施工队',
    lineSelection: 'fifo',
    requestedBy,
    repaysVoucherNo: null,
    lines: [line],
  });

export const recorded = (
  voucherNo: string,
  line: ReturnType<typeof paymentLine>,
  effectiveOn = '2024-03-01',
): Command =>
  command('RecordPayment', {
    effectiveOn,
    voucherNo,
    payee: '某施工队',
    lineSelection: 'fifo',
    requestedBy: null,
    approvedBy: null,
    lines: [line],
  });
