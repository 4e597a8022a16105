import { loadScenario, runScenario } from '../../src/scenarios/run-scenario';
import type { ScenarioReport } from '../../src/scenarios/scenario-report';
import { ACTOR, cleanUp, emptyLedger, writeScratchFile } from './support/ledgers';
import { SMALL_SCENARIO } from './support/small-scenario';

afterEach(cleanUp);

const PAID = '  - { id: paid, on: 2024-03-03, do: pay, project: M1, line: SL, amount: "1,000,000 元" }';
const RECORDED = '  - { id: paid, on: 2024-03-03, do: recordPayment, number: 支1, project: M1, line: SL, amount: 100 }';

/** The small scenario with other steps for its payment. */
const run = async (...steps: readonly string[]): Promise<ScenarioReport> => {
  const text = SMALL_SCENARIO.replace(PAID, steps.join('\n'));
  return runScenario(await emptyLedger('memory:'), await loadScenario(writeScratchFile('small.yaml', text)), {
    actor: ACTOR,
  });
};

const expectSound = (report: ScenarioReport): void => {
  expect(report.failure).toBeNull();
  expect(report.expectations.filter(({ ok }) => !ok)).toEqual([]);
  expect(report.ok).toBe(true);
};

it('asks about a step that says the same line twice, and takes it where lineNo tells them apart', async () => {
  const lines = (first: string, second: string): string =>
    `  - { id: paid, on: 2024-03-03, do: recordPayment, number: 支1, project: M1, line: SL, lines: [{ amount: 50${first} }, { amount: 50${second} }]`;
  const refused = await run(
    `${lines('', '').replace('id: paid', 'id: copied')}, expectRejected: ROW_TWICE }`,
    RECORDED,
  );
  expectSound(refused);
  expect(refused.rejectedAsExpected).toMatchObject([{ step: 'copied', refusal: { code: 'ROW_TWICE' } }]);
  expectSound(await run(`${lines(', lineNo: 1', ', lineNo: 2')} }`));
  expect((await run(`${lines('', '')} }`)).failure).toMatchObject({ step: 'paid', refusal: { code: 'ROW_TWICE' } });
});

it('leaves a reversed document reversed when a step says it again, and books it again by 重记', async () => {
  const reversed = '  - { id: back, number: 红1, on: 2024-03-04, do: reverse, step: paid, reason: 录错 }';
  const again = RECORDED.replace('id: paid', 'id: again');
  const left = await run(RECORDED, reversed, again);
  expect(left.failure).toBeNull();
  expect(left.expectations.filter(({ measure, ok }) => measure === 'paid' && !ok)).toMatchObject([{ actual: 0 }]);
  const rebooked = again.replace('number: 支1', 'number: 支1, rebooks: 红1');
  expectSound(await run(RECORDED, reversed, again.replace('again', 'left'), rebooked));
  expectSound(
    await run(
      RECORDED,
      reversed,
      rebooked.replace(' }', ', expectRejected: REBOOKS_UNKNOWN }').replace('红1', '红9').replace('again', 'wrong'),
      rebooked,
    ),
  );
});
