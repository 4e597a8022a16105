import { dirname, resolve } from 'node:path';

import type { Division } from '../registry/divisions/divisions';
import type { RawScenario } from './raw-scenario';
import { readMoment } from './read-expectations';
import { type OwnRegistry, readRegistry } from './read-registry';
import { StepReader } from './read-steps';
import { ReadingContext } from './reading-context';
import { type KeyPath, readScenarioDocument } from './scenario-document';
import { scenarioInvalid } from './scenario-problem';
import type { Scenario, ScenarioProject, ScenarioRegistry, ScenarioStep } from './scenario';

/** Files that are based on one another; more is a circle or a mistake. */
const MAX_BASES = 8;

interface LoadedScenario extends Scenario {
  readonly lines: ReadonlyMap<string, string>;
  readonly payees: ReadonlyMap<string, string>;
  readonly defaults: NonNullable<RawScenario['defaults']>;
}

/**
 * Reads a scenario file, and before it the one that it is based on.
 *
 * @throws DomainError SCENARIO_INVALID with every mistake and its line in `parameters.problems`; SCENARIO_NOT_FOUND
 */
export const loadScenario = async (path: string): Promise<Scenario> => load(resolve(path), []);

const load = async (file: string, above: readonly string[]): Promise<LoadedScenario> => {
  const document = await readScenarioDocument(file);
  const { raw } = document;
  const context = new ReadingContext(document);
  if (raw.basedOn !== undefined && (above.includes(file) || above.length >= MAX_BASES)) {
    context.refuse(['basedOn'], {
      code: 'SCENARIO_BASE_CIRCLE',
      message: `basedOn 绕成了圈：${raw.basedOn}。`,
      messageEn: `basedOn goes round in a circle: ${raw.basedOn}.`,
      remedy: '去掉其中一个 basedOn。',
      remedyEn: 'Take one of them away.',
    });
    throw scenarioInvalid(file, context.problems);
  }
  const base = raw.basedOn === undefined ? null : await load(resolve(dirname(file), raw.basedOn), [...above, file]);
  const defaults = { ...base?.defaults, ...raw.defaults };
  const own = await readRegistry(context, raw.registry ?? {}, defaults.division ?? null);
  const lines = new Map(base?.lines);
  for (const [name, line] of Object.entries(raw.lines ?? {})) lines.set(name.normalize('NFC'), line.normalize('NFC'));
  const projects = new Map<string, ScenarioProject>();
  for (const project of [...(base?.registry.projects ?? []), ...own.projects]) {
    projects.set(project.particulars.projectCode, project);
  }
  const payees = new Map(base?.payees);
  const reader = new StepReader(context, { scenario: raw.scenario, defaults, lines, projects, payees });
  const ownSteps = (raw.steps ?? []).map((step, index) => reader.read(step, index));
  const moments = (raw.expectations ?? []).map((moment, index) => readMoment(context, moment, index));
  const steps = [...(base?.steps ?? []), ...ownSteps];

  requireUniqueIds(context, base?.steps ?? [], ownSteps);
  if (base !== null && base.name === raw.scenario) sameName(context, raw.scenario);
  for (const [index, moment] of moments.entries()) {
    if (moment.after !== null) requireStep(context, steps, moment.after, ['expectations', index, 'after']);
  }
  for (const [index, step] of ownSteps.entries()) {
    const earlier = steps.slice(0, (base?.steps.length ?? 0) + index);
    if (step.work.kind === 'reversal') requireStep(context, earlier, step.work.step, ['steps', index, 'step']);
  }
  if (context.problems.length > 0) throw scenarioInvalid(file, context.problems);
  return {
    name: raw.scenario,
    title: raw.title,
    file,
    registry: mergedRegistry(base?.registry ?? null, own, steps),
    steps,
    moments: [...(base?.moments ?? []), ...moments],
    lines,
    payees,
    defaults,
  };
};

/** Registrations without a date of their own hold from before the first step. */
const mergedRegistry = (
  base: ScenarioRegistry | null,
  own: OwnRegistry,
  steps: readonly ScenarioStep[],
): ScenarioRegistry => {
  const firstDay = steps.map((step) => step.on).reduce((first, on) => (on < first ? on : first), '9999-12-31');
  return {
    on: own.on ?? base?.on ?? firstDay,
    divisions: eachOnce([...(base?.divisions ?? []), ...own.divisions]),
    departments: [...(base?.departments ?? []), ...own.departments],
    purposes: [...(base?.purposes ?? []), ...own.purposes],
    channels: [...(base?.channels ?? []), ...own.channels],
    projects: [...(base?.projects ?? []), ...own.projects],
  };
};

/** Files of several counties name their province and prefecture each. */
const eachOnce = (divisions: readonly Division[]): readonly Division[] => [
  ...new Map(divisions.map((division) => [`${division.divisionCode}|${division.validFrom}`, division])).values(),
];

const requireUniqueIds = (
  context: ReadingContext,
  baseSteps: readonly ScenarioStep[],
  ownSteps: readonly ScenarioStep[],
): void => {
  const ids = new Set(baseSteps.map((step) => step.id));
  for (const [index, { id }] of ownSteps.entries()) {
    if (ids.has(id)) {
      context.refuse(['steps', index, 'id'], {
        code: 'SCENARIO_STEP_TWICE',
        message: `步骤 id ${id} 用了两次。`,
        messageEn: `The step id ${id} is used twice.`,
        remedy: '每个步骤的 id 各不相同，包括 basedOn 的文件。',
        remedyEn: 'Give every step an id of its own, also different from those of the file in basedOn.',
      });
    }
    ids.add(id);
  }
};

const requireStep = (context: ReadingContext, steps: readonly ScenarioStep[], id: string, path: KeyPath): void => {
  if (steps.some((step) => step.id === id)) return;
  context.refuse(path, {
    code: 'SCENARIO_STEP_UNKNOWN',
    message: `前面没有步骤 ${id}。`,
    messageEn: `There is no earlier step ${id}.`,
    remedy: '核对步骤的 id；只能指向前面的步骤。',
    remedyEn: 'Check the id; only earlier steps can be named.',
  });
};

const sameName = (context: ReadingContext, name: string): void =>
  context.refuse(['scenario'], {
    code: 'SCENARIO_NAME_TAKEN',
    message: `情景名 ${name} 与 basedOn 的文件相同。`,
    messageEn: `The file in basedOn has the name ${name}, too.`,
    remedy: '换一个名字：命令编号由它生成。',
    remedyEn: 'Choose another name: command ids follow from it.',
  });
