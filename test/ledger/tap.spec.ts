import { balances, balancesJson } from '../../src/balances/balances';
import { parseBalancesRequest } from '../../src/balances/balances-query';
import { readEvent } from '../../src/event-log/upcasting';
import { DomainError } from '../../src/platform/domain-error';
import { ask, fundTheRoad, line, registerSmallWorld, VILLAGE } from '../support/small-ledger';
import { withTemporaryLedger } from '../support/temporary-ledger';

describe('the tap under many hands', () => {
  it('200 parallel requests of 1 yuan on 100 yuan give exactly 100', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await fundTheRoad(ledger, '100.00');
      const outcomes = await Promise.allSettled(
        Array.from({ length: 200 }, (_, index) =>
          ask(ledger, 'RequestPayment', '2024-03-01', {
            voucherNo: `支${index}`,
            payee: '某施工队',
            lineSelection: 'fifo',
            requestedBy: '张三',
            repaysVoucherNo: null,
            lines: [{ ...line('文1', '1.00'), projectCode: 'ROAD-1', place: VILLAGE }],
          }),
        ),
      );
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(100);
      for (const outcome of refused) {
        expect(outcome.reason).toBeInstanceOf(DomainError);
        expect(outcome.reason).toMatchObject({ code: 'OVERDRAFT', parameters: { available: '0.00', short: '1.00' } });
      }
      await ledger.catchUp();
      const answer = balancesJson(balances(ledger.readModel, parseBalancesRequest({ by: 'village' })));
      expect(answer.rows).toMatchObject([
        { key: VILLAGE, measures: { held: '100.00', unspent: '100.00', paid: '0.00' } },
      ]);
    }));

  it('finds an event that the read model does not know yet, in its own stream only', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await ledger.catchUp();
      await fundTheRoad(ledger, '100.00');
      const [stored] = (await ledger.log.readStream('pool-630222-2024', 0, 1)).map(readEvent);
      const id = stored?.id ?? '';
      expect(await ledger.findEvent('pool-630222-2024', id)).toEqual(stored);
      expect(await ledger.findEvent('pool-63-2024', id)).toBeUndefined();
    }));

  it('one command id in parallel stores one entry, and with another body is refused', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await fundTheRoad(ledger, '100.00');
      const commandId = '1b671a64-40d5-491e-99b0-da01ff1f3341';
      const pay = (amount: string) =>
        ask(
          ledger,
          'RecordPayment',
          '2024-03-01',
          {
            voucherNo: '支1',
            payee: '某施工队',
            lineSelection: 'fifo',
            requestedBy: null,
            approvedBy: null,
            lines: [{ ...line('文1', amount), projectCode: 'ROAD-1', place: VILLAGE }],
          },
          { commandId },
        );
      const before = await ledger.log.head();
      const answers = await Promise.all([pay('10.00'), pay('10.00'), pay('10.00')]);
      expect(new Set(answers.flatMap((answer) => answer.eventIds)).size).toBe(1);
      expect(await ledger.log.head()).toBe(before + 1);
      await expect(pay('11.00')).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
    }));
});
