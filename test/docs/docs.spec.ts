import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { ledgerPage } from '../../src/exporting/ledger-page';

const ROOT = join(__dirname, '..', '..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

describe('what users read', () => {
  it('lists the columns as the program knows them (npm run docs)', () => {
    expect(read('docs/ledgers.md')).toBe(ledgerPage('en'));
    expect(read('docs/ledgers.zh-CN.md')).toBe(ledgerPage('zh'));
  });

  it('has no link that leads nowhere', () => {
    const pages = [
      'README.md',
      'README.zh-CN.md',
      'bench/README.md',
      ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
    ];
    for (const page of pages.filter((name) => name.endsWith('.md'))) {
      for (const [, target = ''] of read(page).matchAll(/\]\(([^)#]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        expect({ page, target, found: existsSync(join(ROOT, dirname(page), target)) }).toMatchObject({ found: true });
      }
    }
  });

  it('has a first screen of two commands that are there, and the check runs the second', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    for (const page of ['README.md', 'README.zh-CN.md']) {
      const commands = [...read(page).matchAll(/^```sh\n(.+)\n```$/gm)].map(([, command]) => command);
      expect(commands.slice(0, 2)).toEqual(['npm ci && npm start', 'npm ci && npm test']);
    }
    expect(scripts).toMatchObject({ start: expect.any(String) as string, test: expect.any(String) as string });
    expect(read('.ci/run').trimEnd().split('\n').at(-1)).toBe('npm ci && npm test');
  });

  it('README names every setting of .env.example, and in both languages', () => {
    const settings = [...read('.env.example').matchAll(/^(YICHI_\w+)=/gm)].map(([, name]) => name ?? '');
    expect(settings.length).toBeGreaterThan(3);
    for (const name of settings) {
      expect(read('README.md')).toContain(name);
      expect(read('README.zh-CN.md')).toContain(name);
    }
  });
});
