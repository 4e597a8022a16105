import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { unzipSync } from 'fflate';

import { zipFiles } from '../../../src/audit/evidence/zip-files';
import { ChromiumPage, findOrInstallChromium } from '../../support/chromium';
import { withTemporaryLedger } from '../../support/temporary-ledger';
import { evidenceOf, playTheRoad } from './sample-ledger';

const BROWSER_TIMEOUT_MS = 120_000;

const browser = findOrInstallChromium();
const inBrowser = browser === null ? it.skip : it;

describe('the verifier as a page that is opened from a file', () => {
  let directory: string;
  let key: string;
  const file = (name: string): string => join(directory, name);

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'yichi-page-'));
    await withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      const { archive } = await evidenceOf(ledger, 'project:ROAD-1');
      key = await ledger.checkpoints.verifierKey();
      const files = new Map(Object.entries(unzipSync(archive)));
      writeFileSync(file('bundle.zip'), archive);
      writeFileSync(file('verify.html'), files.get('verify.html') ?? '');
      writeFileSync(file('report.html'), files.get('report.html') ?? '');
      files.set('balances.json', Buffer.from('{}'));
      writeFileSync(file('forged.zip'), await zipFiles(files));
    });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const choose = (page: ChromiumPage, name: string): Promise<void> => page.chooseFiles('#bundle', [file(name)]);
  const open = <Result>(name: string, work: (page: ChromiumPage) => Promise<Result>, before = ''): Promise<Result> =>
    ChromiumPage.with(browser ?? '', pathToFileURL(file(name)).href, work, before);

  const verdict = `document.querySelector('#result')?.className`;

  inBrowser(
    'verifies a bundle, with the key and without, and asks nobody for anything',
    () =>
      open('verify.html', async (page) => {
        await choose(page, 'bundle.zip');
        expect(await page.until(verdict)).toBe('result ok');
        expect(await page.evaluate('document.body.innerText')).toContain('签名只用包内自带的公钥核对过');
        await page.evaluate(`(() => {
          const field = document.querySelector('#keys');
          field.value = ${JSON.stringify(key)};
          document.querySelector('#verdict').innerHTML = '';
          field.dispatchEvent(new Event('change'));
        })()`);
        expect(await page.until(verdict)).toBe('result ok');
        const text = await page.evaluate('document.body.innerText');
        expect(text).toContain('所给公钥的账本');
        expect(text).not.toContain('签名只用包内自带的公钥核对过');
        expect(page.requested.filter((url) => !/^(?:file|blob):/.test(url))).toEqual([]);
        expect(page.errors).toEqual([]);
      }),
    BROWSER_TIMEOUT_MS,
  );

  inBrowser(
    'finds a forged one, and what is forged in it',
    () =>
      open('verify.html', async (page) => {
        await choose(page, 'forged.zip');
        expect(await page.until(verdict)).toBe('result bad');
        expect(await page.evaluate('document.body.innerText')).toContain('balances.json');
      }),
    BROWSER_TIMEOUT_MS,
  );

  inBrowser(
    'checks signatures by itself where the browser cannot',
    () =>
      open(
        'verify.html',
        async (page) => {
          expect(await page.evaluate('crypto.subtle === undefined')).toBe(true);
          await choose(page, 'bundle.zip');
          expect(await page.until(verdict)).toBe('result ok');
        },
        `Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });`,
      ),
    BROWSER_TIMEOUT_MS,
  );

  inBrowser(
    'stands beside a report that is read without any script',
    () =>
      open('report.html', async (page) => {
        expect(await page.evaluate('document.scripts.length')).toBe(0);
        expect(await page.evaluate('document.title')).toBe('资金证据报告：项目 通村路 ROAD-1');
        expect(await page.evaluate(`document.querySelectorAll('table').length`)).toBeGreaterThan(4);
        // Nothing is wider than a sheet of paper.
        expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
        expect(page.requested.every((url) => url.startsWith('file:'))).toBe(true);
      }),
    BROWSER_TIMEOUT_MS,
  );
});
