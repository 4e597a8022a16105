import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckpointDesk } from '../../../src/audit/checkpoints/checkpoint-desk';
import { MemoryEventLog } from '../../../src/event-log/memory/memory-event-log';
import { sampleEvents } from '../proofs/ledger-sample';
import { writeLedger } from '../../../bench/support/write-ledger';

it('x', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'y-'));
  const log = new MemoryEventLog();
  const desk = new CheckpointDesk({ dataDirectory: dir, engine: 'memory', tree: () => log.tree });
  expect(await desk.latest()).toBeNull();
  await writeLedger(log, sampleEvents(700));
  const a = await desk.make();
  expect(a.size).toBe(700);
  expect(await desk.latest()).toEqual(a);
  console.log(a.note, await desk.verifierKey());
  rmSync(dir, { recursive: true });
});
