import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Ledger } from '../../src/ledger/ledger';
import { readEvent } from '../../src/event-log/upcasting';
import { ask, COUNTY, line, registerSmallWorld, request } from '../support/small-ledger';
import { withTemporaryLedger } from '../support/temporary-ledger';

const closeMarch = (ledger: Ledger) =>
  ledger.closePeriod(
    'CloseMonth',
    { division: COUNTY, fiscalYear: 2024, effectiveOn: '2024-04-01', closingNo: '月3', month: '2024-03' },
    request(),
  );

describe('sealing a closing', () => {
  it('makes a checkpoint of a tree that has the closing in it', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      const { checkpoint, notSealed, eventIds } = await closeMarch(ledger);
      expect(notSealed).toBeNull();
      expect(checkpoint?.size).toBe(await ledger.log.tree?.size());
      const stored = await ledger.log.readStream(`pool-${COUNTY}-2024`, 0, 10);
      expect(stored.map((each) => readEvent(each).id)).toEqual(eventIds);
      const [kept] = await ledger.checkpoints.notes();
      expect(kept).toMatchObject({ size: checkpoint?.size, root: checkpoint?.root });
    }));

  it('that fails leaves the closing as it is, says what to do, and is made good by asking again', () =>
    withTemporaryLedger(async (ledger, directory) => {
      await registerSmallWorld(ledger);
      const key = join(directory, 'log-key.pem');
      writeFileSync(key, 'this is no key');
      const closed = await closeMarch(ledger);
      expect(closed).toMatchObject({ unchanged: false, checkpoint: null, notSealed: { code: 'NOT_SEALED' } });
      expect(closed.notSealed?.remedy).toContain('yichi checkpoint --now');
      expect(closed.notSealed?.remedyEn).toContain('yichi checkpoint --now');
      await expect(
        ask(ledger, 'AppropriateFunds', '2024-03-01', { documentNo: '文1', lines: [] }),
      ).rejects.toMatchObject({ code: 'PERIOD_CLOSED' });
      expect(existsSync(join(directory, 'checkpoints'))).toBe(false);

      rmSync(key);
      const again = await closeMarch(ledger);
      expect(again).toMatchObject({ unchanged: true, notSealed: null });
      expect(again.checkpoint?.size).toBe(await ledger.log.tree?.size());
    }));

  it('is not tried for a closing that is refused', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await closeMarch(ledger);
      const lines = [{ ...line('文1', '1.00'), parentDocumentNo: null }];
      await ask(ledger, 'AppropriateFunds', '2024-04-01', { documentNo: '文1', lines });
      const before = await ledger.checkpoints.latest();
      await expect(
        ledger.closePeriod(
          'CloseYear',
          { division: COUNTY, fiscalYear: 2024, effectiveOn: '2024-12-31', closingNo: '年' },
          request(),
        ),
      ).rejects.toMatchObject({ code: 'YEAR_NOT_EMPTY' });
      expect(await ledger.checkpoints.latest()).toEqual(before);
    }));
});
