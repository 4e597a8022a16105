import { randomInt } from 'node:crypto';

import { compareProjections } from '../../../src/projecting/on-server/compare-projections';
import { deployProjections, removeProjections } from '../../../src/projecting/on-server/deploy-projections';
import { poolEventsOf } from '../../../src/projecting/on-server/pool-events';
import { projectionsStatus } from '../../../src/projecting/on-server/projections-status';
import { LedgerOnServer } from './ledger-on-server';
import { villageYear } from './village-year';

const url = process.env['YICHI_TEST_EVENTSTOREDB'] ?? '';

(url === '' ? describe.skip : describe)('the official projections on the server of YICHI_TEST_EVENTSTOREDB', () => {
  it('give what we give, to the fen, also after their states were stored and read again', async () => {
    const ledger = new LedgerOnServer(url);
    try {
      await ledger.catchUp();
      await deployProjections(ledger.server, ledger.readModel.read(poolEventsOf));
      // Two pools in turn: the server puts the state of one away whenever the other one's turn comes.
      const first = villageYear(String(randomInt(640_000, 950_000)));
      const second = villageYear(String(randomInt(640_000, 950_000)));
      await ledger.write(first.flatMap((event, index) => [event, ...second.slice(index, index + 1)]));
      const comparison = await compareProjections(ledger.server, ledger.readModel, () => ledger.catchUp());
      expect(comparison.differences).toEqual([]);
      expect(comparison.pools).toBeGreaterThanOrEqual(2);
      const status = await projectionsStatus(ledger.server);
      expect(status.map(({ state, current }) => `${state} ${current}`)).toEqual(Array(5).fill('running true'));
      expect((await removeProjections(ledger.server)).length).toBe(4);
    } finally {
      await ledger.close();
    }
  });
});
