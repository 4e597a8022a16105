import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { transformFileSync } from '@swc/core';

const ROOT = join(__dirname, '..', '..');

/** What belongs to the HTTP interface has decorators and loads a framework; no thread or child process needs it. */
const OF_HTTP = /\.(controller|dto|handler)\.ts$/;

const filesOf = (path: string): readonly string[] => {
  if (path.endsWith('.ts')) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !OF_HTTP.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
};

/**
 * Compiles folders and files, named from the project's root, for a plain Node, so that no old build is tested by
 * mistake. They are given as whole folders, because a file of a folder may begin to import another one of it.
 * @returns the path of a compiled script, from the path of its source
 */
export const compileSources = (directory: string, sources: readonly string[]): ((source: string) => string) => {
  const compiled = (source: string): string => join(directory, source.replace(/\.ts$/, '.js'));
  for (const file of sources.flatMap((source) => filesOf(join(ROOT, source)))) {
    const target = compiled(relative(ROOT, file));
    mkdirSync(dirname(target), { recursive: true });
    const { code } = transformFileSync(file, {
      swcrc: false,
      configFile: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    writeFileSync(target, code);
  }
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'junction');
  return compiled;
};
