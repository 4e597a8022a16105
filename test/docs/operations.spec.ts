import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

const PAGES = { en: read('docs', 'operations.md'), zh: read('docs', 'operations.zh-CN.md') };

/** Command lines without their remarks, and words for the reader to fill in. */
const commandsOf = (page: string): readonly string[] =>
  [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) =>
        line
          .replace(/\s+#.*$/, '')
          .replace(/<[^>]*>/g, '<…>')
          .trim(),
      )
      .filter((line) => line !== ''),
  );

it('says the same in both languages', () => {
  expect(commandsOf(PAGES.zh)).toEqual(commandsOf(PAGES.en));
  const shape = (page: string): readonly number[] =>
    [/^## /gm, /^### /gm, /^\|/gm, /^- /gm].map((mark) => [...page.matchAll(mark)].length);
  expect(shape(PAGES.zh)).toEqual(shape(PAGES.en));
  const codes = (page: string): readonly string[] => [...new Set(page.match(/\b[A-Z]{3,}(?:_[A-Z]+)+\b/g))].sort();
  expect(codes(PAGES.zh)).toEqual(codes(PAGES.en));
});

describe.each(Object.entries(PAGES))('operations (%s)', (_language, page) => {
  it('names commands, settings, metrics, codes and files that there are', () => {
    const commands = readdirSync(join(ROOT, 'src', 'cli', 'commands')).map((name) => name.replace('.ts', ''));
    for (const [, command = ''] of page.matchAll(/\byichi ([a-z]+)\b/g)) expect(commands).toContain(command);

    const settings = `${read('.env.example')}${read('docker-compose.yml')}`;
    for (const [setting] of page.matchAll(/\bYICHI_[A-Z_]+\b/g)) expect(settings).toContain(setting);

    const metrics = read('src', 'platform', 'metrics.ts');
    for (const [metric] of page.matchAll(/\byichi_[a-z_]+\b/g)) expect(metrics).toContain(metric);

    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && /failure|finding|health|verify-log|server-(?:address|cause)/.test(entry.name),
      )
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
      .join('\n');
    for (const [, code = ''] of page.matchAll(/`([A-Z]{3,}(?:_[A-Z]+)+)`/g)) {
      if (!code.startsWith('YICHI_')) expect(sources).toContain(code);
    }
    const reasons = [...read('src', 'platform', 'health.ts').matchAll(/code: '([A-Z_]+)'/g)].map(([, code]) => code);
    expect(reasons.length).toBeGreaterThan(3);
    for (const reason of reasons) expect(page).toContain(`\`${reason}\``);
    for (const [file] of page.matchAll(/\bdocker\/[a-z-]+\.(?:sh|js)\b|\bdata\/demonstration\/[\w-]+\.yaml/g)) {
      expect(existsSync(join(ROOT, file))).toBe(true);
    }
  });
});
