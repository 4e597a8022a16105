import { DomainError, type Refusal } from '../platform/domain-error';

/** What is wrong at one place of a scenario file. */
export interface ScenarioProblem extends Omit<Refusal, 'parameters'> {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** Keys from the top of the file, such as `steps.3.amount`. */
  readonly path: string;
}

/** More problems than anybody reads at once have one cause. */
const MAX_PROBLEMS = 50;

/** How many of them the sentence itself names. */
const NAMED_PROBLEMS = 5;

const named = (problems: readonly ScenarioProblem[], of: (problem: ScenarioProblem) => string, more: string): string =>
  problems.slice(0, NAMED_PROBLEMS).map(of).join('\n') + (problems.length > NAMED_PROBLEMS ? `\n${more}` : '');

/** The refusal of a file, naming the lines. */
export const scenarioInvalid = (file: string, problems: readonly ScenarioProblem[]): DomainError => {
  const shown = [...problems].sort((left, right) => left.line - right.line).slice(0, MAX_PROBLEMS);
  return new DomainError('input', {
    code: 'SCENARIO_INVALID',
    message: `情景文件 ${file} 有 ${problems.length} 处错误：\n${named(
      shown,
      (problem) =>
        `第 ${problem.line} 行${problem.path === '' ? '' : `（${problem.path}）`}：${problem.message}${problem.remedy}`,
      '……',
    )}`,
    messageEn: `The scenario file ${file} has ${problems.length} mistake(s):\n${named(
      shown,
      (problem) =>
        `line ${problem.line}${problem.path === '' ? '' : ` (${problem.path})`}: ${problem.messageEn} ${problem.remedyEn}`,
      '…',
    )}`,
    remedy: '按各行的说明改正；写法见 docs/scenario-files.zh-CN.md。',
    remedyEn: 'Correct the lines as they say; docs/scenario-files.md tells how a scenario file is written.',
    parameters: { file, problems: shown },
  });
};
