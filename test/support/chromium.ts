import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Installing takes a minute or two where the network is slow. */
const INSTALL_TIMEOUT_MS = 300_000;

/** A browser that does not end by itself is ended. */
const CLOSING_PATIENCE_MS = 10_000;

const findBrowser = (): string | null =>
  NAMES.find((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0) ?? null;

/**
 * The browser's command. Where there is none, it is installed if this is a machine that one may do that on (root, with
 * apt-get); null where it is not, and the tests that need one are skipped by name.
 */
export const findOrInstallChromium = (): string | null => {
  const found = findBrowser();
  if (found !== null || process.getuid?.() !== 0) return found;
  const install = 'apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk';
  spawnSync('sh', ['-c', install], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: 'ignore',
    timeout: INSTALL_TIMEOUT_MS,
  });
  return findBrowser();
};

type Json = Readonly<Record<string, unknown>>;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Json;
  readonly result?: Json;
  readonly error?: { readonly message: string };
}

/** One page of a headless browser, driven over a pipe: no port that another test could take. */
export class ChromiumPage {
  /** Addresses that the page asked for. */
  readonly requested: string[] = [];
  /** What the page threw and nobody caught. */
  readonly errors: string[] = [];
  readonly #send: Writable;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;
  #session: string | null = null;
  #received = '';

  private constructor(send: Writable, receive: Readable) {
    this.#send = send;
    receive.setEncoding('utf8');
    receive.on('data', (chunk: string) => this.#receive(chunk));
  }

  /**
   * Opens a page, works with it, and closes the browser whatever happens.
   * @param before script that runs in the page before its own
   */
  static async with<Result>(
    browser: string,
    url: string,
    work: (page: ChromiumPage) => Promise<Result>,
    before = '',
  ): Promise<Result> {
    const profile = mkdtempSync(join(tmpdir(), 'yichi-chromium-'));
    const process = spawn(
      browser,
      ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', `--user-data-dir=${profile}`],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    const ended = new Promise((resolve) => process.once('exit', resolve));
    const page = new ChromiumPage(process.stdio[3] as Writable, process.stdio[4] as Readable);
    try {
      await page.#open(url, before);
      return await work(page);
    } finally {
      page.#session = null;
      void page.#ask('Browser.close', {}).catch(() => undefined);
      const patience = setTimeout(() => process.kill('SIGKILL'), CLOSING_PATIENCE_MS);
      await ended;
      clearTimeout(patience);
      // Helpers of the browser may write their last a moment after it.
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#ask('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as Json)['value'];
  }

  /** Waits until an expression is something; the page's own timers go on meanwhile. */
  async until(expression: string): Promise<unknown> {
    for (;;) {
      const value = await this.evaluate(expression);
      if (value !== null && value !== undefined && value !== false) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Chooses files in a file field, as a person does. */
  async chooseFiles(selector: string, files: readonly string[]): Promise<void> {
    const { root } = await this.#ask('DOM.getDocument', {});
    const { nodeId } = await this.#ask('DOM.querySelector', { nodeId: (root as Json)['nodeId'], selector });
    await this.#ask('DOM.setFileInputFiles', { nodeId, files });
  }

  async #open(url: string, before: string): Promise<void> {
    const { targetId } = await this.#ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#ask('Target.attachToTarget', { targetId, flatten: true });
    this.#session = sessionId as string;
    await this.#ask('Runtime.enable', {});
    await this.#ask('Network.enable', {});
    await this.#ask('Page.enable', {});
    await this.#ask('Page.addScriptToEvaluateOnNewDocument', { source: before });
    await this.#ask('Page.navigate', { url });
    await this.until(`document.readyState === 'complete' && location.href !== 'about:blank'`);
  }

  #ask(method: string, params: Json): Promise<Json> {
    this.#last += 1;
    const id = this.#last;
    const session = this.#session === null ? {} : { sessionId: this.#session };
    this.#send.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }

  #receive(chunk: string): void {
    const messages = (this.#received + chunk).split('\0');
    this.#received = messages.pop() ?? '';
    for (const message of messages) {
      const answer = JSON.parse(message) as Answer;
      if (answer.id !== undefined) {
        this.#waiting.get(answer.id)?.(answer);
        this.#waiting.delete(answer.id);
      } else if (answer.method === 'Network.requestWillBeSent') {
        this.requested.push(String((answer.params?.['request'] as Json)['url']));
      } else if (answer.method === 'Runtime.exceptionThrown') {
        this.errors.push(JSON.stringify(answer.params));
      }
    }
  }
}
