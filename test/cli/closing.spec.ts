import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BIN = join(__dirname, '..', '..', 'bin', 'yichi.js');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-cli-closing-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const yichi = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, YICHI_DATA: join(directory, 'data') },
  });
  return { status, stdout, stderr };
};

const json = (text: string): object => JSON.parse(text) as object;

it('closes, reopens by two persons, closes again, and lists what happened', () => {
  const divisions = join(directory, '区划.csv');
  writeFileSync(divisions, '区划编码,名称\n630222,民和县\n');
  expect(yichi('import', divisions).status).toBe(0);

  const closed = yichi('close', '630222', '2024-03', '--on', '2024-04-01', '--json');
  expect(closed).toMatchObject({ status: 0, stderr: '' });
  expect(json(closed.stdout)).toMatchObject({
    close: {
      period: '2024-03',
      closingNo: 'YJ-630222-2024-03',
      position: '2',
      checkpoint: { size: 2 },
      notSealed: null,
    },
  });

  const refused = yichi('close', '630222', '2024', '--on', '2024-12-31');
  expect(refused).toMatchObject({ status: 4, stdout: '' });
  expect(refused.stderr).toContain('MONTHS_OPEN');
  expect(yichi('close', '630222', '2024-13').status).toBe(2);
  expect(yichi('close', '630222', '2024-04', '--on', '2024-04-29').status).toBe(4);

  const reopen = (...more: string[]) => yichi('reopen', '630222', '2024-03', '--approval', '反1号', ...more);
  expect(reopen().status).toBe(2);
  expect(reopen('--approve', '--as', '李四')).toMatchObject({ status: 4 });
  expect(reopen('--reason', '漏记一笔', '--as', '张三').status).toBe(0);
  expect(reopen('--approve', '--as', '张三').stderr).toContain('SAME_PERSON');
  expect(reopen('--approve', '--as', '李四', '--lang', 'en').stdout).toContain('open again');

  const again = yichi('close', '630222', '2024-03', '--on', '2024-04-05', '--number', '月3再');
  expect(again.status).toBe(0);
  expect(again.stdout).toMatch(/2024-03 已结账（月3再，位置 5）\n检查点：5 个事件/);
  const listed = yichi('closings', '63', '--json');
  expect(json(listed.stdout)).toMatchObject({
    position: '5',
    pools: [
      {
        closedThrough: '2024-03',
        reopenedMonths: [],
        history: [{ change: 'closed' }, { change: 'reopeningRequested' }, { change: 'reopened' }, { change: 'closed' }],
      },
    ],
  });
  expect(yichi('closings').stdout).toContain('月3再');
});
