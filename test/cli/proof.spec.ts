import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { verifyConsistency } from '../../src/event-log/tree/merkle-proof';
import { FileOwner, flipped } from '../audit/tampering/tampered-log';
import { naiveRoot } from '../event-log/tree/naive-tree';

const ROOT = join(__dirname, '..', '..');
const BIN = join(ROOT, 'bin', 'yichi.js');
const EXAMPLE = join(ROOT, 'test', 'fixtures', 'examples', '1');
const VERIFIER = join(ROOT, 'test', 'support', 'independent-verifier.mjs');

let directory: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-proof-'));
  const files = readdirSync(EXAMPLE)
    .filter((name) => name.endsWith('.csv'))
    .map((name) => join(EXAMPLE, name));
  expect(yichi('import', ...files).status).toBe(0);
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

const run = (args: readonly string[], environment: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: directory,
    encoding: 'utf8',
    env: {
      ...process.env,
      YICHI_DATA: join(directory, 'data'),
      YICHI_CHECKPOINT_TO: '',
      ...environment,
    },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
};

const yichi = (...args: string[]) => run([BIN, ...args]);
const written = (name: string, text: string): string => {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
};

interface Verified {
  readonly verify: {
    readonly ok: boolean;
    readonly events: number;
    readonly root: string;
    readonly checkpoints: number;
    readonly findings: readonly { readonly code: string; readonly position: string | null }[];
  };
}

describe('proof on the command line', () => {
  it('has no checkpoint until one is made, then prints it as a signed note, its key, and the same again', () => {
    const none = yichi('checkpoint', '--json');
    expect([none.status, (JSON.parse(none.stdout) as { error: { code: string } }).error.code]).toEqual([
      3,
      'CHECKPOINT_NONE',
    ]);
    const made = yichi('checkpoint', '--now');
    const { stdout: key } = yichi('checkpoint', '--key');
    const [name = ''] = key.split('+');
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout).toMatch(new RegExp(`^${name}\n230\n[A-Za-z0-9+/]{43}=\n\n— ${name} [A-Za-z0-9+/]+=*\n$`));
    expect(yichi('checkpoint').stdout).toBe(made.stdout);
    expect(JSON.parse(yichi('checkpoint', '--json').stdout)).toEqual({
      checkpoint: { origin: name, size: 230, root: made.stdout.split('\n')[2], note: made.stdout },
    });
    expect(JSON.parse(yichi('checkpoint', '--key', '--json').stdout)).toEqual({ key: key.trimEnd() });
  });

  it('gives out leaves, checkpoint and proofs that a program of somebody else’s verifies', () => {
    const key = yichi('checkpoint', '--key').stdout.trimEnd();
    const leaves = yichi('export', '--leaves').stdout;
    const checkpoint = written('out.checkpoint', yichi('checkpoint', '--now').stdout);
    const check = (...args: string[]) => run([VERIFIER, ...args, key]);
    expect(check('log', written('leaves.jsonl', leaves), checkpoint)).toMatchObject({
      status: 0,
      stdout: '230 events are those of the checkpoint\n',
    });
    expect(check('log', written('altered.jsonl', leaves.replace('2024', '2025')), checkpoint).status).toBe(1);
    expect(check('log', written('cut.jsonl', leaves.slice(0, leaves.length / 2)), checkpoint).status).toBe(1);

    const lines = leaves.trimEnd().split('\n');
    for (const index of [0, 99, 229]) {
      const leaf = lines[index] ?? '';
      const { id } = JSON.parse(leaf) as { id: string };
      const proof = written(`${index}.tlog-proof`, yichi('proof', id).stdout);
      expect(check('proof', written('leaf', `${leaf}\n`), proof)).toMatchObject({
        status: 0,
        stdout: `event ${index + 1} of 230 is in the log\n`,
      });
      expect(check('proof', written('other', `${lines[index === 0 ? 1 : 0]}\n`), proof).status).toBe(1);
    }
  });

  it('writes a proof to a new file only, and tells its parts as JSON', () => {
    const leaf = yichi('export', '--leaves').stdout.split('\n')[41] ?? '';
    const { id } = JSON.parse(leaf) as { id: string };
    expect(yichi('proof', id, '-o', 'new.tlog-proof')).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(join(directory, 'new.tlog-proof'), 'utf8')).toBe(yichi('proof', id).stdout);
    expect(yichi('proof', id, '-o', 'new.tlog-proof').status).toBe(3);
    expect(JSON.parse(yichi('proof', id.toUpperCase(), '--json').stdout)).toMatchObject({
      proof: { eventId: id, position: '42', index: 41, size: 230, leaf, proof: yichi('proof', id).stdout },
    });
    expect(yichi('proof', '00000000-0000-5000-8000-000000000000').status).toBe(3);
  });

  it('proves that the log began as an earlier one, as a program of somebody else’s verifies', () => {
    const checkpoint = yichi('checkpoint', '--now').stdout;
    const leaves = yichi('export', '--leaves').stdout.trimEnd().split('\n');
    const { stdout } = yichi('proof', '--from', '100');
    const [proof = '', note = ''] = [stdout.slice(0, stdout.indexOf('\n\n')), stdout.slice(stdout.indexOf('\n\n') + 2)];
    expect(note).toBe(checkpoint);
    const [old, ...hashes] = proof.split('\n');
    expect(old).toBe('old 100');
    const rootOf = (size: number): Buffer => naiveRoot(leaves.slice(0, size).map((leaf) => Buffer.from(leaf, 'utf8')));
    const path = hashes.map((hash) => Buffer.from(hash, 'base64'));
    expect(verifyConsistency(100, 230, path, rootOf(100), rootOf(230))).toBe(true);
    expect(verifyConsistency(99, 230, path, rootOf(99), rootOf(230))).toBe(false);

    const { proof: parts } = JSON.parse(yichi('proof', '--from', '100', '--to', '200', '--json').stdout) as {
      proof: object;
    };
    expect(parts).toMatchObject({
      from: 100,
      to: 200,
      fromRoot: rootOf(100).toString('base64'),
      toRoot: rootOf(200).toString('base64'),
      checkpoint: null,
    });
    const unkept = yichi('proof', '--from', '100', '--to', '200').stdout;
    expect(unkept.endsWith(`\n\n200\n${rootOf(200).toString('base64')}\n`)).toBe(true);
    expect(yichi('proof', '--from', '100', '-o', 'since-100.proof')).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(join(directory, 'since-100.proof'), 'utf8')).toBe(stdout);
  });

  it('says how many events there are, and not how many the checkpoint covers, to who asks for more', () => {
    const refused = yichi('proof', '--from', '99999');
    expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('日志有 230 条事件')]);
    expect(yichi('proof', '--from', '200', '--to', '100').stderr).toContain('from=200 大于 to=100');
  });

  it('prints no checkpoint that is not its own, and names the file', () => {
    const notes = join(directory, 'data', 'checkpoints');
    const { stdout: genuine } = yichi('checkpoint', '--now');
    const root = genuine.split('\n')[2] ?? '';
    const latest = join(notes, 'latest');
    writeFileSync(latest, genuine.replace(root, Buffer.alloc(32, 9).toString('base64')));
    const refused = yichi('checkpoint');
    expect([refused.status, refused.stdout]).toEqual([5, '']);
    expect(refused.stderr).toContain(latest);
    expect(yichi('verify')).toMatchObject({ status: 5, stdout: expect.stringContaining(latest) as string });
    const proof = yichi('proof', '--from', '100');
    expect([proof.status, proof.stderr]).toEqual([5, expect.stringContaining('SIGNATURE_INVALID')]);
    const mended = yichi('checkpoint', '--now');
    expect([mended.status, mended.stdout]).toEqual([0, genuine]);
    expect(yichi('verify').status).toBe(0);
  });

  it('tells without the key what is missing, and makes no other', () => {
    const key = join(directory, 'data', 'log-key.pem');
    const pem = readFileSync(key);
    rmSync(key);
    for (const args of [['verify'], ['checkpoint'], ['checkpoint', '--now'], ['checkpoint', '--key']]) {
      const refused = yichi(...args);
      expect([refused.status, refused.stdout + refused.stderr]).toEqual([5, expect.stringContaining('log-key.pem')]);
    }
    expect(existsSync(key)).toBe(false);
    writeFileSync(key, pem, { mode: 0o600 });
    expect(yichi('verify').status).toBe(0);
  });

  it('verifies, says 完整 with the counts, and in JSON', () => {
    yichi('checkpoint', '--now');
    const people = yichi('verify');
    expect(people.status).toBe(0);
    expect(people.stdout).toMatch(/^完整：事件 230 条，与 1 个检查点相符/);
    expect(people.stdout).toContain('余额表与重放一致');
    const { verify } = JSON.parse(yichi('verify', '--json').stdout) as Verified;
    expect(verify).toMatchObject({ ok: true, events: 230, checkpoints: 1, findings: [] });
    expect(verify.root).toBe(yichi('checkpoint').stdout.split('\n')[2]);
    expect(yichi('verify', '--lang', 'en').stdout).toMatch(/^Intact: 230 events/);
  });

  it('names the first place that is broken and ends with 5, with an outside checkpoint also when all was made to fit', () => {
    const outside = written('outside.checkpoint', yichi('checkpoint', '--now').stdout);
    const key = yichi('checkpoint', '--key').stdout.trimEnd();
    const file = join(directory, 'data', 'log.sqlite');
    const owner = new FileOwner(file);
    const row = owner.rows()[56];
    if (row === undefined) throw new Error('there is no such event');
    owner.overwrite(57, flipped(row.bytes, row.bytes.indexOf('"basis":"') + 10));
    owner.close();
    const broken = yichi('verify');
    expect(broken.status).toBe(5);
    expect(broken.stdout).toMatch(/^不完整：位置 57 /);
    expect((JSON.parse(yichi('verify', '--json').stdout) as Verified).verify.findings[0]?.position).toBe('57');

    const again = new FileOwner(file);
    const text = row.bytes.toString('utf8');
    again.overwrite(57, Buffer.from(text.replace(/"recordedAt":"20/, '"recordedAt":"19')));
    again.makeHashesFit();
    again.close();
    const notes = join(directory, 'data', 'checkpoints');
    rmSync(notes, { recursive: true });
    expect(yichi('verify').stdout).toContain('没有与任何检查点对照');
    const held = yichi('verify', '--json', '--checkpoint', outside, '--key', key);
    expect(held.status).toBe(5);
    expect((JSON.parse(held.stdout) as Verified).verify).toMatchObject({
      ok: false,
      checkpoints: 0,
      findings: [{ code: 'CHECKPOINT_ROOT_DIFFERS', position: '1' }],
    });

    const restore = new FileOwner(file);
    restore.overwrite(57, row.bytes);
    restore.makeHashesFit();
    restore.close();
    expect(yichi('verify', '--checkpoint', outside).status).toBe(0);
  });

  it('finds a changed read table', () => {
    expect(yichi('verify').status).toBe(0);
    const tables = new Database(join(directory, 'data', 'read.sqlite'));
    tables.prepare('UPDATE movement SET amount = amount + 1 WHERE id = 5').run();
    tables.close();
    const broken = yichi('verify');
    expect(broken.status).toBe(5);
    expect(broken.stdout).toContain('LIVE_TABLE_DIFFERS');
    yichi('rebuild');
    expect(yichi('verify').status).toBe(0);
  });

  it('finds that its position was altered, which every read refuses and rebuild mends', () => {
    const alter = (sql: string): void => {
      const tables = new Database(join(directory, 'data', 'read.sqlite'));
      tables.exec(sql);
      tables.close();
    };
    for (const position of ['3', '-1']) {
      alter(`UPDATE checkpoint SET position = ${position}`);
      const refused = yichi('balances', '--by', 'county');
      expect(refused).toMatchObject({ status: 5, stdout: '' });
      expect(refused.stderr).toMatch(/^错误 READ_MODEL_DAMAGED：.*\n办法：.*yichi rebuild/);
      expect(yichi('verify', '--json').stdout).toContain('LIVE_TABLES_MISSING');
      expect(yichi('doctor')).toMatchObject({ status: 5, stdout: expect.stringContaining('✗ 读取库') as string });
      yichi('rebuild');
    }
    // Tables that tell of more than the log holds are made anew by every read; verify says so before that.
    alter('UPDATE checkpoint SET position = 100000');
    expect(yichi('verify')).toMatchObject({
      status: 5,
      stdout: expect.stringContaining('LIVE_TABLE_DIFFERS') as string,
    });
    expect(yichi('balances', '--by', 'county').status).toBe(0);
    expect(yichi('verify').status).toBe(0);
  });

  it.each([
    [['verify', '--key', 'nonsense'], 2],
    [['verify', '--checkpoint', 'nowhere.checkpoint'], 3],
    [['witness'], 2],
    [['witness', '--port', '99999', '--log', 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'], 2],
    [['proof'], 2],
    [['proof', '--to', '100'], 2],
    [['proof', '00000000-0000-5000-8000-000000000000', '--from', '100'], 2],
    [['proof', '--from', '231'], 3],
    [['proof', '--from', '0x10'], 3],
    [['proof', '--from', '200', '--to', '100'], 3],
  ])('%j ends with %i', (args, status) => {
    expect(yichi(...args, '--json').status).toBe(status);
  });

  it('a place for checkpoints that makes no sense is wrong usage', () => {
    expect(run([BIN, 'checkpoint', '--now'], { YICHI_CHECKPOINT_TO: 'https://witness.example' }).status).toBe(2);
    expect(run([BIN, 'checkpoint'], { YICHI_CHECKPOINT_EVENTS: '0' }).status).toBe(2);
  });

  it('a key of a witness is taken for no key of a log, and a broken one in a setting is wrong usage', () => {
    const witnessKey = yichi('witness', '--key', '--dir', 'second').stdout.trimEnd();
    const refused = yichi('witness', '--log', witnessKey, '--dir', 'audit', '--port', '0', '--json');
    expect(refused.status).toBe(2);
    const { error } = JSON.parse(refused.stdout) as { error: { code: string; message: string; remedy: string } };
    expect(error).toMatchObject({ code: 'LOG_KEY_EXPECTED', message: expect.stringContaining(witnessKey) as string });
    expect(error.remedy).toContain('yichi checkpoint --key');
    for (const key of ['nonsense', yichi('checkpoint', '--key').stdout.trimEnd()]) {
      const to = { YICHI_CHECKPOINT_TO: `https://witness.example#${key}` };
      expect(run([BIN, 'checkpoint', '--now'], to)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('SETTING_INVALID') as string,
      });
    }
  });

  it('every command has help with an example, in both languages', () => {
    for (const command of ['checkpoint', 'proof', 'verify', 'witness']) {
      expect(yichi(command, '--help').stdout).toContain(`例：\n  yichi ${command}`);
      expect(yichi(command, '--help', '--lang', 'en').stdout).toContain('Example:');
    }
  });
});

describe('a witness as a process', () => {
  it('cosigns what the ledger publishes, and ends with 0 when it is told to', async () => {
    const key = yichi('checkpoint', '--key').stdout.trimEnd();
    const witnessKey = yichi('witness', '--key', '--dir', 'audit').stdout.trimEnd();
    const child = spawn(process.execPath, [BIN, 'witness', '--log', key, '--dir', 'audit', '--port', '0'], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.push(child);
    const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
        if (address !== undefined) resolve(address);
      });
      child.on('exit', () => reject(new Error(said)));
    });
    const share = join(directory, 'share');
    mkdirSync(share);
    const made = run([BIN, 'checkpoint', '--now'], { YICHI_CHECKPOINT_TO: `${share},${url}#${witnessKey}` });
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout).toContain(`— ${witnessKey.split('+')[0]} `);
    expect(existsSync(join(share, readdirSync(share)[0] ?? '', 'latest'))).toBe(true);
    expect(yichi('verify', '--key', key, '--key', witnessKey, '--checkpoint', 'share').status).toBe(0);
    expect(
      run([
        VERIFIER,
        'log',
        written('l', yichi('export', '--leaves').stdout),
        written('c', made.stdout),
        key,
        witnessKey,
      ]).status,
    ).toBe(0);
    const stranger = yichi('witness', '--key', '--dir', 'stranger').stdout.trimEnd();
    const unseen = JSON.parse(yichi('verify', '--key', stranger, '--json').stdout) as Verified;
    expect(unseen.verify.findings).toMatchObject([{ code: 'COSIGNATURE_MISSING', position: null }]);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });
});
