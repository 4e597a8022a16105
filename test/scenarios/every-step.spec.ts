import { join } from 'node:path';

import scenarioSchema from '../../docs/scenario.schema.json';
import { loadScenario, runScenario, scenarioReportText } from '../../src/scenarios/run-scenario';
import { ACTOR, cleanUp, emptyLedger } from './support/ledgers';

afterEach(cleanUp);

const FILE = join(__dirname, 'every-step.yaml');

it('plays every kind of step that the schema knows', async () => {
  const scenario = await loadScenario(FILE);
  const known = scenarioSchema.properties.steps.items.oneOf.map(({ $ref }) => $ref.replace('#/$defs/', ''));
  expect([...new Set(scenario.steps.map((step) => step.do))].sort()).toEqual([...known].sort());

  const report = await runScenario(await emptyLedger(), scenario, { actor: ACTOR });
  expect(report.failure).toBeNull();
  expect(report.expectations.filter((figure) => !figure.ok)).toEqual([]);
  expect(report.expectations).toHaveLength(46);
  expect(report.pending.map(({ name }) => name)).toEqual(['later-rule', 'later-meeting', 'ratios']);
  expect(report.rejectedAsExpected).toHaveLength(13);
  expect(report.notSealed).toBeNull();
});

it('run again, changes nothing and says so, also where the refusals of then cannot be judged any more', async () => {
  const ledger = await emptyLedger('memory:');
  const scenario = await loadScenario(FILE);
  await runScenario(ledger, scenario, { actor: ACTOR });
  const head = await ledger.log.head();

  const again = await runScenario(ledger, scenario, { actor: ACTOR });
  expect(again.ok).toBe(true);
  expect(await ledger.log.head()).toBe(head);
  // The year is closed meanwhile, so the ledger refuses for that.
  expect(again.notComparable).toContainEqual(
    expect.objectContaining({ step: 'integrate-too-much', expectedCode: 'OVERDRAFT', codeNow: 'YEAR_CLOSED' }),
  );
  expect(scenarioReportText(again, 'zh')).toContain('总账没有变化');
  expect(scenarioReportText(again, 'en')).toContain('the ledger is unchanged');
});
