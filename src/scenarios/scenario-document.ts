import { readFile, stat } from 'node:fs/promises';

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';

import scenarioSchema from '../../docs/scenario.schema.json';
import { DomainError } from '../platform/domain-error';
import type { RawScenario } from './raw-scenario';
import { scenarioInvalid, type ScenarioProblem } from './scenario-problem';

/** The three scenarios of a province with every balance take 60 KB; a file of this size holds some 30,000 steps. */
const MAX_SCENARIO_BYTES = 4 * 1024 * 1024;

/** YAML aliases can blow a small file up; people hardly use them. */
const MAX_ALIASES = 100;

export type KeyPath = readonly (string | number)[];

/** A file of the right form, and where its parts stand. */
export interface ScenarioDocument {
  readonly file: string;
  readonly raw: RawScenario;
  lineOf(path: KeyPath): number;
  /** Problem at a place, in the words of a refusal. */
  problem(path: KeyPath, refusal: Omit<ScenarioProblem, 'line' | 'column' | 'path'>): ScenarioProblem;
}

/**
 * Reads a scenario file and holds it against docs/scenario.schema.json.
 *
 * @throws DomainError SCENARIO_INVALID with `parameters.problems`; SCENARIO_NOT_FOUND; SCENARIO_TOO_LARGE
 */
export const readScenarioDocument = async (file: string): Promise<ScenarioDocument> => {
  const lines = new LineCounter();
  // All scalars stay texts: 1.10 keeps its zero, 630222 is a code and `no` is a word.
  const yaml = parseDocument(await textOf(file), { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const places = new Places(yaml, lines);
  if (yaml.errors.length > 0) {
    throw scenarioInvalid(
      file,
      yaml.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return { ...notYaml(error.message), line, column: col, path: '' };
      }),
    );
  }
  const content = plainContent(file, yaml);
  const validate = validator();
  if (!validate(content)) {
    throw scenarioInvalid(file, schemaProblems(validate.errors ?? [], content, places));
  }
  return {
    file,
    raw: content as RawScenario,
    lineOf: (path) => places.of(path).line,
    problem: (path, refusal) => ({ ...places.of(path), ...refusal }),
  };
};

const textOf = async (file: string): Promise<string> => {
  let bytes: Buffer;
  try {
    const { size } = await stat(file);
    if (size > MAX_SCENARIO_BYTES) throw tooLarge(file, size);
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw notFound(file);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw scenarioInvalid(file, [{ ...NOT_UTF8, line: 1, column: 1, path: '' }]);
  }
};

const plainContent = (file: string, yaml: Document): unknown => {
  try {
    return yaml.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw scenarioInvalid(file, [
      { ...notYaml(error instanceof Error ? error.message : ''), line: 1, column: 1, path: '' },
    ]);
  }
};

/** Lines and columns of a document's parts. */
class Places {
  readonly #yaml: Document;
  readonly #lines: LineCounter;

  constructor(yaml: Document, lines: LineCounter) {
    this.#yaml = yaml;
    this.#lines = lines;
  }

  /** Where a value's key stands, or its list item; the nearest part above when it is missing. */
  of(path: KeyPath): Pick<ScenarioProblem, 'line' | 'column' | 'path'> {
    const offset = this.#offset(path);
    const { line, col } = offset === undefined ? { line: 1, col: 1 } : this.#lines.linePos(offset);
    return { line, column: col, path: path.join('.') };
  }

  #offset(path: KeyPath): number | undefined {
    for (let length = path.length; length > 0; length -= 1) {
      const parent = length === 1 ? this.#yaml.contents : this.#yaml.getIn(path.slice(0, length - 1), true);
      const last = path[length - 1];
      if (isMap(parent)) {
        const pair = parent.items.find(({ key }) => isScalar(key) && key.value === String(last));
        if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
      }
      const node = this.#yaml.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return undefined;
  }
}

let compiled: ValidateFunction | undefined;

const validator = (): ValidateFunction =>
  (compiled ??= new Ajv({ allErrors: true, verbose: true, discriminator: true, allowUnionTypes: true }).compile(
    scenarioSchema,
  ));

/** JSON pointer → keys. */
const keysOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

const schemaProblems = (
  errors: readonly ErrorObject[],
  content: unknown,
  places: Places,
): readonly ScenarioProblem[] => {
  const problems = new Map<string, ScenarioProblem>();
  for (const error of errors) {
    const path = keysOf(error.instancePath);
    if (error.keyword === 'additionalProperties') path.push(String(error.params['additionalProperty']));
    // What is wrong with a key is said once, by the keyword that looked at it.
    if (error.keyword === 'propertyNames') continue;
    if (error.propertyName !== undefined) path.push(error.propertyName);
    const problem = { ...places.of(path), ...wordsFor(error, content) };
    // A missing `do` is reported by two keywords.
    const key = `${problem.path}|${problem.message}`;
    if (error.keyword !== 'discriminator' || error.params['error'] !== 'tag') problems.set(key, problem);
  }
  return [...problems.values()];
};

interface DescribedSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly oneOf?: readonly { readonly $ref?: string }[];
}

/** Descriptions in the schema are `中文 | English`. */
const described = (schema: unknown, fallback: readonly [string, string]): readonly [string, string] => {
  const [zh, en] = ((schema as DescribedSchema | undefined)?.description ?? '').split(' | ');
  return zh === undefined || en === undefined ? fallback : [zh, en];
};

const valueAt = (content: unknown, pointer: string): unknown =>
  keysOf(pointer).reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined),
    content,
  );

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

type Words = Omit<ScenarioProblem, 'line' | 'column' | 'path'>;

const wordsFor = (error: ErrorObject, content: unknown): Words => {
  const schema = error.parentSchema as DescribedSchema | undefined;
  const [zh, en] = described(schema, ['此处的写法不对', 'something else']);
  const value = shown(error.propertyName ?? valueAt(content, error.instancePath) ?? '');
  switch (error.keyword) {
    case 'required': {
      const missing = String(error.params['missingProperty']);
      const [what, whatEn] = described(definitionOf(schema?.properties?.[missing]), [missing, missing]);
      return {
        code: 'SCENARIO_KEY_MISSING',
        message: `缺少 ${missing}。`,
        messageEn: `${missing} is missing.`,
        remedy: missing === 'do' ? `写上步骤种类：${stepKinds()}。` : `补上 ${missing}：${what}。`,
        remedyEn: missing === 'do' ? `Say what the step does: ${stepKinds()}.` : `Add ${missing}: ${whatEn}.`,
      };
    }
    case 'additionalProperties': {
      const unknown = String(error.params['additionalProperty']);
      const allowed = Object.keys(schema?.properties ?? {}).join('、');
      return {
        code: 'SCENARIO_KEY_UNKNOWN',
        message: `不认识的键 ${unknown}。`,
        messageEn: `The key ${unknown} is not known here.`,
        remedy: `可用的键：${allowed}。`,
        remedyEn: `Keys known here: ${allowed}.`,
      };
    }
    case 'discriminator':
      return {
        code: 'SCENARIO_STEP_UNKNOWN',
        message: `没有步骤种类“${String(error.params['tagValue'])}”。`,
        messageEn: `There is no step of kind "${String(error.params['tagValue'])}".`,
        remedy: `可用：${stepKinds()}。`,
        remedyEn: `Known are ${stepKinds()}.`,
      };
    case 'enum': {
      const allowed = [...new Set((error.params['allowedValues'] as readonly unknown[]).map(String))].join('、');
      return {
        code: 'SCENARIO_VALUE_UNKNOWN',
        message: `“${value}”不可用。`,
        messageEn: `"${value}" is not one of the values known here.`,
        remedy: `可用：${allowed}。`,
        remedyEn: `Known are ${allowed}.`,
      };
    }
    default:
      return {
        code: 'SCENARIO_VALUE_INVALID',
        message: `“${value}”的写法不对。`,
        messageEn: `"${value}" is not written as it must be.`,
        remedy: `应为：${zh}。`,
        remedyEn: `Expected: ${en}.`,
      };
  }
};

const definitionOf = (schema: unknown): unknown => {
  const reference = (schema as { readonly $ref?: string } | undefined)?.$ref?.replace('#/$defs/', '');
  const definitions: Readonly<Record<string, unknown>> = scenarioSchema.$defs;
  return reference === undefined ? schema : definitions[reference];
};

const stepKinds = (): string =>
  scenarioSchema.properties.steps.items.oneOf.map(({ $ref }) => $ref.replace('#/$defs/', '')).join('、');

const notYaml = (message: string): Words => ({
  code: 'SCENARIO_NOT_YAML',
  message: `不是合法的 YAML：${message}`,
  messageEn: `This is not YAML: ${message}`,
  remedy: '检查缩进、冒号后的空格、引号和重复的键。',
  remedyEn: 'Check the indentation, the space after colons, quotes and repeated keys.',
});

const NOT_UTF8: Words = {
  code: 'SCENARIO_NOT_UTF8',
  message: '文件不是 UTF-8 编码。',
  messageEn: 'The file is not encoded in UTF-8.',
  remedy: '在编辑器中另存为 UTF-8。',
  remedyEn: 'Save it as UTF-8 in an editor.',
};

const notFound = (file: string): DomainError =>
  new DomainError('input', {
    code: 'SCENARIO_NOT_FOUND',
    message: `情景文件 ${file} 不存在或不可读。`,
    messageEn: `The scenario file ${file} does not exist or cannot be read.`,
    remedy: '核对文件路径。',
    remedyEn: 'Check the path.',
    parameters: { file },
  });

const tooLarge = (file: string, size: number): DomainError =>
  new DomainError('input', {
    code: 'SCENARIO_TOO_LARGE',
    message: `情景文件 ${file} 有 ${size} 字节，上限 ${MAX_SCENARIO_BYTES}。`,
    messageEn: `The scenario file ${file} has ${size} bytes; at most ${MAX_SCENARIO_BYTES} are read.`,
    remedy: '拆成几个文件，用 basedOn 相连。',
    remedyEn: 'Divide it and connect the parts with basedOn.',
    parameters: { file, size },
  });
