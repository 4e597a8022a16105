import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Command } from 'commander';
import stringWidth from 'string-width';

import { wrapText } from '../../src/cli/help-width';
import { commandLineIn } from '../../src/cli/program';
import { runCliHere } from '../support/run-cli-here';

const TERMINAL = 80;

const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];

describe('help', () => {
  it.each(['zh', 'en'] as const)('in %s fits a terminal, its descriptions one below the other', (language) => {
    for (const command of all(commandLineIn(language).program)) {
      const help = command.helpInformation();
      const columns = new Set<number>();
      for (const line of help.split('\n')) {
        const [, term] = /^( {2}\S.*? {2,})\S/.exec(line) ?? [];
        if (term !== undefined) columns.add(stringWidth(term));
        // Names of values are one word, however long, and what is to be typed is never broken.
        if (!/[|:]\S{40}/.test(line)) expect(stringWidth(line)).toBeLessThanOrEqual(TERMINAL);
      }
      // Arguments, options and commands of one help stand in one column.
      expect([command.name(), columns.size <= 1]).toEqual([command.name(), true]);
    }
  });

  it('breaks Chinese between characters and keeps the marks where they belong', () => {
    expect(wrapText('核验事件、哈希树（检查点），通过为 0。', 8)).toBe(
      '核验事\n件、哈希\n树（检查\n点），通\n过为 0。',
    );
    expect(wrapText('one two', 4)).toBe('one\ntwo');
    expect(wrapText('第一行\n  二', 80)).toBe('第一行\n  二');
  });
});

describe('options that every command has', () => {
  const place = mkdtempSync(join(tmpdir(), 'yichi-options-'));
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  it.each([
    [['--lang', 'en', '--json', '--data', place, 'bookmark', 'list']],
    [['bookmark', '--lang', 'en', '--json', '--data', place, 'list']],
    [['bookmark', 'list', '--lang', 'en', '--json', '--data', place]],
    [['--lang=zh', '--data', 'elsewhere', 'bookmark', '--json', 'list', `--data=${place}`, '--lang', 'en']],
  ])('may stand before a command, within it or behind it, and the last counts: %j', async (args) => {
    const { status, stdout } = await runCliHere(...args);
    expect({ status, answer: JSON.parse(stdout) as unknown }).toEqual({ status: 0, answer: { bookmarks: [] } });
    expect(existsSync(join(place, 'log.sqlite'))).toBe(true);
    expect(existsSync('elsewhere')).toBe(false);
  });

  it('decide how help, versions and failures speak wherever they stand', async () => {
    const { status, stdout } = await runCliHere('--lang', 'en', 'balances', '--help');
    expect({ status, stdout: stdout.split('\n')[0] }).toEqual({
      status: 0,
      stdout: 'Usage: yichi balances [options]',
    });
    expect((await runCliHere('--lang', 'en', '--version')).status).toBe(0);
    expect((await runCliHere('--lang', 'en')).stdout).toContain('Usage: yichi [options] [command]');
    const nothing = await runCliHere('--json');
    expect(nothing.status).toBe(2);
    expect(JSON.parse(nothing.stdout)).toMatchObject({ error: { code: 'USAGE', message: '缺少命令。' } });
    expect((await runCliHere('--lang', 'fr', 'balances', '--by', 'county', '--json')).status).toBe(2);
  });

  it('end where two hyphens say so: what follows is no option, whatever it begins with', async () => {
    const { status, stdout } = await runCliHere('--json', '--data', place, 'trace', '--', '-甲1');
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'TRACE_NOT_FOUND' } });
  });
});

describe('a group without one of its commands', () => {
  it.each([
    [['bookmark'], 'bookmark 后面缺少命令：set、list、show。'],
    [['bookmark', '--lang', 'zh'], 'bookmark 后面缺少命令：set、list、show。'],
    [['log', '--data', 'x'], 'log 后面缺少命令：copy。'],
    [['--data', 'x', '--lang', 'zh', 'log'], 'log 后面缺少命令：copy。'],
    [['help', 'nonsense'], '没有命令 nonsense。'],
    [['snapshot', 'nonsense'], '没有命令 nonsense。'],
    [['snapshot', 'list', '--nonsense'], '没有选项 --nonsense。'],
  ])('is told which there are: %j', async (args, message) => {
    const { status, stdout } = await runCliHere(...args, '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'USAGE', message } });
  });
});
