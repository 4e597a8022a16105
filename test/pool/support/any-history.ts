import fc from 'fast-check';

import { fenFromYuan } from '../../../src/money/fen';
import { availableAccount, type Movement, transitAccount } from '../../../src/pool/account';
import type { PoolEvent } from '../../../src/pool/pool-event';
import { type QuotaLine, quotaLineId } from '../../../src/pool/quota-line';
import {
  allocated,
  appropriated,
  type Command,
  command,
  COUNTY,
  integrated,
  OTHER_VILLAGE,
  paymentLine,
  PoolInHand,
  recorded,
  requested,
  VILLAGE,
} from './pool-specification';

/** A command, or one that depends on what has happened by then. */
export type Move =
  | Command
  | {
      readonly name: 'step';
      readonly step: 'approve' | 'execute' | 'cancel';
      readonly which: number;
      readonly on: string;
    }
  | { readonly name: 'reverse'; readonly which: number; readonly on: string; readonly reversalNo: string };

export const DAYS = ['2024-01-05', '2024-02-10', '2024-03-15', '2024-04-20', '2024-05-25'] as const;
export const DOCUMENTS = ['文1', '文2', '文3'] as const;

const money = fc.integer({ min: 1, max: 50_000 }).map((amount) => (amount / 100).toFixed(2));
const day = fc.constantFrom(...DAYS);
const documentNo = fc.constantFrom(...DOCUMENTS);
/** A number stands once in its ledger, so what comes later comes under others. */
const laterNo = fc.constantFrom('文4', '文5', '文6');
const village = fc.constantFrom(VILLAGE, OTHER_VILLAGE);

/** Commands of every kind, on any day, without caring whether they can be accepted. */
export const anyCommand = (serial: number): fc.Arbitrary<Move> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(laterNo, money, day).map(([no, amount, on]) => appropriated(no, 'ROAD', amount, on)),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.oneof(documentNo, laterNo), money, day)
        .map(([no, amount, on]) => integrated(no, 'ROAD', amount, on)),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.option(documentNo), money, day, village)
        .map(([no, amount, on, place]) =>
          allocated('ROAD-1', no, 'ROAD', amount, on, { place, allocationNo: `安${serial}` }),
        ),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.option(documentNo), money, day, village)
        .map(([no, amount, on, place]) =>
          recorded(`支${serial}`, paymentLine('ROAD-1', no, 'ROAD', amount, place), on),
        ),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.option(documentNo), money, day, village)
        .map(([no, amount, on, place]) =>
          requested(`申${serial}`, paymentLine('ROAD-1', no, 'ROAD', amount, place), on),
        ),
    },
    {
      weight: 5,
      arbitrary: fc
        .tuple(
          fc.nat(20),
          day,
          fc.constantFrom(
            'approve' as const,
            'approve' as const,
            'execute' as const,
            'execute' as const,
            'cancel' as const,
          ),
        )
        .map(([which, on, step]): Move => ({ name: 'step', step, which, on })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.nat(20), day).map(([voucher, on]) =>
        command('ReturnPayment', {
          effectiveOn: on,
          voucherNo: `退${serial}`,
          originalVoucherNo: `支${voucher}`,
          payee: '某施工队',
          lines: [],
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(documentNo, money, day, fc.boolean()).map(([no, amount, on, fromPool]) =>
        command('RecallFunds', {
          effectiveOn: on,
          recallNo: `收${serial}`,
          recalledTo: null,
          lines: [
            {
              documentNo: no,
              channelCode: 'C-ANY',
              purposeCode: 'ROAD',
              amount: fenFromYuan(amount),
              from: fromPool ? null : { projectCode: 'ROAD-1', place: VILLAGE },
            },
          ],
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(documentNo, money, day).map(([no, amount, on]) =>
        command('ReallocateFunds', {
          effectiveOn: on,
          reallocationNo: `调${serial}`,
          lines: [
            {
              documentNo: no,
              channelCode: 'C-ANY',
              purposeCode: 'ROAD',
              amount: fenFromYuan(amount),
              fromProject: 'ROAD-1',
              fromPlace: VILLAGE,
              to: serial % 2 === 0 ? null : { projectCode: 'ROAD-1', place: OTHER_VILLAGE },
            },
          ],
        }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(documentNo, money, day).map(([no, amount, on]) =>
        command('RecordCash', {
          effectiveOn: on,
          receiptNo: `到${serial}`,
          lines: [{ documentNo: `现${no}`, channelCode: 'C-CASH', purposeCode: 'ROAD', amount: fenFromYuan(amount) }],
        }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(documentNo, money, day)
        .map(([no, amount, on]) =>
          recorded(`现支${serial}`, paymentLine('ROAD-1', `现${no}`, 'ROAD', amount, VILLAGE, 'C-CASH'), on),
        ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(documentNo, money, day)
        .map(([no, amount, on]) => integrated(`试${no}`, 'TOILET', amount, on, 'C-ANY', 'PILOT_INTEGRATION')),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(documentNo, money, day).map(([no, amount, on]) =>
        command('RepurposeFunds', {
          effectiveOn: on,
          approvalNo: `批${serial}`,
          lines: [
            {
              documentNo: `试${no}`,
              channelCode: 'C-ANY',
              purposeCode: 'TOILET',
              amount: fenFromYuan(amount),
              toPurposeCode: 'ROAD',
            },
          ],
        }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(documentNo, money, day)
        .map(([no, amount, on]) =>
          allocated('ROAD-1', `试${no}`, 'TOILET', amount, on, { allocationNo: `试安${serial}` }),
        ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(documentNo, money, day).map(([no, amount, on]) =>
        command('TransferFunds', {
          effectiveOn: on,
          transferNo: `下${serial}`,
          lines: [
            {
              documentNo: no,
              channelCode: 'C-ANY',
              purposeCode: 'ROAD',
              amount: fenFromYuan(amount),
              toDivision: VILLAGE,
              integrated: true,
            },
          ],
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(money, day).map(([amount, on]) => receivedFromAbove(`上${serial}`, amount, on)),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.nat(60), day)
        .map(([which, on]): Move => ({ name: 'reverse', which, on, reversalNo: `红${serial}` })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constant('2024-12-31')
        .map((on) => command('CarryOverFunds', { effectiveOn: on, carryOverNo: `结${serial}`, toFiscalYear: 2025 })),
    },
  );

export const history = fc.tuple(...Array.from({ length: 25 }, (_, serial) => anyCommand(serial)));

export const movementsOf = (data: object): readonly Movement[] =>
  'movements' in data ? (data.movements as readonly Movement[]) : [];

/** The model: balances by line, account and day, by adding up movements and nothing else. */
export const balancesOn = (hand: PoolInHand, on: string): Map<string, number> => {
  const balances = new Map<string, number>();
  for (const event of hand.events) {
    if (event.effectiveOn > on) continue;
    for (const movement of movementsOf(event.data)) {
      const amount = Math.round(Number(movement.amount) * 100);
      for (const [account, sign] of [
        [movement.from, -1],
        [movement.to, 1],
      ] as const) {
        const key = `${movement.quotaLine}|${account}`;
        balances.set(key, (balances.get(key) ?? 0) + sign * amount);
      }
    }
  }
  return balances;
};

/** A transfer that the division above has issued arrives. */
const receivedFromAbove = (transferNo: string, amount: string, on: string): Command => {
  const line = { ...quotaLineOf('省文'), issuedOn: '2024-01-01' };
  return command('ReceiveTransfer', {
    effectiveOn: on,
    transferEventId: `event-of-${transferNo}`,
    fromDivision: '63',
    fromFiscalYear: 2024,
    issued: {
      documentNo: transferNo,
      toDivision: COUNTY,
      toFiscalYear: 2024,
      integrated: true,
      sentLines: [line],
      movements: [
        {
          quotaLine: line.quotaLine,
          from: availableAccount('63', 2024),
          to: transitAccount(transferNo),
          amount,
        },
      ],
    },
  });
};

const quotaLineOf = (documentNo: string): QuotaLine => ({
  quotaLine: quotaLineId(documentNo, 'C-ANY', 'ROAD'),
  documentNo,
  parentDocumentNo: null,
  channelCode: 'C-ANY',
  purposeCode: 'ROAD',
  departmentCode: 'D-1',
  level: '省',
  kind: '行业',
  cashRequired: false,
  issuedOn: '2024-01-02',
});

/** Every history starts from a pool in which each document has money to spend early on. */
export const started = (): PoolInHand => {
  const hand = new PoolInHand();
  for (const no of DOCUMENTS) {
    hand.apply(appropriated(no, 'ROAD', '600.00', '2024-01-02'));
    hand.apply(integrated(no, 'ROAD', '500.00', '2024-01-03'));
    hand.apply(allocated('ROAD-1', no, 'ROAD', '200.00', '2024-01-04'));
    hand.apply(appropriated(`现${no}`, 'ROAD', '300.00', '2024-01-02', 'C-CASH'));
    hand.apply(integrated(`现${no}`, 'ROAD', '300.00', '2024-01-03', 'C-CASH'));
    hand.apply(allocated('ROAD-1', `现${no}`, 'ROAD', '300.00', '2024-01-04', { channelCode: 'C-CASH' }));
    hand.apply(appropriated(`试${no}`, 'TOILET', '300.00', '2024-01-02'));
    hand.apply(integrated(`试${no}`, 'TOILET', '100.00', '2024-01-03', 'C-ANY', 'PILOT_INTEGRATION'));
  }
  return hand;
};

/** The command that a move comes to; null: there is nothing to do. */
const commandOf = (hand: PoolInHand, move: Move): Command | null => {
  if (move.name === 'reverse') {
    const original = hand.events[move.which % hand.events.length];
    return original === undefined ? null : reversalOf(original, move.reversalNo, move.on);
  }
  if (move.name !== 'step') return move;
  const { step, which, on: effectiveOn } = move;
  const vouchers = [...hand.pool.payments.values()].filter(({ status }) => AWAITED[step].includes(status));
  const numbers = vouchers.map(({ voucherNo }) => voucherNo).sort();
  const voucherNo = numbers[which % Math.max(1, numbers.length)];
  if (voucherNo === undefined) return null;
  switch (step) {
    case 'approve':
      return command('ApprovePayment', { effectiveOn, voucherNo, approvedBy: '李四' });
    case 'execute':
      return command('ExecutePayment', { effectiveOn, voucherNo });
    case 'cancel':
      return command('CancelPayment', { effectiveOn, voucherNo, reason: '撤' });
  }
};

const AWAITED: Readonly<Record<'approve' | 'execute' | 'cancel', readonly string[]>> = {
  approve: ['requested'],
  execute: ['approved'],
  cancel: ['requested', 'approved'],
};

/** Code of the refusal; null when it was taken or there was nothing to do. */
export const play = (hand: PoolInHand, move: Move): string | null => {
  const next = commandOf(hand, move);
  return next === null ? null : hand.try(next);
};

export const played = (moves: readonly Move[]): PoolInHand => {
  const hand = started();
  for (const each of moves) play(hand, each);
  return hand;
};

/** The reversal of an entry or of a reversal, as a person asks for it (or, for what crosses pools, as the desk does). */
export const reversalOf = (original: PoolInHand['events'][number], reversalNo: string, on: string): Command => {
  const { type, data } = original as PoolEvent;
  const restored = type === 'EntryReversed' && data.restoredEventId === undefined ? data.reversedType : null;
  return command('ReverseEntry', {
    effectiveOn: on,
    reversalNo,
    reason: '更正',
    original,
    followsTaker: restored === null,
    ...(restored === 'TransferIssued' || restored === 'FundsCarriedOver'
      ? { takersReversal: { pool: 'pool-632323-2024', eventId: 'the-takers-reversal' } }
      : {}),
    ...(restored === 'TransferReceived' || restored === 'CarryOverReceived' ? { followsGiver: true as const } : {}),
  });
};
