import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const EXAMPLE = join(ROOT, 'test', 'fixtures', 'examples', '1');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-copy-'));
  const files = readdirSync(EXAMPLE)
    .filter((name) => name.endsWith('.csv'))
    .map((name) => join(EXAMPLE, name));
  expect(yichi('import', ...files).status).toBe(0);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const yichi = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'bin', 'yichi.js'), ...args], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, YICHI_DATA: join(directory, 'data') },
  });

const FROM = ['--from', 'sqlite:data/log.sqlite'];

it('copies, goes on where it was, and tells one JSON document', () => {
  const part = yichi('log', 'copy', ...FROM, '--to', 'sqlite:copy/log.sqlite', '--at', '100', '--json');
  expect(JSON.parse(part.stdout)).toMatchObject({ copy: { events: 100, copied: 100, sourcePosition: '100' } });
  const rest = yichi('log', 'copy', ...FROM, '--to', 'sqlite:copy/log.sqlite', '--json');
  expect(rest).toMatchObject({ status: 0, stderr: '' });
  const { copy } = JSON.parse(rest.stdout) as { copy: { root: string } };
  expect(copy).toMatchObject({ events: 230, copied: 130, sourcePosition: '230', targetPosition: '230' });
  const verified = yichi('verify', '--data', join(directory, 'copy'), '--json');
  expect(JSON.parse(verified.stdout)).toMatchObject({ verify: { ok: true, root: copy.root } });
  expect(yichi('log', 'copy', ...FROM, '--to', 'sqlite:copy/log.sqlite').stdout).toContain('已复制 0 个事件');
});

it('copies up to a bookmark', () => {
  expect(yichi('bookmark', 'set', '年中', '--at', '50').status).toBe(0);
  const report = yichi('log', 'copy', ...FROM, '--to', 'sqlite:marked/log.sqlite', '--at', '年中', '--json');
  expect(JSON.parse(report.stdout)).toMatchObject({ copy: { events: 50, sourcePosition: '50' } });
});

it.each([
  [['--from', 'sqlite:none.sqlite', '--to', 'sqlite:x.sqlite'], 3, 'LOG_COPY_SOURCE_MISSING'],
  [[...FROM, '--to', 'sqlite:./data/log.sqlite'], 2, 'LOG_COPY_SAME_LOG'],
  [[...FROM, '--to', 'mysql://x'], 2, 'SETTING_INVALID'],
  [[...FROM, '--to', 'esdb://user:secret@host:port'], 2, 'SETTING_INVALID'],
  [['--from', 'esdb://user:secret@host', '--to', 'esdb://user:secret@host'], 2, 'LOG_COPY_SAME_LOG'],
  [[...FROM, '--to', 'sqlite:y.sqlite', '--at', '9999'], 3, 'POSITION_NOT_REACHED'],
])('refuses %j', (args, status, code) => {
  const refused = yichi('log', 'copy', ...args, '--json');
  expect(refused.status).toBe(status);
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code } });
  expect(refused.stdout + refused.stderr).not.toContain('secret');
  expect(existsSync(join(directory, 'none.sqlite'))).toBe(false);
});
