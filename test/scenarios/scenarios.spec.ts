import { join } from 'node:path';

import { replay } from '../../src/audit/replay/replay';
import { loadScenario, runScenario } from '../../src/scenarios/run-scenario';
import type { ScenarioReport } from '../../src/scenarios/scenario-report';
import { ACTOR, cleanUp, emptyLedger } from './support/ledgers';
import { byBusinessDate, lateSteps, paymentsLastFirst } from './support/orders';

afterEach(cleanUp);

/** What a run must come to: everything played, every figure as the file says, and no figure forgotten. */
const expectAllAsWritten = (report: ScenarioReport, figures: Readonly<Record<string, number>>): void => {
  expect(report.failure).toBeNull();
  expect(report.expectations.filter((figure) => !figure.ok)).toEqual([]);
  expect(report.ok).toBe(true);
  const checked: Record<string, number> = {};
  for (const { moment } of report.expectations) checked[moment] = (checked[moment] ?? 0) + 1;
  expect(checked).toEqual(figures);
};

const FILES = [
  { file: 'a-qinghai.yaml', figures: { T1: 82, T2: 129, T3: 159 }, pending: 20, rejected: ['PURPOSE_CHANGED'] },
  { file: 'b-shandong.yaml', figures: { T1: 22, T2: 125, T3: 123 }, pending: 15, rejected: ['OVERDRAFT'] },
  {
    file: 'c-inner-mongolia.yaml',
    figures: { T1: 96, T2: 84, T3: 112 },
    pending: 14,
    rejected: ['PROJECT_NOT_IN_LIBRARY'],
  },
] as const;

describe.each(FILES)('$file', ({ file, figures, pending, rejected }) => {
  const path = join(__dirname, file);

  it('comes to every balance of its three moments, live, run again and after a rebuild', async () => {
    const ledger = await emptyLedger();
    const scenario = await loadScenario(path);
    const report = await runScenario(ledger, scenario, { actor: ACTOR });
    expectAllAsWritten(report, figures);
    expect(report.rejectedAsExpected.map(({ refusal }) => refusal.code)).toEqual(rejected);
    expect(report.pending).toHaveLength(pending);

    const head = await ledger.log.head();
    expect((await replay({ log: ledger.log, live: ledger.readModel, to: null })).findings).toEqual([]);
    await ledger.readModel.rebuild();
    const again = await runScenario(ledger, scenario, { actor: ACTOR });
    expectAllAsWritten(again, figures);
    expect(again.steps.stored + again.registry.stored).toBe(0);
    expect(again.steps.unchanged).toBe(report.steps.stored);
    expect(await ledger.log.head()).toBe(head);
  });

  it('comes to the same balances recorded by business date', async () => {
    const scenario = byBusinessDate(await loadScenario(path));
    expect(lateSteps(scenario)).toBe(0);
    expectAllAsWritten(await runScenario(await emptyLedger('memory:'), scenario, { actor: ACTOR }), figures);
  });

  it('comes to the same balances with the payments recorded last first', async () => {
    const scenario = paymentsLastFirst(await loadScenario(path));
    expect(lateSteps(scenario)).toBeGreaterThan(4);
    const ledger = await emptyLedger('memory:');
    expectAllAsWritten(await runScenario(ledger, scenario, { actor: ACTOR }), figures);
    await ledger.readModel.rebuild();
    expectAllAsWritten(await runScenario(ledger, scenario, { actor: ACTOR }), figures);
  });
});

it.each(['b-shandong.yaml', 'c-inner-mongolia.yaml'])('%s itself records some entries late', async (file) =>
  expect(lateSteps(await loadScenario(join(__dirname, file)))).toBeGreaterThan(0),
);

it('plays all three on one ledger, each with its own balances where the tables do not overlap', async () => {
  const ledger = await emptyLedger('memory:');
  for (const { file } of FILES) {
    const report = await runScenario(ledger, await loadScenario(join(__dirname, file)), { actor: ACTOR });
    expect(report.failure).toBeNull();
    const ofKeys = report.expectations.filter(({ key, ok }) => key !== null && !ok);
    // `complete` tables see the other counties' money, which is not theirs.
    const own = ofKeys.filter(({ expected }) => expected !== 0);
    expect(own).toEqual([]);
  }
});
