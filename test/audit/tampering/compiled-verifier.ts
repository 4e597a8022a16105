import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { transformFileSync } from '@swc/core';

const ROOT = join(__dirname, '..', '..', '..');

/** What a verifying thread loads, compiled anew, so that no old build is tested by mistake. */
const SOURCES = ['src/audit/proofs', 'src/audit/checkpoints', 'src/event-log', 'src/money', 'src/platform', 'src/pool'];

/** Compiles a verifying thread into a directory; the path of its script. */
export const compileVerifyThread = (directory: string): string => {
  for (const folder of SOURCES) {
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts') || /\.(controller|dto|handler)\.ts$/.test(entry.name))
        continue;
      const source = join(entry.parentPath, entry.name);
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
  }
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'junction');
  return join(directory, 'src/audit/checkpoints/verify-thread.js');
};
