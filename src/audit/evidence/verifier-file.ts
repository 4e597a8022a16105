import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';

import { PACKAGE_ROOT } from '../../platform/version';
import { PROJECTION_NAMES, projectionsFolder } from '../../projecting/projection-loader';
import { EVENT_WORDS } from '../history/event-words';

/**
 * The verifier is written in small parts, like the projections plain scripts that share one scope, and goes into every
 * bundle as one file. Nothing that it computes with comes from the rest of the program, so that an auditor has one text to
 * read; only what the types of events are called, because tables and reports must say the same, and the hashes of
 * the projections in force do.
 */
const PARTS = [
  'bytes',
  'sha2',
  'ed25519',
  'merkle',
  'inflate',
  'unzip',
  'note',
  'events',
  'bundle',
  'known-files',
  'scope',
  'fold',
  'trace',
  'words',
  'statements',
  'report',
  'verify',
  'page',
  'node',
  'start',
] as const;

const HEAD = `/*
 * 一池证据核验程序 · Evidence verifier of Yichi. 不依赖任何其他文件 · It needs no other file.
 *   node verify.cjs bundle.zip --key <vkey>
 * verify.html 内含同一程序，可在浏览器中打开 · verify.html holds the same program for a browser.
 */
`;

/** One thing that is wrong, or that is proven or not. */
export interface VerifierSentence {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}

/** What the verifier says of a bundle; see verifier/verify.js. */
export interface EvidenceVerdict {
  readonly ok: boolean;
  readonly scope: { readonly kind: string; readonly id: string } | null;
  readonly moment: {
    readonly asOf: string | null;
    readonly bookmark: { readonly name: string; readonly eventId: string } | null;
    readonly treeSize: number;
    readonly treeRoot: string;
  } | null;
  readonly origin: string | null;
  readonly size: number | null;
  readonly root: string | null;
  readonly events: number;
  readonly signedBy: readonly { readonly name: string; readonly time: number }[];
  readonly cosignedBy: readonly { readonly name: string; readonly time: number }[];
  readonly keySource: 'given' | 'bundle';
  readonly proven: readonly VerifierSentence[];
  readonly notProven: readonly VerifierSentence[];
  readonly findings: readonly (VerifierSentence & { readonly file: string | null })[];
}

/** Keys that whoever verifies holds, and the text of the verifier that is running. */
export interface VerifierTrust {
  readonly keys?: readonly string[];
  readonly verifier?: string;
}

/** A bundle as the verifier has read it; nobody else looks into it. */
export type ReadBundle = object & { readonly __brand: 'ReadBundle' };

/** What a bundle is asked about, and the streams that are in it whole. */
export interface TraceQuestion {
  readonly scope: { readonly kind: string; readonly id: string };
  readonly coverage: 'whole' | 'extract';
  readonly whole: readonly string[];
  readonly asOf: string | null;
}

/** What evidence shows of a trace: interface.md, section 4, without what the manifest says already. */
export interface BundledTrace {
  readonly of: { readonly kind: string; readonly id: string };
  readonly sources: readonly object[];
  readonly uses: readonly object[];
  readonly reversed: readonly object[];
  readonly events: readonly string[];
}

export interface EvidenceVerifier {
  readonly verifyArchive: (archive: Uint8Array, trust?: VerifierTrust) => Promise<EvidenceVerdict>;
  readonly verifyFiles: (files: ReadonlyMap<string, Uint8Array>, trust?: VerifierTrust) => Promise<EvidenceVerdict>;
  readonly readBundle: (files: ReadonlyMap<string, Uint8Array>) => ReadBundle;
  /** The bundle of somebody who has just made the files and knows the events: without proofs and without doubts. */
  readonly ownBundle: (
    files: ReadonlyMap<string, Uint8Array>,
    events: readonly { readonly leaf: number; readonly event: object }[],
  ) => ReadBundle;
  /** The trace that a bundle of these events must hold; see verifier/trace.js. */
  readonly traceOf: (question: TraceQuestion, events: readonly object[]) => BundledTrace;
  readonly renderReport: (bundle: ReadBundle) => string;
  readonly manifestOf: (
    bundle: ReadBundle,
    files?: ReadonlyMap<string, Uint8Array>,
    hash?: (bytes: Uint8Array) => string,
  ) => string;
  readonly pageAround: (script: string) => string;
  readonly verdictText: (verdict: EvidenceVerdict) => string;
}

/** The ledger's table of words as one more part. */
const eventWordsPart = (): string => {
  const rows = Object.entries(EVENT_WORDS).map(([type, { zh, en }]) => `  ${type}: ${JSON.stringify([zh, en])},\n`);
  return `\n/** What each type of event is called. */\nconst EVENT_WORDS = {\n${rows.join('')}};\n`;
};

/** By what the projections in force are recognised, as one more part. */
const ownFilesPart = (): string => {
  const rows = ['prelude', ...PROJECTION_NAMES].map((name) => {
    const hash = createHash('sha256').update(readFileSync(join(projectionsFolder(), `${name}.js`)));
    return `  'projections/${name}.js': '${hash.digest('hex')}',\n`;
  });
  return `\n/** SHA-256 of the projections in force. */\nconst OWN_FILES = {\n${rows.join('')}};\n`;
};

/** The verifier as the one file that it is in a bundle. */
export const verifierScript = (folder = join(PACKAGE_ROOT, 'verifier')): string => {
  const parts = PARTS.map((part) => readFileSync(join(folder, `${part}.js`), 'utf8').replace(/^'use strict';\n/, ''));
  return `'use strict';\n\n${HEAD}(() => {\n${eventWordsPart()}${ownFilesPart()}${parts.join('')}})();\n`;
};

/** Runs that file and hands out what is in it. */
export const loadVerifier = (script: string): EvidenceVerifier => {
  const module: { exports: unknown } = { exports: {} };
  const run = compileFunction(script, ['module', 'require'], { filename: 'verify.cjs' }) as (
    module: { exports: unknown },
    require: NodeJS.Require,
  ) => void;
  run(module, require);
  return module.exports as EvidenceVerifier;
};
