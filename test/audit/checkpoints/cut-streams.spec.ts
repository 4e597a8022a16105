import { writeLedger } from '../../../bench/support/write-ledger';
import { verifyLedger } from '../../../src/audit/checkpoints/verify-ledger';
import type { StoredEvent } from '../../../src/event-log/event';
import { logCorrupt } from '../../../src/event-log/log-failure';
import { CutLog } from '../../support/cut-log';
import { sampleEvents } from '../proofs/ledger-sample';

/** As a server answers after its administrator has deleted a stream, or said that it begins later. */
class LogWithCutStream extends CutLog {
  constructor(
    readonly stream: string,
    readonly how: 'deleted' | 'truncated',
  ) {
    super();
  }

  override async readStream(stream: string, fromRevision: number, limit: number): Promise<readonly StoredEvent[]> {
    if (stream !== this.stream) return super.readStream(stream, fromRevision, limit);
    if (this.how === 'truncated') throw logCorrupt('server', `${stream}@0 ≠ 3`);
    return [];
  }
}

const EVENTS = sampleEvents(200);
const POOL = EVENTS.findLast(({ stream }) => stream.startsWith('pool-'))?.stream ?? '';

const verified = async (log: CutLog) => {
  await writeLedger(log.inner, EVENTS);
  return verifyLedger(log, { checkpoints: [], keys: [] });
};

it('says nothing of streams that are whole', async () => {
  expect(await verified(new CutLog())).toMatchObject({ ok: true, events: 200, findings: [] });
});

it.each(['deleted', 'truncated'] as const)('finds a stream that was %s on the server', async (how) => {
  const { ok, events, findings } = await verified(new LogWithCutStream(POOL, how));
  expect([ok, events]).toEqual([false, 200]);
  const first = EVENTS.findIndex(({ stream }) => stream === POOL) + 1;
  expect(findings).toMatchObject([{ code: 'STREAM_CUT', position: first }]);
  expect(findings[0]?.messageEn).toContain(POOL);
});
