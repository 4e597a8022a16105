import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createContext, Script } from 'node:vm';

/** The official balances; each is a file of its own in /projections. */
export const PROJECTION_NAMES = ['department-balance', 'county-balance', 'village-balance', 'project-balance'] as const;
export type ProjectionName = (typeof PROJECTION_NAMES)[number];

/** State of one pool in one projection: an object of sections, each an object of entries. */
export type ProjectionState = Record<string, Record<string, unknown>>;

/** What a handler reads of an event: the members of the EventStoreDB server's own event. */
export interface ProjectionEvent {
  readonly streamId: string;
  readonly sequenceNumber: number;
  readonly eventType: string;
  readonly eventId: string;
  readonly isJson: true;
  readonly data: unknown;
  readonly body: unknown;
  readonly metadata: unknown;
}

export type ProjectionHandler = (state: ProjectionState, event: ProjectionEvent) => ProjectionState;

/** Told of every entry that a handler is about to read for writing, so that only those need to be stored. */
export type EntryTouched = (section: string, key: string) => void;

export interface LoadedProjection {
  readonly name: ProjectionName;
  /** SHA-256 of the prelude and the file: another text is another projection and is built anew. */
  readonly version: string;
  /** Category of the streams that it reads; its state is kept per stream. */
  readonly category: string;
  readonly initialState: () => ProjectionState;
  readonly handlers: ReadonlyMap<string, ProjectionHandler>;
}

/**
 * Takes away what a fold must not read (clock, random, locale) and what the server's engine lacks, and freezes the
 * rest, so that no script can change what another call sees.
 */
export const LIMIT_GLOBALS = `
  for (const name of ['Date', 'Intl', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry',
    'Promise', 'Proxy', 'Reflect', 'eval', 'Function', 'escape', 'unescape', 'structuredClone', 'console']) {
    delete globalThis[name];
  }
  delete Math.random;
  for (const type of [Number, BigInt, String, Array, Object, Boolean]) {
    delete type.prototype.toLocaleString;
    Object.freeze(type.prototype);
    Object.freeze(type);
  }
  for (const type of [Map, Set, RegExp, Error, RangeError, TypeError, Symbol]) {
    Object.freeze(type.prototype);
    Object.freeze(type);
  }
  Object.freeze(Math);
  Object.freeze(JSON);
`;

/**
 * The host's two functions as lexical constants of the script scope: calls of them do not go through the context's
 * global object, whose interceptors are slow.
 */
const BIND_HOST = `
  const fromCategory = globalThis.hostFromCategory;
  const entryTouched = globalThis.hostEntryTouched;
  delete globalThis.hostFromCategory;
  delete globalThis.hostEntryTouched;
`;

/** Folder of the official projections: beside `src` in a checkout, beside `dist` once built. */
export const projectionsFolder = (): string => {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'projections');
    if (existsSync(join(candidate, 'prelude.js'))) return candidate;
    if (folder === dirname(folder)) throw new Error('the folder of the official projections is missing');
  }
};

/** What the official projections have in common, and an auditor's own may use. */
export const preludeSource = (folder = projectionsFolder()): string => readFileSync(join(folder, 'prelude.js'), 'utf8');

/** The text that runs, here and in an EventStoreDB server: the prelude followed by the projection's own file. */
export const projectionSource = (name: ProjectionName, folder = projectionsFolder()): string =>
  `${preludeSource(folder)}\n${readFileSync(join(folder, `${name}.js`), 'utf8')}`;

/** Loads an official projection into a context of its own. */
export const loadProjection = (
  name: ProjectionName,
  entryTouched: EntryTouched = () => undefined,
  folder = projectionsFolder(),
): LoadedProjection => compileProjection(name, projectionSource(name, folder), entryTouched);

/** Compiles a projection's text; throws when it does not register exactly one set of handlers. */
export const compileProjection = (
  name: ProjectionName,
  source: string,
  entryTouched: EntryTouched = () => undefined,
): LoadedProjection => {
  const registered: { category: string; handlers: Record<string, unknown> }[] = [];
  const hostFromCategory = (category: string) => ({
    foreachStream: () => ({
      when: (handlers: Record<string, unknown>) => void registered.push({ category, handlers }),
    }),
  });
  const context = createContext(
    Object.assign(Object.create(null) as object, { hostFromCategory, hostEntryTouched: entryTouched }),
    { name, codeGeneration: { strings: false, wasm: false } },
  );
  new Script(LIMIT_GLOBALS).runInContext(context);
  new Script(BIND_HOST).runInContext(context);
  new Script(source, { filename: `${name}.js` }).runInContext(context);

  const [definition, ...others] = registered;
  if (definition === undefined || others.length > 0) throw new Error(`${name} must call when() exactly once`);
  const { $init, ...handlers } = definition.handlers;
  if (!isFunction($init)) throw new Error(`${name} has no $init`);
  return {
    name,
    version: createHash('sha256').update(source).digest('hex'),
    category: definition.category,
    initialState: $init as () => ProjectionState,
    handlers: new Map(
      Object.entries(handlers).map(([type, handler]) => {
        if (!isFunction(handler)) throw new Error(`${name}: the handler of ${type} is not a function`);
        return [type, handler as ProjectionHandler];
      }),
    ),
  };
};

/** Functions of another context are not instances of this one's Function. */
const isFunction = (value: unknown): boolean => typeof value === 'function';
