import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const BIN = join(ROOT, 'bin', 'yichi.js');

/** Every scenario that is in the repository, where a person finds them. */
const SCENARIOS = ['test/scenarios', 'data/demonstration'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${folder}/${name}`),
);

it('the repository has scenarios', () => expect(SCENARIOS.length).toBeGreaterThanOrEqual(5));

it.each(SCENARIOS)('%s is passed by whoever plays it from the command line', (scenario) => {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-scenario-cli-'));
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'scenario', 'run', join(ROOT, scenario)], {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, YICHI_DATA: join(directory, 'data') },
    });
    expect({ status, end: stdout.trimEnd().split('\n').at(-1), defect: /Error:/.test(stderr) }).toEqual({
      status: 0,
      end: '结果：通过',
      defect: false,
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
