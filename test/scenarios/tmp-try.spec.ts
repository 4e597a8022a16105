import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '../../src/ledger/ledger';
import { loadScenario, runScenario, scenarioReportText } from '../../src/scenarios/run-scenario';
import { playDemonstration } from '../../src/scenarios/demonstration';
const files = (process.env['FILES'] ?? 'a-qinghai.yaml').split(',');
it.each(files)('try %s', async (f) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sc-'));
  const ledger = await Ledger.open({ dataDir, eventLog: process.env['LOG'] ?? 'memory:' });
  let t = Date.now();
  if (process.env['DEMO']) { await playDemonstration(ledger, () => undefined); console.log('demo ms', Date.now() - t, await ledger.log.head()); t = Date.now(); }
  let report;
  try { report = await runScenario(ledger, await loadScenario(join(__dirname, f)), { actor: { id: 't', role: 't', division: '' } }); }
  catch (e) { console.log((e as Error).message, JSON.stringify((e as {parameters?: unknown}).parameters ?? null, null, 1), (e as Error).stack); throw e; }
  console.log('ms', Date.now() - t, scenarioReportText(report, 'zh'));
  await ledger.close();
  expect(report.ok).toBe(true);
});
