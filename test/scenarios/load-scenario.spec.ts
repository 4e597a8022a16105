import { join } from 'node:path';

import { DomainError } from '../../src/platform/domain-error';
import { loadScenario } from '../../src/scenarios/load-scenario';
import type { ScenarioProblem } from '../../src/scenarios/scenario-problem';
import { cleanUp, scratchFolder, writeScratchFile } from './support/ledgers';
import { changed, lineStarting, SMALL_SCENARIO } from './support/small-scenario';

afterEach(cleanUp);

const refusalOf = async (file: string): Promise<DomainError> => {
  try {
    await loadScenario(file);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('the file was taken');
};

const problemsOf = async (text: string): Promise<readonly ScenarioProblem[]> => {
  const refusal = await refusalOf(writeScratchFile('small.yaml', text));
  expect(refusal).toMatchObject({ kind: 'input', code: 'SCENARIO_INVALID' });
  return refusal.parameters['problems'] as readonly ScenarioProblem[];
};

/** A mistake, the line that it stands on, its code and what the person reads. */
const MISTAKES: readonly (readonly [
  name: string,
  before: string,
  after: string,
  line: string,
  code: string,
  says: RegExp,
])[] = [
  [
    'an unknown key',
    'line: SL, amount: 400 }\n  - { id: pooled',
    'line: SL, amout: 400 }\n  - { id: pooled',
    '- { id: quota',
    'SCENARIO_KEY_UNKNOWN',
    /amout.*可用的键：.*amount/,
  ],
  [
    'an unknown kind of step',
    'do: integrate',
    'do: intergrate',
    '- { id: pooled',
    'SCENARIO_STEP_UNKNOWN',
    /intergrate.*integrate/,
  ],
  ['a missing key', 'title: 小情景\n', '', 'scenario:', 'SCENARIO_KEY_MISSING', /缺少 title/],
  [
    'a step without a date',
    'id: pooled, on: 2024-03-01',
    'id: pooled',
    '- { id: pooled',
    'SCENARIO_KEY_MISSING',
    /缺少 on。.*YYYY-MM-DD/,
  ],
  ['a day that does not exist', '2024-03-01', '2024-02-30', '- { id: pooled', 'DATE_INVALID', /2024-02-30/],
  [
    'a date of another form',
    '2024-03-01',
    '2024/3/1',
    '- { id: pooled',
    'SCENARIO_VALUE_INVALID',
    /2024\/3\/1.*YYYY-MM-DD/,
  ],
  ['an unknown unit', 'unit: 万元', 'unit: 百万元', 'unit:', 'SCENARIO_VALUE_UNKNOWN', /百万元.*元、万元、亿元/],
  [
    'a negative amount',
    'amount: 300 万元',
    'amount: -300',
    '- { id: given',
    'SCENARIO_VALUE_INVALID',
    /-300.*1,144\.50/,
  ],
  ['an exponent', 'amount: 300 万元', 'amount: 3e2', '- { id: given', 'SCENARIO_VALUE_INVALID', /3e2/],
  [
    'an amount of less than a fen',
    'amount: 300 万元',
    'amount: 300.001 元',
    '- { id: given',
    'AMOUNT_TOO_PRECISE',
    /300\.001/,
  ],
  ['separators that are not clear', 'amount: 300 万元', 'amount: "30,0"', '- { id: given', 'AMOUNT_SEPARATORS', /30,0/],
  ['nothing to move', 'amount: 300 万元', 'amount: 0', '- { id: given', 'AMOUNT_ZERO', /零/],
  ['an unknown measure', 'unspent: 200', 'unspend: 200', '630222103200:', 'SCENARIO_VALUE_UNKNOWN', /unspend.*unspent/],
  ['an unknown dimension', 'by: village', 'by: township', '- by:', 'SCENARIO_VALUE_UNKNOWN', /township.*village/],
  ['a code that is no division', '630222103200: {', '6302221: {', '6302221:', 'DIVISION_INVALID', /6302221/],
  [
    'a short name that is not there',
    'project: M1, line: SL, amount: 300',
    'project: M1, line: XX, amount: 300',
    '- { id: given',
    'SCENARIO_LINE_UNKNOWN',
    /XX/,
  ],
  [
    'a line that needs its document',
    'do: integrate, line: SL',
    'do: integrate, line: SL/WATER',
    '- { id: pooled',
    'SCENARIO_DOCUMENT_MISSING',
    /文号/,
  ],
  [
    'another document than the step’s',
    'number: 青财农1号',
    'number: 青财农2号',
    '- { id: quota',
    'SCENARIO_OTHER_DOCUMENT',
    /青财农1号.*青财农2号/,
  ],
  [
    'a step id that is used twice',
    'id: pooled',
    'id: quota',
    '- { id: quota, on: 2024-03-01',
    'SCENARIO_STEP_TWICE',
    /quota/,
  ],
  [
    'a step that is not there',
    '    asOf: 2024-06-30',
    '    asOf: 2024-06-30\n    after: nowhere',
    'after:',
    'SCENARIO_STEP_UNKNOWN',
    /nowhere/,
  ],
  [
    'no fiscal year',
    'division: 630222, year: 2024, ',
    'division: 630222, ',
    '- { id: quota',
    'SCENARIO_KEY_MISSING',
    /缺少 year/,
  ],
  [
    'an unknown place of several',
    '[630222103200]',
    '[630222103200, 630222]',
    '- { id: given',
    'SCENARIO_KEY_MISSING',
    /缺少 place/,
  ],
  ['nobody who approves', ', approvedBy: 乙', '', '- { id: paid', 'SCENARIO_KEY_MISSING', /缺少 approvedBy/],
  ['a key written twice', 'unit: 万元', 'unit: 万元\nunit: 元', 'unit: 元', 'SCENARIO_NOT_YAML', /重复的键/],
  ['no YAML', 'title: 小情景', 'title: [小情景', 'unit:', 'SCENARIO_NOT_YAML', /YAML/],
  [
    'a file of divisions that is not there',
    '  divisions:\n',
    '  divisionsFrom: nowhere.csv\n  divisions:\n',
    'divisionsFrom:',
    'FILE_NOT_FOUND',
    /nowhere\.csv/,
  ],
];

it.each(MISTAKES)('names the line and the remedy of %s', async (_name, before, after, line, code, says) => {
  const text = changed(before, after);
  const problems = await problemsOf(text);
  const problem = problems.find((each) => each.code === code && says.test(`${each.message}${each.remedy}`));
  expect(problems).toContainEqual(problem);
  expect(problem?.line).toBe(lineStarting(text, line));
  expect(problem?.messageEn).toMatch(/[a-z]/);
  expect(problem?.remedyEn).toMatch(/[a-z]/);
});

it('names several mistakes at once, with their lines in the sentence itself', async () => {
  const text = changed('2024-03-01', '2024-02-30').replace('amount: 300 万元', 'amount: 300.001 元');
  const refusal = await refusalOf(writeScratchFile('small.yaml', text));
  expect(refusal.message).toContain('有 2 处错误');
  expect(refusal.message).toContain(`第 ${lineStarting(text, '- { id: pooled')} 行（steps.1.on）`);
  expect(refusal.message).toContain(`第 ${lineStarting(text, '- { id: given')} 行（steps.2.amount）`);
  expect(refusal.messageEn).toContain('2 mistake(s)');
});

it('keeps every text as it is written: codes, zeros and words are not numbers', async () => {
  const scenario = await loadScenario(
    writeScratchFile(
      'small.yaml',
      changed('{ code: SL, name: 水利厅 }', '{ code: 007, name: no }').replace('department: SL', 'department: 007'),
    ),
  );
  expect(scenario.registry.departments).toMatchObject([{ departmentCode: '007', name: 'no' }]);
});

it('refuses a file that is not there, is too large or is not UTF-8', async () => {
  expect((await refusalOf(join(scratchFolder(), 'nowhere.yaml'))).code).toBe('SCENARIO_NOT_FOUND');
  const large = writeScratchFile('large.yaml', `${SMALL_SCENARIO}#${'x'.repeat(4 * 1024 * 1024)}`);
  expect((await refusalOf(large)).code).toBe('SCENARIO_TOO_LARGE');
  const gbk = writeScratchFile('gbk.yaml', Buffer.from([0x73, 0x3a, 0x20, 0xb3, 0xc7, 0x0a]));
  expect((await refusalOf(gbk)).message).toContain('UTF-8');
});

it('refuses a file that multiplies itself by aliases', async () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (const [name, of] of [
    ['b', 'a'],
    ['c', 'b'],
    ['d', 'c'],
    ['e', 'd'],
    ['f', 'e'],
  ] as const) {
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${of}`).join(',')}]`);
  }
  const refusal = await refusalOf(writeScratchFile('bomb.yaml', bomb.join('\n')));
  expect(refusal.parameters['problems']).toMatchObject([{ code: 'SCENARIO_NOT_YAML' }]);
});

describe('a file that is based on another', () => {
  const next = (basedOn: string, steps: string): string =>
    `scenario: next\ntitle: 续\nunit: 元\nbasedOn: ${basedOn}\nsteps:\n${steps}\n`;

  it('takes its registry, short names, defaults and steps, in their order', async () => {
    const folder = scratchFolder();
    writeScratchFile('small.yaml', SMALL_SCENARIO, folder);
    const step = '  - { id: more, on: 2024-04-01, do: pay, project: M1, line: SL, amount: 5 }';
    const scenario = await loadScenario(writeScratchFile('next.yaml', next('small.yaml', step), folder));
    expect(scenario.steps.map(({ key }) => key)).toEqual([
      'small/quota',
      'small/pooled',
      'small/given',
      'small/paid',
      'next/more',
    ]);
    expect(scenario.moments).toHaveLength(1);
    // Each file has its own unit.
    expect(scenario.steps.at(-1)?.work).toMatchObject({ calls: [{ command: { lines: [{ amount: 500 }] } }, {}, {}] });
  });

  it('is refused when it goes round in a circle', async () => {
    const folder = scratchFolder();
    writeScratchFile('a.yaml', next('b.yaml', '  []'), folder);
    const file = writeScratchFile('b.yaml', next('a.yaml', '  []'), folder);
    expect((await refusalOf(file)).message).toContain('basedOn 绕成了圈');
  });
});
