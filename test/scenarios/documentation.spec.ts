import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import scenarioSchema from '../../docs/scenario.schema.json';
import { MEASURES } from '../../src/balances/measures';
import { loadScenario, runScenario } from '../../src/scenarios/run-scenario';
import { ACTOR, cleanUp, emptyLedger, writeScratchFile } from './support/ledgers';

afterEach(cleanUp);

const DOCS = join(__dirname, '..', '..', 'docs');

describe.each(['scenario-files.md', 'scenario-files.zh-CN.md'])('%s', (name) => {
  const page = readFileSync(join(DOCS, name), 'utf8');

  it('shows a whole file that passes as it stands', async () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const scenario = await loadScenario(writeScratchFile('example.yaml', example));
    const report = await runScenario(await emptyLedger('memory:'), scenario, { actor: ACTOR });
    expect(report).toMatchObject({ ok: true, steps: { total: 5 }, pending: [] });
    expect(report.rejectedAsExpected).toHaveLength(1);
    expect(report.expectations).toHaveLength(6);
  });

  it('names every kind of step, every measure and every top-level key', () => {
    const words = [
      ...scenarioSchema.properties.steps.items.oneOf.map(({ $ref }) => $ref.replace('#/$defs/', '')),
      ...MEASURES,
      ...Object.keys(scenarioSchema.properties).filter((key) => key !== 'about'),
    ];
    expect(words.filter((word) => !page.includes(word))).toEqual([]);
  });
});

it('knows in the schema exactly the measures that balances have', () => {
  expect(scenarioSchema.$defs.measure.enum).toEqual([...MEASURES]);
});
