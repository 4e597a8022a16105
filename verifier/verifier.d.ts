/** What Node gives the file that the parts are joined to; a browser gives none of it. */

interface NodeModule {
  exports: unknown;
}

interface NodeRequire {
  (name: 'node:fs'): {
    readonly readFileSync: (path: string) => Uint8Array;
    readonly readdirSync: (
      path: string,
      options: { readonly withFileTypes: true },
    ) => readonly {
      readonly name: string;
      readonly isDirectory: () => boolean;
      readonly isFile: () => boolean;
    }[];
    readonly statSync: (path: string) => { readonly size: number; readonly isDirectory: () => boolean };
    readonly writeSync: (descriptor: number, text: string) => number;
  };
  (name: 'node:path'): { readonly join: (...parts: readonly string[]) => string };
  readonly main?: NodeModule;
}

declare const require: NodeRequire | undefined;
declare const module: NodeModule | undefined;
declare const process: {
  readonly argv: readonly string[];
  readonly stdout: { readonly write: (text: string) => boolean };
  exitCode: number;
};

/** Path of the running file; Node alone has it. */
declare const __filename: string;

/** What each type of event is called; put before the parts when they are joined, from the ledger's own table. */
declare const EVENT_WORDS: { readonly [type: string]: readonly [zh: string, en: string] | undefined };

/** SHA-256 of the projections that came with this verifier, by their names in a bundle; put before the parts as well. */
declare const OWN_FILES: { readonly [name: string]: string | undefined };
