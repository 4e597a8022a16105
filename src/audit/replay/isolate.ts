import { createRequire } from 'node:module';
import { createContext, Script } from 'node:vm';

import released from '@jitl/quickjs-wasmfile-release-sync';
import {
  type EmscriptenModuleLoader,
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSEmscriptenModule,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';

/** The states of ten thousand pools take some fifty megabytes; what needs far more is no fold of a ledger. */
const MOST_MEMORY_BYTES = 256 * 1024 * 1024;

/** What the interpreter begins with, as its module asks for it. */
const FIRST_MEMORY_BYTES = 16 * 1024 * 1024;

const MEMORY_PAGE_BYTES = 64 * 1024;

const MOST_STACK_BYTES = 256 * 1024;

/** What a fold needs of the language. There is no Date, Promise, Proxy or typed array to be taken away. */
const LANGUAGE = { BaseObjects: true, Eval: true, JSON: true, RegExp: true, MapSet: true, BigInt: true };

/** For the interpreter to end a script by itself and to describe a failure, before it is stopped from outside. */
const GRACE_MS = 500;

/** Thrown by an isolate where something ran for longer than it may; other failures are the script's own. */
export class RanTooLong extends Error {}

/** What a script has thrown, as text: nothing of an isolate's objects comes out of it. */
export class ScriptFailure extends Error {}

/**
 * A place for code of others: an interpreter of its own in WebAssembly, whose memory holds nothing of this process. Text
 * goes in and text comes out; node:vm, which shares the heap, is no such place.
 */
export class Isolate {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  #deadline = 0;
  #isStopped = false;

  private constructor(module: QuickJSWASMModule) {
    this.#runtime = module.newRuntime();
    this.#runtime.setMaxStackSize(MOST_STACK_BYTES);
    this.#runtime.setInterruptHandler(() => Date.now() > this.#deadline);
    this.#context = this.#runtime.newContext({ intrinsics: LANGUAGE });
  }

  static async open(): Promise<Isolate> {
    return new Isolate(await loadModule());
  }

  /** Runs a script; gives what it comes to, as text. */
  run(script: string, file: string, timeoutMs: number): string {
    return this.#within(
      timeoutMs,
      () => this.#context.evalCode(script, file),
      (value) => value.consume((handle) => this.#textOf(handle)),
    );
  }

  /** Runs a script that comes to a function; gives what calls it with a text. */
  define(script: string, file: string, timeoutMs: number): (asked: string) => string {
    const called = this.#within(
      timeoutMs,
      () => this.#context.evalCode(script, file),
      (value) => value,
    );
    return (asked) =>
      this.#within(
        timeoutMs,
        () =>
          this.#context
            .newString(asked)
            .consume((argument) => this.#context.callFunction(called, this.#context.undefined, argument)),
        (value) => value.consume((handle) => this.#textOf(handle)),
      );
  }

  /**
   * The interpreter looks at the time between the script's own steps. One step of the language can take for ever, such as
   * a search through an array without end: then the interpreter is stopped where it is, and never asked again.
   */
  #within<Result>(
    timeoutMs: number,
    work: () => ReturnType<QuickJSContext['evalCode']>,
    read: (value: QuickJSHandle) => Result,
  ): Result {
    if (this.#isStopped) throw new RanTooLong('stopped');
    try {
      return stopAfter(timeoutMs + GRACE_MS, () => {
        this.#deadline = Date.now() + timeoutMs;
        const result = work();
        if (result.error === undefined) return read(result.value);
        throw result.error.consume((handle) => this.#failureOf(handle));
      });
    } catch (error) {
      if (error instanceof RanTooLong || error instanceof ScriptFailure) throw error;
      // A module that was stopped in the middle, or has failed by itself, is in no state to be asked anything.
      this.#isStopped = true;
      throw isStop(error) ? new RanTooLong('stopped') : error;
    }
  }

  /** Only a text is looked at: an object's own conversion would be the script's code, with nobody watching its time. */
  #textOf(handle: QuickJSHandle): string {
    return this.#context.typeof(handle) === 'string' ? this.#context.getString(handle) : '';
  }

  /** Looks at data properties by a function of the isolate, within the time of its own; a getter may be anything. */
  #failureOf(thrown: QuickJSHandle): Error {
    this.#deadline = Date.now() + FAILURE_TIMEOUT_MS;
    const described = this.#context.evalCode(DESCRIBE, 'failure.js');
    if (described.error !== undefined) {
      described.error.dispose();
      return new ScriptFailure('unknown');
    }
    const told = described.value.consume((describe) =>
      this.#context.callFunction(describe, this.#context.undefined, thrown),
    );
    if (told.error !== undefined) {
      told.error.dispose();
      return new ScriptFailure('unknown');
    }
    const text = told.value.consume((handle) => this.#textOf(handle));
    if (text === 'InternalError:interrupted') return new RanTooLong('interrupted');
    return new ScriptFailure(text.replace(/^\w*:/, ''));
  }
}

const FAILURE_TIMEOUT_MS = 200;

/** Runs a function of ours whose time another thread looks after; node:vm is a clock here and no wall. */
const stopAfter = <Result>(timeoutMs: number, work: () => Result): Result => {
  watched.work = work;
  try {
    return WATCHED.runInContext(watched, { timeout: timeoutMs }) as Result;
  } finally {
    watched.work = null;
  }
};
const WATCHED = new Script('work()');
const watched = createContext({ work: null } as { work: (() => unknown) | null });

/** Made in the other context, it is no instance of this one's Error. */
const isStop = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/** `name:message` of what was thrown, from data properties alone and cut to what a message can hold. */
const DESCRIBE = `(thrown) => {
  const own = (object, name) => {
    for (let at = object; at !== null && typeof at === 'object'; at = Object.getPrototypeOf(at)) {
      const found = Object.getOwnPropertyDescriptor(at, name);
      if (found !== undefined) return typeof found.value === 'string' ? found.value : '';
    }
    return '';
  };
  if (typeof thrown === 'string') return ':' + thrown.slice(0, 500);
  if (typeof thrown !== 'object' || thrown === null) return ':' + typeof thrown;
  return own(thrown, 'name') + ':' + own(thrown, 'message').slice(0, 500);
}`;

/** What the types of the language and of Node leave to those of browsers. */
declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => object;
};

/**
 * An interpreter with a memory of its own, which is let go with the isolate and cannot grow beyond its limit: what the
 * interpreter counts by itself leaves out the contents of texts and arrays. Its loader is required: the released one
 * imports it dynamically, which a CommonJS program has no need of.
 */
const loadModule = (): Promise<QuickJSWASMModule> => {
  const loader = createRequire(__filename)(
    '@jitl/quickjs-wasmfile-release-sync/emscripten-module',
  ) as EmscriptenModuleLoader<QuickJSEmscriptenModule>;
  const variant: QuickJSSyncVariant = { ...released, importModuleLoader: () => Promise.resolve(loader) };
  const wasmMemory = new WebAssembly.Memory({
    initial: FIRST_MEMORY_BYTES / MEMORY_PAGE_BYTES,
    maximum: MOST_MEMORY_BYTES / MEMORY_PAGE_BYTES,
  });
  return newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmMemory }));
};
