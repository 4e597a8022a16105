import { join } from 'node:path';

import Database from 'better-sqlite3';

import { compareWithLive } from '../../../src/audit/replay/live-comparison';
import { ask, registerSmallWorld } from '../../support/small-ledger';
import { withTemporaryLedger } from '../../support/temporary-ledger';

const TAMPERINGS: readonly (readonly [what: string, sql: string])[] = [
  ['a closing that says another month', "UPDATE period_change SET period = '2024-02' WHERE change = 0"],
  ['a closing that is gone', 'DELETE FROM period_change WHERE change = 0'],
  ['an approver who was another', "UPDATE adjustment SET approved_by = '李四'"],
  ['an adjustment that is none any more', 'DELETE FROM adjustment'],
  ['an adjustment that never was', "INSERT INTO adjustment VALUES (1, '调9', '李四')"],
];

describe('the tables of closed periods and adjustments', () => {
  it.each(TAMPERINGS)('%s is found', (_, sql) =>
    withTemporaryLedger(async (ledger, directory) => {
      await registerSmallWorld(ledger);
      await ask(ledger, 'CloseMonth', '2024-04-01', { closingNo: '月3', month: '2024-03' });
      const funds = { parentDocumentNo: null, channelCode: 'C-JT', purposeCode: 'ROAD', amount: 100 as never };
      const adjustment = { approvalNo: '调1', approvedBy: '局长', reason: '迟到' };
      await ask(ledger, 'AppropriateFunds', '2024-03-01', { documentNo: '文1', lines: [funds], adjustment });
      await ledger.catchUp();
      const compare = () => compareWithLive({ log: ledger.log, live: ledger.readModel });
      expect(await compare()).toEqual([]);

      const database = new Database(join(directory, 'read.sqlite'));
      database.exec(sql);
      database.close();
      expect(await compare()).toMatchObject([{ code: 'LIVE_TABLE_DIFFERS' }]);
    }),
  );
});
