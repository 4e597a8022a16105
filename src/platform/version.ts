import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder with package.json, both from the sources and from the build. */
const packageRoot = (): string => {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    try {
      readFileSync(join(folder, 'package.json'));
      return folder;
    } catch (error) {
      if (dirname(folder) === folder) throw error;
    }
  }
};

export const PACKAGE_ROOT = packageRoot();

export const { version } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
};
