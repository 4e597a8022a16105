import { loadScenario, runScenario, scenarioReportJson, scenarioReportText } from '../../src/scenarios/run-scenario';
import type { ScenarioReport } from '../../src/scenarios/scenario-report';
import { ACTOR, cleanUp, emptyLedger, writeScratchFile } from './support/ledgers';
import { changed, lineStarting, SMALL_SCENARIO } from './support/small-scenario';

afterEach(cleanUp);

const run = async (text: string): Promise<ScenarioReport> =>
  runScenario(await emptyLedger('memory:'), await loadScenario(writeScratchFile('small.yaml', text)), { actor: ACTOR });

it('passes when every figure is as the file says', async () => {
  const report = await run(SMALL_SCENARIO);
  expect(report).toMatchObject({ ok: true, steps: { total: 4, stored: 6, unchanged: 0 } });
  expect(scenarioReportText(report, 'zh')).toContain('余额 T2 2024-06-30：4/4 相符');
  expect(scenarioReportText(report, 'zh')).toMatch(/结果：通过$/);
});

it('says which figure is wrong, where it stands, what was expected and what the ledger has', async () => {
  const text = changed('paid: 100,', 'paid: 100.01,');
  const report = await run(text);
  expect(report.ok).toBe(false);
  const line = lineStarting(text, '630222103200:');
  expect(scenarioReportText(report, 'zh')).toContain(
    `  第 ${line} 行 village 630222103200 已支付：应为 100.01 万元，账上 100.00 万元`,
  );
  expect(scenarioReportText(report, 'en')).toContain(
    `  line ${line} village 630222103200 Paid: expected 100.01 万元, the ledger has 100.00 万元`,
  );
  expect(scenarioReportText(report, 'zh')).toMatch(/结果：未通过$/);
  expect(JSON.parse(JSON.stringify(scenarioReportJson(report)))).toMatchObject({
    scenario: {
      ok: false,
      expectations: expect.arrayContaining([
        expect.objectContaining({
          key: '630222103200',
          measure: 'paid',
          expected: '1000100.00',
          actual: '1000000.00',
          ok: false,
          line,
        }),
      ]),
    },
  });
});

it('finds a difference of one fen', async () => {
  const report = await run(changed('paid: 100,', 'paid: 1000000.01 元,'));
  expect(report.expectations.filter(({ ok }) => !ok)).toMatchObject([{ expected: 100_000_001, actual: 100_000_000 }]);
});

it('finds a wrong total, and a key that a complete table does not list', async () => {
  const report = await run(
    changed('total: { allocated: 300 }', 'total: { allocated: 299 }').replace(
      '630222103200: { allocated: 300, paid: 100, unspent: 200 }',
      '630222103201: { allocated: 0 }',
    ),
  );
  expect(report.expectations.filter(({ ok }) => !ok)).toMatchObject([
    { key: null, measure: 'allocated', expected: 29_900 * 10_000, actual: 300_000_000 },
    { key: '630222103200', measure: 'allocated', expected: 0, actual: 300_000_000 },
  ]);
});

it('does not look at keys that are not listed unless the table is complete', async () => {
  const text = changed('complete: true', 'complete: false').replace(
    '630222103200: { allocated: 300, paid: 100, unspent: 200 }',
    '630222103201: { allocated: 0 }',
  );
  expect((await run(text)).ok).toBe(true);
});

it('stops at a step that the ledger refuses, with the reason and the remedy', async () => {
  const text = changed('amount: 300 万元', 'amount: 500');
  const report = await run(text);
  expect(report.ok).toBe(false);
  expect(report.expectations).toEqual([]);
  expect(report.failure).toMatchObject({
    kind: 'rejected',
    step: 'given',
    source: { line: lineStarting(text, '- { id: given') },
    refusal: { code: 'OVERDRAFT' },
  });
  expect(scenarioReportText(report, 'zh')).toContain('被拒 OVERDRAFT；后面的步骤未执行。');
});

it('fails when a refusal has another code or other parameters than expected', async () => {
  const other = await run(changed('amount: 300 万元', 'amount: 500, expectRejected: PURPOSE_CHANGED'));
  expect(scenarioReportText(other, 'zh')).toContain('被拒 OVERDRAFT，而不是预期的 PURPOSE_CHANGED');
  const parameters = await run(
    changed('amount: 300 万元', 'amount: 500, expectRejected: { code: OVERDRAFT, parameters: { short: "1.00" } }'),
  );
  expect(scenarioReportText(parameters, 'en')).toContain('with OVERDRAFT instead of OVERDRAFT short=1.00');
});

it('fails when what must be refused would be taken, and stores nothing of it', async () => {
  const report = await run(changed('amount: 300 万元', 'amount: 300, expectRejected: OVERDRAFT'));
  expect(report).toMatchObject({
    ok: false,
    steps: { stored: 2 },
    failure: { kind: 'not-rejected', step: 'given', expectedCode: 'OVERDRAFT' },
  });
  expect(scenarioReportText(report, 'zh')).toContain('应被拒（OVERDRAFT），但总账会接受它');
});

it('lists what is pending by name and never plays it', async () => {
  const report = await run(
    changed('amount: "1,000,000 元" }', 'amount: 100, pending: 以后的规则 }').replace(
      'paid: 100, unspent: 200',
      'paid: 0, unspent: 300',
    ),
  );
  expect(report.ok).toBe(true);
  expect(report.pending).toEqual([{ kind: 'step', name: 'paid', on: '2024-03-03', what: 'pay', why: '以后的规则' }]);
  expect(scenarioReportText(report, 'zh')).toContain('待后续功能（1 项，未核对）');
});

it('refuses a registration with its reason and stores none of the registry', async () => {
  const ledger = await emptyLedger('memory:');
  const text = changed('department: SL,', 'department: NONE,');
  const report = await runScenario(ledger, await loadScenario(writeScratchFile('small.yaml', text)), { actor: ACTOR });
  expect(report.failure).toMatchObject({ step: 'registry', refusal: { code: 'UNKNOWN_DEPARTMENT' } });
  expect(await ledger.log.head()).toBe(0);
});

it('refuses a step whose content was changed after it was recorded', async () => {
  const ledger = await emptyLedger('memory:');
  const play = async (text: string): Promise<ScenarioReport> =>
    runScenario(ledger, await loadScenario(writeScratchFile('small.yaml', text)), { actor: ACTOR });
  await play(SMALL_SCENARIO);
  const report = await play(changed('amount: 300 万元', 'amount: 299'));
  expect(report.failure).toMatchObject({ step: 'given', refusal: { code: 'COMMAND_ID_REUSED' } });
});
