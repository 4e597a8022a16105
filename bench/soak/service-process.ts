import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm start` runs; compiled two folders above this one. */
const MAIN = join(__dirname, '..', '..', 'src', 'main.js');

const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;
const KIBIBYTE = 1024;

/** The service as a process of its own, on a port of loopback that it finds itself. */
export class ServiceProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(dataDir: string): Promise<ServiceProcess> {
    const child = spawn(process.execPath, [MAIN, '--empty'], {
      env: { ...process.env, YICHI_DATA: dataDir, YICHI_PORT: '0', YICHI_HOST: '127.0.0.1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
        const address = ADDRESS.exec(said)?.[0];
        if (address !== undefined) resolve(address);
      });
      child.once('exit', () => reject(new Error(`the service ended before it served: ${said}`)));
    });
    return new ServiceProcess(child, url);
  }

  /** Bytes of memory; 0 where the system does not tell. */
  memory(): number {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * KIBIBYTE;
    } catch {
      return 0;
    }
  }

  /** @returns its exit code; null when it was killed */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const exited = once(this.#child, 'exit') as Promise<[number | null]>;
    this.#child.kill(signal);
    return (await exited)[0];
  }
}
