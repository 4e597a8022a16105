import { verifyLedger } from '../../src/audit/checkpoints/verify-ledger';
import type { ReplayFinding } from '../../src/audit/replay/live-finding';
import { replay } from '../../src/audit/replay/replay';
import type { Ledger } from '../../src/ledger/ledger';

/** What `verify` and `replay` find in a ledger whose read model has been caught up. */
export const findingsOf = async ({ log, readModel }: Ledger): Promise<readonly ReplayFinding[]> => {
  const verified = await verifyLedger(log, { checkpoints: [], keys: [] });
  const replayed = await replay({ log, live: readModel, to: await log.head() });
  return [...verified.findings, ...replayed.findings];
};
