import { join } from 'node:path';

import { balances } from '../../src/balances/balances';
import { parseBalancesRequest } from '../../src/balances/balances-query';
import { playDemonstration } from '../../src/scenarios/demonstration';
import { loadScenario, runScenario } from '../../src/scenarios/run-scenario';
import { ACTOR, cleanUp, emptyLedger } from './support/ledgers';

afterEach(cleanUp);

it('plays the Qinghai year with its progress, and is the scenario whose balances are asserted', async () => {
  const ledger = await emptyLedger();
  const progress: (readonly [number, number])[] = [];
  await playDemonstration(ledger, (done, total) => progress.push([done, total]));
  expect(progress.map(([done]) => done)).toEqual(progress.map((_, index) => index + 1));
  expect(progress.at(-1)).toEqual([progress.length, progress.length]);

  await ledger.catchUp();
  const { rows, total } = balances(ledger.readModel, parseBalancesRequest({ by: 'county', asOf: '2024-12-31' }));
  expect(rows.map(({ key, name }) => [key, name])).toEqual([
    ['630222', '民和回族土族自治县'],
    ['630224', '化隆回族自治县'],
  ]);
  expect(total.paid).toBe(16_239_000_000);

  const head = await ledger.log.head();
  const report = await runScenario(ledger, await loadScenario(join(__dirname, 'a-qinghai.yaml')), { actor: ACTOR });
  expect(report.ok).toBe(true);
  expect(report.steps.stored + report.registry.stored).toBe(0);
  expect(await ledger.log.head()).toBe(head);
});

it('leaves an empty ledger when it is interrupted', async () => {
  const ledger = await emptyLedger();
  const interrupted = playDemonstration(ledger, (done) => {
    if (done === 800) throw new Error('interrupted');
  });
  await expect(interrupted).rejects.toThrow('interrupted');
  expect(await ledger.log.head()).toBe(0);
});
