import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { unzipSync } from 'fflate';

import { zipFiles } from '../../../src/audit/evidence/zip-files';
import { runCli } from '../../../src/cli/program';
import { withTemporaryLedger } from '../../support/temporary-ledger';
import { payForTheRoad, playTheRoad, setBookmark } from './sample-ledger';

const BIN = join(__dirname, '..', '..', '..', 'bin', 'yichi.js');

/** Far more than any of these takes, so that what never ends is a failure. */
const LONGEST_MS = 60_000;

/** A process as another user starts it, elsewhere and in another language. */
const run = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', YICHI_DATA: cwd, ...env },
    timeout: LONGEST_MS,
  });
  return { status, stdout, stderr };
};

describe('yichi evidence', () => {
  it('exports the same bytes in another process, time zone and language, and after more was recorded', () =>
    withTemporaryLedger(async (ledger, directory) => {
      await playTheRoad(ledger);
      await setBookmark(ledger, '年中');
      const evidence = (name: string, env: Readonly<Record<string, string>>): Buffer => {
        const args = [BIN, 'evidence', 'export', '--scope', 'project:ROAD-1', '--at', '年中', '--whole', '-o', name];
        expect(run(args, directory, env)).toMatchObject({ status: 0 });
        return readFileSync(join(directory, name));
      };
      const first = evidence('a.zip', { TZ: 'Asia/Shanghai', LANG: 'zh_CN.UTF-8' });
      await payForTheRoad(ledger, '支3', '2024-06-01', '1.00');
      await ledger.checkpoints.make();
      const second = evidence('b.zip', { TZ: 'America/St_Johns', LANG: 'tr_TR.UTF-8', YICHI_LANG: 'en' });
      expect(second.equals(first)).toBe(true);

      const again = run([BIN, 'evidence', 'export', '--scope', 'ROAD-1', '-o', 'a.zip'], directory);
      expect(again.status).toBe(3);
      expect(again.stderr).toContain('FILE_EXISTS');
      expect(run([BIN, 'evidence', 'export', '--scope', 'a:b:c', '-o', 'c.zip'], directory).status).toBe(2);
    }));

  it('shows how far the export is, to people and not to programs', () =>
    withTemporaryLedger(async (ledger, directory) => {
      await playTheRoad(ledger);
      const exported = async (name: string, ...more: string[]): Promise<string> => {
        let told = '';
        let now = Date.now();
        const written = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
        const said = jest.spyOn(process.stderr, 'write').mockImplementation((text) => (told += String(text)) !== '');
        // Between any two looks at this clock a long time has passed.
        const clock = jest.spyOn(Date, 'now').mockImplementation(() => (now += 5000));
        const args = ['evidence', 'export', '--scope', 'ROAD-1', '--data', directory, '-o', join(directory, name)];
        const status = await runCli([...args, ...more]);
        for (const mocked of [written, said, clock]) mocked.mockRestore();
        expect(status).toBe(0);
        return told;
      };
      expect(await exported('a.zip')).toMatch(/读取事件 \d+\n[\s\S]*生成证据包 1\/6\n[\s\S]*生成证据包 6\/6\n$/);
      expect(await exported('b.zip', '--json')).toBe('');
    }));

  it('verifies with the installed program and with the one that lies in the bundle, alone and elsewhere', () =>
    withTemporaryLedger(async (ledger, directory) => {
      await playTheRoad(ledger);
      const file = join(directory, 'evidence.zip');
      expect(
        run([BIN, 'evidence', 'export', '--scope', 'project:ROAD-1', '-o', file, '--json'], directory).stdout,
      ).toMatch(/^\{"evidence":\{"file".*"coverage":"extract"/);
      const key = await ledger.checkpoints.verifierKey();
      const installed = run([BIN, 'evidence', 'verify', file, '--key', key, '--json'], directory);
      expect(installed.status).toBe(0);
      expect(JSON.parse(installed.stdout)).toMatchObject({
        evidence: { ok: true, keySource: 'given', scope: { kind: 'project', id: 'ROAD-1' }, findings: [] },
      });

      const elsewhere = join(directory, 'elsewhere');
      const files = unzipSync(readFileSync(file));
      for (const [name, bytes] of Object.entries(files)) {
        mkdirSync(dirname(join(elsewhere, name)), { recursive: true });
        writeFileSync(join(elsewhere, name), bytes);
      }
      expect(run(['verify.cjs', '.', '--key', key], elsewhere)).toMatchObject({ status: 0, stderr: '' });
      expect(run(['verify.cjs', file, '--key', key], elsewhere).stdout).toContain('通过 VERIFIED');

      const forged = Buffer.from(readFileSync(join(elsewhere, 'events.jsonl')))
        .toString('utf8')
        .replace('120.00', '120.01');
      writeFileSync(join(elsewhere, 'events.jsonl'), forged);
      const found = run(['verify.cjs', '.', '--key', key, '--json'], elsewhere);
      expect(found.status).toBe(5);
      expect(found.stdout).toContain('INCLUSION_NOT_PROVEN');
      expect(run(['verify.cjs'], elsewhere)).toMatchObject({ status: 2, stdout: '' });

      const written = run([BIN, 'evidence', 'verifier', '-o', 'given', '--json'], directory);
      expect(written.status).toBe(0);
      expect(readFileSync(join(directory, 'given', 'verify.cjs'))).toEqual(Buffer.from(files['verify.cjs'] ?? []));
      expect(readFileSync(join(directory, 'given', 'verify.html'))).toEqual(Buffer.from(files['verify.html'] ?? []));
      expect(run([BIN, 'evidence', 'verify', join(elsewhere, 'nothing.zip')], directory).status).toBe(3);
    }));

  it('runs nothing of what lies in a bundle, and ends in time with 5 and no trace of a stack', () =>
    withTemporaryLedger(async (ledger, directory) => {
      await playTheRoad(ledger);
      const file = join(directory, 'evidence.zip');
      expect(run([BIN, 'evidence', 'export', '--scope', 'project:ROAD-1', '-o', file], directory).status).toBe(0);
      const original = new Map(Object.entries(unzipSync(readFileSync(file))));
      const projection = [...original.keys()].find((name) => name.startsWith('projections/')) ?? '';
      const elsewhere = join(directory, 'elsewhere');
      mkdirSync(elsewhere);
      writeFileSync(join(elsewhere, 'verify.cjs'), original.get('verify.cjs') ?? '');
      const ran = join(directory, 'ran');
      const writes = `require('node:fs').writeFileSync(${JSON.stringify(ran)}, '')`;
      const escape = `import('x').catch((e) => e.constructor.constructor('return process')().exit(0));`;
      for (const [name, text] of [
        [projection, `${escape}\n${writes}`],
        [projection, 'for (;;);'],
        [projection, `import('x');`],
        ['projections/another.js', 'for (;;);'],
        ['verify.cjs', `${writes};process.stdout.write('通过 VERIFIED');process.exit(0);`],
        ['verify.html', `<script>${escape}</script>`],
        ['balances.json', '['.repeat(200_000)],
        ['claim.json', `{"toString":${'['.repeat(200_000)}`],
      ] as const) {
        writeFileSync(file, await zipFiles(new Map(original).set(name, Buffer.from(text))));
        for (const [program, cwd] of [
          [[BIN, 'evidence', 'verify'], directory],
          [['verify.cjs'], elsewhere],
        ] as const) {
          const { status, stdout, stderr } = run([...program, file], cwd);
          expect({ name, status, stderr }).toEqual({ name, status: 5, stderr: '' });
          expect(stdout).toContain(name);
          expect(stdout).not.toMatch(/通过 VERIFIED$|\n\s+at .*:\d+:\d+/m);
        }
      }
      expect(existsSync(ran)).toBe(false);
    }));
});
