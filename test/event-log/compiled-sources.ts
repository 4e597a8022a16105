import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { transformFileSync } from '@swc/core';

const ROOT = join(__dirname, '..', '..');

/** What a child process of these tests runs, compiled anew, so that no old build is tested by mistake. */
const SOURCES = [
  'src/event-log',
  'src/platform/domain-error.ts',
  'src/platform/make-directory.ts',
  'test/event-log/purse.ts',
  'test/event-log/writer.ts',
];

const filesOf = (path: string): readonly string[] => {
  if (path.endsWith('.ts')) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
};

/** Scripts that a plain Node can run. */
export interface CompiledSources {
  /** The process that test/event-log/writer.ts describes. */
  readonly writer: string;
  /** The writer's thread of the SQLite log. */
  readonly thread: string;
}

/** Compiles the sources into a directory. */
export const compileSources = (directory: string): CompiledSources => {
  for (const source of SOURCES.flatMap((path) => filesOf(join(ROOT, path)))) {
    const target = join(directory, relative(ROOT, source).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    const { code } = transformFileSync(source, {
      swcrc: false,
      configFile: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    writeFileSync(target, code);
  }
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'junction');
  return {
    writer: join(directory, 'test/event-log/writer.js'),
    thread: join(directory, 'src/event-log/sqlite/log-writer-thread.js'),
  };
};
