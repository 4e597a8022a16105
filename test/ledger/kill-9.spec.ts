import { join } from 'node:path';

import { balances, balancesJson } from '../../src/balances/balances';
import { parseBalancesRequest } from '../../src/balances/balances-query';
import { readEvent } from '../../src/event-log/upcasting';
import { Ledger } from '../../src/ledger/ledger';
import { saidUntilKilled } from '../support/killed-process';
import { ask, fundTheRoad, line, PROVINCE, registerSmallWorld } from '../support/small-ledger';
import { withTemporaryLedger } from '../support/temporary-ledger';

const CYCLES = 30;
const WRITERS = 8;
const LONGEST_LIFE_MS = 400;
/** Thirty starts of a ledger take ten seconds alone, and many times that on a machine that has much else to do. */
const LONGEST_MS = 900_000;
const WRITER = join(__dirname, 'support', 'ledger-writer.js');

interface Acknowledged {
  readonly writer: number;
  readonly number: number;
  readonly eventIds: readonly string[];
}

/** Lets the whole ledger work in another process until it is killed at some moment after its first answer. */
const workUntilKilled = (directory: string, next: readonly number[]): Promise<readonly Acknowledged[]> =>
  saidUntilKilled([WRITER, directory, ...next.map(String)], Math.random() * LONGEST_LIFE_MS, true);

const everyBalance = (ledger: Ledger): unknown =>
  ['department', 'division', 'village', 'project', 'channel', 'line', 'document'].map((by) =>
    balancesJson(balances(ledger.readModel, parseBalancesRequest({ by }))),
  );

it(
  `a ledger killed ${CYCLES} times: nothing acknowledged is lost or doubled, the read model equals a rebuild, transfers arrive`,
  () =>
    withTemporaryLedger(async (prepared, directory) => {
      await registerSmallWorld(prepared);
      await fundTheRoad(prepared, '1000000.00');
      await ask(
        prepared,
        'AppropriateFunds',
        '2024-01-10',
        { documentNo: '文1', lines: [{ ...line('文1', '1000000.00'), parentDocumentNo: null }] },
        { division: PROVINCE },
      );
      await prepared.close();

      const acknowledged: Acknowledged[] = [];
      const next = Array.from({ length: WRITERS }, () => 0);
      for (let cycle = 0; cycle < CYCLES; cycle += 1) {
        for (const answer of await workUntilKilled(directory, next)) {
          acknowledged.push(answer);
          next[answer.writer] = answer.number + 1;
        }
      }
      expect(acknowledged.length).toBeGreaterThan(CYCLES * WRITERS);

      const ledger = await Ledger.open({ dataDir: directory, eventLog: `sqlite:${join(directory, 'log.sqlite')}` });
      try {
        await ledger.catchUp();
        await ledger.finishCrossings();
        await ledger.catchUp();
        const events = (await ledger.log.readAll(0, 1_000_000)).map(readEvent);
        const ids = new Set(events.map((event) => event.id));
        expect(ids.size).toBe(events.length);
        for (const { eventIds } of acknowledged) {
          expect(eventIds.length).toBeGreaterThan(0);
          for (const id of eventIds) expect(ids.has(id)).toBe(true);
        }
        const vouchers = events.flatMap((event) => (event.type === 'PaymentExecuted' ? [event.basis] : []));
        expect(new Set(vouchers).size).toBe(vouchers.length);
        const count = (type: string): number => events.filter((event) => event.type === type).length;
        expect(count('TransferIssued')).toBeGreaterThan(0);
        expect(count('TransferReceived')).toBe(count('TransferIssued'));
        const live = everyBalance(ledger);
        await ledger.readModel.rebuild();
        expect(everyBalance(ledger)).toEqual(live);
      } finally {
        await ledger.close();
      }
    }),
  LONGEST_MS,
);
