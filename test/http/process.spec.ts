import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readEvent } from '../../src/event-log/upcasting';
import { issueToken, openKeys } from '../../src/identity/tokens';
import { Ledger } from '../../src/ledger/ledger';

/** What `npm start` runs; the tests run after the build. */
const MAIN = join(__dirname, '..', '..', 'dist', 'src', 'main.js');

describe('the service as a process', () => {
  let dataDir: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'yichi-process-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  interface Started {
    readonly child: ChildProcess;
    readonly exit: Promise<number | null>;
    /** Everything on stderr so far. */
    readonly said: () => string;
    readonly url: Promise<string>;
  }

  const start = (args: readonly string[], environment: Record<string, string> = {}): Started => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, YICHI_DATA: dataDir, YICHI_PORT: '0', ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.push(child);
    let said = '';
    const url = new Promise<string>((resolve, reject) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
        if (address !== undefined) resolve(address);
      });
      child.on('exit', () => reject(new Error(`ended before it served: ${said}`)));
    });
    url.catch(() => undefined);
    const exit = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
    return { child, exit, said: () => said, url };
  };

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 on %s, and keeps everything that it acknowledged',
    async (signal) => {
      const { child, exit, said, url } = start(['--empty']);
      const address = await url;
      const token = await issueToken(await openKeys(dataDir), { id: '张三', role: 'finance', division: '' }, 60);
      const post = async (index: number): Promise<string | null> => {
        const response = await fetch(`${address}/api/v1/purposes`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'idempotency-key': randomUUID(),
            'content-type': 'application/json',
          },
          body: JSON.stringify({ purposeCode: `P${index}`, name: '用途' }),
        });
        return response.status === 201
          ? (((await response.json()) as { eventIds: string[] }).eventIds[0] ?? null)
          : null;
      };
      const posting = Array.from({ length: 60 }, (_, index) => post(index).catch(() => null));
      await posting[0];
      child.kill(signal);
      const acknowledged = (await Promise.all(posting)).filter((id) => id !== null);
      expect(await exit).toBe(0);
      expect(acknowledged.length).toBeGreaterThan(0);
      expect(said()).not.toContain(token);

      const ledger = await Ledger.open({ dataDir, eventLog: `sqlite:${join(dataDir, 'log.sqlite')}` });
      const stored = (await ledger.log.readAll(0, 1000)).map((each) => readEvent(each).id);
      expect(stored).toEqual(expect.arrayContaining(acknowledged));
      expect(new Set(stored).size).toBe(stored.length);
      await ledger.close();
    },
  );

  it('ends with 6 and a remedy when the port is in use, before it begins a ledger', async () => {
    const first = start(['--empty']);
    const { port } = new URL(await first.url);
    const unwritten = join(dataDir, 'never');
    const second = start([], { YICHI_PORT: port, YICHI_DATA: unwritten });
    expect(await second.exit).toBe(6);
    expect(existsSync(unwritten)).toBe(false);
    expect(second.said().split('\n')).toEqual([
      `错误 PORT_IN_USE：端口 ${port}（127.0.0.1）已被占用，服务没有启动。`,
      '办法：停止占用该端口的程序，或用 YICHI_PORT 另选端口，例如 YICHI_PORT=3001 npm start。',
      '',
    ]);
  });

  it('ends with 2 on an argument or a setting that it does not know', async () => {
    const argument = start(['--surplus']);
    const setting = start(['--empty'], { YICHI_PORT: 'http' });
    expect(await argument.exit).toBe(2);
    expect(argument.said()).toContain('--surplus');
    expect(await setting.exit).toBe(2);
    expect(setting.said()).toContain('YICHI_PORT');
  });
});
