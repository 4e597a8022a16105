import { join } from 'node:path';

import { Ledger } from '../../src/ledger/ledger';
import { playDemonstration } from '../../src/scenarios/demonstration';

/** A small ledger with its read model: the demonstration. */
export const loadDemonstration = async (directory: string): Promise<void> => {
  const ledger = await Ledger.open({ dataDir: directory, eventLog: `sqlite:${join(directory, 'log.sqlite')}` });
  await playDemonstration(ledger, () => undefined);
  await ledger.catchUp();
  await ledger.close();
};
