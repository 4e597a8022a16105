import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import canonicalize from 'canonicalize';

const ROOT = join(__dirname, '..', '..');
const BIN = join(ROOT, 'bin', 'yichi.js');
const EXAMPLE = join(ROOT, 'test', 'fixtures', 'examples', '1');

/** Far more than any of these takes: what never ends is a failure and not a test that never ends. */
const LONGEST_MS = 20_000;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-cli-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs the built command line as a user would, in a directory of its own. */
const yichi = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, YICHI_DATA: join(directory, 'data') },
    maxBuffer: 64 * 1024 * 1024,
    timeout: LONGEST_MS,
  });
  return { status, stdout, stderr };
};

const json = (text: string): Record<string, never> => JSON.parse(text) as Record<string, never>;

const exampleFiles = (): string[] =>
  readdirSync(EXAMPLE)
    .filter((name) => name.endsWith('.csv'))
    .map((name) => join(EXAMPLE, name));

describe('yichi', () => {
  it('imports, answers balances and traces, as tables and as JSON', () => {
    const imported = yichi('import', '--json', ...exampleFiles());
    expect(imported).toMatchObject({ status: 0, stderr: '' });
    expect(json(imported.stdout)).toMatchObject({
      import: { dryRun: false, stored: 263, unchanged: 0, refused: 0, position: '230' },
    });

    const again = yichi('import', ...exampleFiles());
    expect(again.status).toBe(0);
    expect(again.stdout).toContain('没有新内容');

    const balances = yichi('balances', '--by', 'county', '--as-of', '2024-06-30', '--json');
    expect(json(balances.stdout)).toMatchObject({ by: 'county', asOf: '2024-06-30', position: '230', unit: '元' });
    const table = yichi('balances', '--by', 'county', '--unit', '万元');
    expect(table.stdout).toContain('邹城市');
    expect(table.stdout).toContain('单位：万元');
    expect(yichi('balances', '--by', 'county', '--lang', 'en').stdout).toContain('Appropriated');

    const trace = json(yichi('trace', '支126', '--json').stdout) as unknown as {
      of: object;
      sources: { amount: string }[];
      uses: { amount: string }[];
    };
    const sum = (parts: { amount: string }[]): number =>
      parts.reduce((total, { amount }) => total + Math.round(Number(amount) * 100), 0);
    expect(trace.of).toEqual({ kind: 'payment', id: '支126' });
    expect(sum(trace.sources)).toBe(18_584_755);
    expect(sum(trace.uses)).toBe(18_584_755);
    expect(yichi('trace', '支126', '--mermaid').stdout).toMatch(/^flowchart LR/);
  });

  it('exports canonical lines that add up to the balances it answers', () => {
    yichi('import', ...exampleFiles());
    const lines = yichi('export').stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(230);
    const available = new Map<string, number>();
    lines.forEach((line, index) => {
      const event = JSON.parse(line) as {
        position: string;
        data: { movements?: { from: string; to: string; amount: string }[] };
      };
      expect(canonicalize(event)).toBe(line);
      expect(event.position).toBe(String(index + 1));
      for (const { from, to, amount } of event.data.movements ?? []) {
        for (const [account, sign] of [
          [from, -1],
          [to, 1],
        ] as const) {
          const pool = /^pool:(\d+):\d+:available$/.exec(account)?.[1];
          if (pool === undefined) continue;
          available.set(pool, (available.get(pool) ?? 0) + sign * Math.round(Number(amount) * 100));
        }
      }
    });
    const { rows } = json(yichi('balances', '--by', 'division', '--json').stdout) as unknown as {
      rows: { key: string; measures: { available: string } }[];
    };
    for (const { key, measures } of rows) {
      expect(Math.round(Number(measures.available) * 100)).toBe(available.get(key) ?? 0);
    }
    const leaves = yichi('export', '--leaves').stdout.trimEnd().split('\n');
    expect(leaves[0]).toBe((lines[0] ?? '').replace('"position":"1",', ''));
  });

  it('refuses an import whole, marks a copy, and ends with 3', () => {
    const bad = join(directory, '指标.csv');
    writeFileSync(
      bad,
      '指标文号,下达日期,区划,年度,渠道编码,用途编码,金额,单位\n文1,2024-01-10,630222,2024,C1,ROAD,-5,元\n文2,2024-01-10,630222,2024,C1,ROAD,5,元\n',
    );
    const refused = yichi('import', bad, '--json');
    expect(refused.status).toBe(3);
    const { error } = json(refused.stdout) as unknown as {
      error: { code: string; rows: { row: number; column: string; value: string; remedy: string }[] };
    };
    expect(error.code).toBe('IMPORT_REFUSED');
    expect(error.rows[0]).toMatchObject({ row: 2, column: '金额', value: '-5', sheet: '指标' });
    expect(error.rows[1]).toMatchObject({ row: 3 });
    expect(existsSync(join(directory, '指标.错误.xlsx'))).toBe(true);
    const people = yichi('import', bad);
    expect(people.stderr).toContain('金额');
    expect(people.stdout).toBe('');
    expect(json(yichi('balances', '--by', 'county', '--json').stdout)).toMatchObject({ rows: [], position: '0' });
  });

  it('the template, as it is written, says where its examples are and can be filled in and imported', () => {
    expect(yichi('template', '-o', '台账.xlsx')).toMatchObject({ status: 0 });
    const empty = yichi('import', '台账.xlsx', '--json');
    expect(json(empty.stdout)).toMatchObject({ import: { stored: 0 } });
    expect(yichi('import', '台账.xlsx').stdout).toContain('没有可入账的行（模板的示例行不算）');
  });

  it.each([
    [['balances', '--by', 'planet'], 2, 'UNKNOWN_DIMENSION'],
    [['balances'], 2, 'USAGE'],
    [['balances', '--by', 'county', '--as-of', '2024-02-30'], 2, undefined],
    [['balances', '--by', 'county', '--at', '7'], 3, 'POSITION_NOT_REACHED'],
    [['nonsense'], 2, 'USAGE'],
    [['trace', '没有'], 3, 'TRACE_NOT_FOUND'],
    [['balances', '--by', 'county', '--lang', 'fr'], 2, 'SETTING_INVALID'],
    [['import', '没有.xlsx'], 3, 'IMPORT_REFUSED'],
    [['template', '-o', '台账.csv'], 2, 'TEMPLATE_NOT_XLSX'],
  ] as const)('%j ends with %i', (args, status, code) => {
    const result = yichi(...args, '--json');
    expect(result.status).toBe(status);
    const { error } = json(result.stdout) as unknown as { error: { code: string; message: string; remedy: string } };
    if (code !== undefined) expect(error.code).toBe(code);
    expect(error.message.length).toBeGreaterThan(3);
    expect(error.remedy.length).toBeGreaterThan(3);
  });

  it.each([
    [['balnces'], '没有命令 balnces；是不是 balances？', "Unknown command 'balnces' (Did you mean balances?)"],
    [['balances'], '缺少必需的选项 --by <dimension>。', "Required option '--by <dimension>' not specified."],
    [['balances', '--by', 'county', '--unit', '角'], '“角”无效，只能是 元|万元|亿元。', "argument '角' is invalid."],
    [['balances', '--by', 'county', '--at'], '选项 --at <position> 后面缺少值。', 'argument missing.'],
    [['balances', '--buy', 'x', '--by', 'county'], '没有选项 --buy；是不是 --by？', "Unknown option '--buy'"],
    [['trace'], '缺少参数 id。', "Missing required argument 'id'."],
    [['trace', 'a', 'b'], '命令 trace 的参数过多。', "Too many arguments for 'trace'."],
  ] as const)('says what is wrong with %j in the language asked for', (args, zh, en) => {
    const chinese = yichi(...args).stderr;
    expect(chinese).toContain(zh);
    expect(chinese).not.toMatch(/error|option|argument '|command/);
    const [command, ...rest] = args;
    expect(yichi(command, '--lang', 'en', ...rest).stderr).toContain(en);
  });

  it('says in the language asked for what an option left out means, and nothing where it means nothing', () => {
    expect(yichi('balances', '--help').stdout).toMatch(/用法： yichi balances \[选项\][\s\S]*（默认 元）/);
    expect(yichi('balances', '--help', '--lang', 'en').stdout).toMatch(
      /Usage: yichi balances \[options\][\s\S]*\(default 元\)/,
    );
    for (const language of ['zh', 'en']) {
      expect(yichi('verify', '--help', '--lang', language).stdout).not.toMatch(/default: |\[\]|""/);
    }
  });

  it('says of an empty ledger that it is one, and where, beside the answer', () => {
    const { status, stdout, stderr } = yichi('balances', '--by', 'county', '--data', '打错了', '--json');
    expect({ status, rows: json(stdout)['rows'] }).toEqual({ status: 0, rows: [] });
    expect(stderr).toContain(`账本为空（数据目录 ${join(directory, '打错了')}）`);
    expect(yichi('balances', '--by', 'county', '--data', '打错了', '--lang', 'en').stderr).toContain(
      'The ledger is empty',
    );
  });

  it('writes no copy of a file that cannot be read', () => {
    writeFileSync(join(directory, '坏.xlsx'), 'PK');
    expect(yichi('import', '坏.xlsx').status).toBe(3);
    expect(readdirSync(directory).filter((name) => name.includes('错误'))).toEqual([]);
  });

  it('takes a division with the zeros that offices write, wherever one is asked for', () => {
    yichi('import', ...exampleFiles());
    const under = (code: string) => yichi('balances', '--by', 'county', '--under', code, '--json').stdout;
    expect(under('370000')).toBe(under('37'));
    expect(under('370883000000')).toBe(under('370883'));
    expect(json(under('370000'))).toMatchObject({ by: 'county' });
    expect(yichi('history', '370000', '--json').stdout).toBe(yichi('history', '37', '--json').stdout);
    const paid = (key: string) =>
      yichi('provenance', '--by', 'county', '--key', key, '--measure', 'paid', '--json').stdout;
    expect(json(paid('370883000'))).toEqual(json(paid('370883')));
  });

  it('names divisions, places, projects and departments in the tree of a trace, and the moment it was read at', () => {
    yichi('import', ...exampleFiles());
    yichi('bookmark', 'set', '年终', '--as-of', '2024-12-31');
    const names = (
      json(yichi('balances', '--by', 'county', '--json').stdout) as unknown as {
        rows: { key: string; name: string }[];
      }
    ).rows;
    const tree = yichi('trace', '支126', '--at', '年终').stdout;
    expect(names.some(({ key, name }) => tree.includes(`─ ${key} ${name}  `))).toBe(true);
    expect(tree).toMatch(/─ P\S+ \S+ @ \d{6,12} \S+  /);
    expect(tree).toContain('书签“年终” 截至 2024-12-31（位置 ');
    expect(yichi('balances', '--by', 'county', '--at', '年终').stdout).toContain(
      '按县  书签“年终” 截至 2024-12-31  位置 ',
    );
    expect(yichi('trace', '支126', '--mermaid').stdout).toMatch(/U0\["\d{6} [^<"]+<br\/>/);
  });

  it('ends with 6 when the log cannot be opened', () => {
    writeFileSync(join(directory, 'data'), 'not a directory');
    const { status, stderr } = yichi('balances', '--by', 'county');
    expect({ status, stderr }).toEqual({
      status: 6,
      stderr: `错误 DIRECTORY_NOT_MADE：无法建立目录“${join(directory, 'data')}”：“${join(directory, 'data')}”是文件，不是目录。\n办法：核对路径；或改用可以写入的目录，数据目录由 --data 或 YICHI_DATA 指定。\n`,
    });
  });

  it.each([
    ['balances', '--by', 'county', '--data', '/proc/yichi/data'],
    ['token', '--actor', '张三', '--data', '/proc/yichi/data'],
    ['witness', '--key', '--dir', '/proc/yichi/data'],
    ['evidence', 'verifier', '-o', '/proc/yichi/data'],
  ])('ends with 6 and says why where no directory can be made: %s', (...args) => {
    const { status, stdout } = yichi(...args, '--json');
    expect(status).toBe(6);
    const { error } = json(stdout) as unknown as { error: object };
    expect(error).toMatchObject({
      code: 'DIRECTORY_NOT_MADE',
      parameters: { directory: '/proc/yichi/data', at: '/proc/yichi', cause: 'ENOENT' },
    });
    expect(yichi(...args).stderr).toContain('错误 DIRECTORY_NOT_MADE：无法建立目录“/proc/yichi/data”');
  });

  it('every command has help with an example, in both languages', () => {
    for (const command of [
      'import',
      'template',
      'balances',
      'trace',
      'export',
      'rebuild',
      'doctor',
      'serve',
      'token',
    ]) {
      const help = yichi(command, '--help');
      expect(help.status).toBe(0);
      expect(help.stdout).toContain('例：');
      expect(help.stdout).toContain(`yichi ${command}`);
      expect(yichi(command, '--help', '--lang', 'en').stdout).toContain('Example:');
    }
    expect(yichi('--version').stdout.trim()).toBe(
      (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version,
    );
  });

  it('ends quietly when its reader has had enough', () => {
    yichi('import', ...exampleFiles());
    const { stdout, stderr } = spawnSync('sh', ['-c', `"$0" "$1" export | head -n 1`, process.execPath, BIN], {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, YICHI_DATA: join(directory, 'data') },
    });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toBe('');
  });

  // Where every write is answered as by a full disk.
  (existsSync('/dev/full') ? it : it.skip)('ends with 6 and says why when its output cannot be written', () => {
    const intoFull = (...args: string[]) =>
      spawnSync('sh', ['-c', '"$0" "$@" > /dev/full', process.execPath, BIN, ...args], {
        cwd: directory,
        encoding: 'utf8',
        env: { ...process.env, YICHI_DATA: join(directory, 'data') },
      });
    const { status, stderr } = intoFull('template', '--help');
    expect({ status, stderr }).toEqual({
      status: 6,
      stderr:
        '错误 OUTPUT_NOT_WRITTEN：输出没有写完：磁盘已满。\n办法：已写出的部分不完整，请删去；腾出空间或换一个位置后重新运行。账目不受影响。\n',
    });
    expect(intoFull('--lang', 'en', 'token', '--actor', '张三').stderr).toContain('Error OUTPUT_NOT_WRITTEN: ');
  });

  it('rebuild and doctor say that all is well', () => {
    yichi('import', ...exampleFiles());
    expect(json(yichi('rebuild', '--json').stdout)).toEqual({ rebuild: { position: '230' } });
    expect(json(yichi('doctor', '--json').stdout)).toMatchObject({ doctor: { ok: true } });
  });

  it('records a scenario at a given instant, so that its tree root is the same everywhere, but only on an empty ledger', () => {
    const scenario = join(ROOT, 'test', 'scenarios', 'c-inner-mongolia.yaml');
    const recorded = (data: string): string => {
      const run = yichi('scenario', 'run', scenario, '--recorded-at', '2026-01-05T01:00:00Z', '--data', data);
      expect(run.status).toBe(0);
      // The first line is the log's own name.
      return yichi('checkpoint', '--now', '--data', data).stdout.split('\n').slice(1, 3).join(' ');
    };
    const root = recorded('one');
    expect(root).toMatch(/^\d+ [A-Za-z0-9+/]{43}=$/);
    expect(recorded('two')).toBe(root);

    const again = yichi(
      'scenario',
      'run',
      scenario,
      '--recorded-at',
      '2026-01-05T01:00:00Z',
      '--data',
      'one',
      '--json',
    );
    expect(again.status).toBe(3);
    expect(json(again.stdout)).toMatchObject({ error: { code: 'LEDGER_NOT_EMPTY' } });
    expect(yichi('scenario', 'run', scenario, '--recorded-at', '2026-01-05').status).toBe(2);
  });
});
