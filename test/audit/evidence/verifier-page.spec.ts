import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { unzipSync } from 'fflate';

import { zipFiles } from '../../../src/audit/evidence/zip-files';
import { ChromiumPage, findOrInstallChromium } from '../../support/chromium';
import { withTemporaryLedger } from '../../support/temporary-ledger';
import type { Ledger } from '../../../src/ledger/ledger';
import { ask, COUNTY, line, request, VILLAGE } from '../../support/small-ledger';
import { evidenceOf, playTheRoad, reverse } from './sample-ledger';

const BROWSER_TIMEOUT_MS = 120_000;

const browser = findOrInstallChromium();
const inBrowser = browser === null ? it.skip : it;

/** What a page that does not escape it would run, load, follow or be laid out by. */
const hostile = (mark: string): string =>
  `${mark}"><script>window.hit=1</script><img src=x onerror="window.hit=1"><a href="javascript:window.hit=1">'&lt;\u202e`;

/** The road, in which everything that somebody names is named to be run. */
const playHostileNames = async (ledger: Ledger): Promise<void> => {
  await playTheRoad(ledger);
  const { desk } = ledger;
  const dates = { validFrom: null, validTo: null };
  await desk.registerDivision({ divisionCode: COUNTY, name: hostile('县'), ...dates }, '2024-01-02', request());
  await desk.registerDivision({ divisionCode: VILLAGE, name: hostile('村'), ...dates }, '2024-01-02', request());
  const department = { departmentCode: 'JT', name: hostile('厅'), ...dates, mergedInto: null };
  await desk.registerDepartment(department, '2024-01-02', request());
  await ledger.desk.registerProject(
    {
      projectCode: 'ROAD-1',
      projectName: hostile('路'),
      division: COUNTY,
      purposeCode: 'ROAD',
      places: [VILLAGE],
      category: null,
      nature: null,
      implementer: hostile('单位'),
      content: `${hostile('内容')}\n${hostile('二')}`,
    },
    { enteredOn: '2023-01-01', startedOn: null, completedOn: null, acceptedOn: null },
    '2024-01-02',
    request(),
  );
  // No entrance takes such a number; an old log may hold one.
  const paid = await ask(ledger, 'RecordPayment', '2024-06-01', {
    voucherNo: hostile('支'),
    payee: hostile('款'),
    requestedBy: null,
    approvedBy: null,
    lineSelection: 'fifo',
    lines: [{ ...line('文1', '1.00'), projectCode: 'ROAD-1', place: VILLAGE, documentNo: null }],
  });
  await reverse(ledger, hostile('红'), '2024-06-02', paid);
  await ledger.bookmarks.set({ name: '年终', remark: hostile('注') }, request());
};

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
      const named = new Map(files).set('<img src=x onerror="window.hit=1">.html', Buffer.from('x'));
      writeFileSync(file('named.zip'), await zipFiles(named));
      files.set('balances.json', Buffer.from('{}'));
      writeFileSync(file('forged.zip'), await zipFiles(files));
    });
    await withTemporaryLedger(async (ledger) => {
      await playHostileNames(ledger);
      for (const scope of ['project:ROAD-1', `division:${COUNTY}`]) {
        const { archive } = await evidenceOf(ledger, scope, { at: '年终' });
        const name = scope.slice(0, scope.indexOf(':'));
        writeFileSync(file(`${name}.zip`), archive);
        writeFileSync(file(`${name}.html`), unzipSync(archive)['report.html'] ?? '');
      }
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

  /** What only mark-up in a name could have brought; a page's policy keeps scripts from running, not from being there. */
  const foreignParts = `JSON.stringify({
    hit: window.hit ?? null,
    elements: document.querySelectorAll('main script, section script, td script, img, a, iframe, object, svg, form').length,
    attributes: [...document.querySelectorAll('*')].flatMap((element) =>
      [...element.attributes].filter(({ name }) => /^on|^href|^src/.test(name))).length,
  })`;
  const nothingForeign = JSON.stringify({ hit: null, elements: 0, attributes: 0 });

  inBrowser.each(['project', 'division'])(
    'shows names that hold mark-up as names, in the report of a %s and in a verdict',
    async (scope) => {
      await open(`${scope}.html`, async (page) => {
        expect(await page.evaluate('document.scripts.length')).toBe(0);
        expect(await page.evaluate(foreignParts)).toBe(nothingForeign);
        const text = await page.evaluate('document.body.innerText');
        for (const mark of ['路', '村', '厅', '支', '款', '红']) {
          expect(text).toContain(`${hostile(mark).replace('\u202e', '�')}`);
        }
      });
      await open('verify.html', async (page) => {
        await choose(page, `${scope}.zip`);
        expect(await page.until(verdict)).toBe('result ok');
        expect(await page.evaluate(foreignParts)).toBe(nothingForeign);
        expect(await page.evaluate('document.scripts.length')).toBe(1);
      });
    },
    BROWSER_TIMEOUT_MS,
  );

  inBrowser(
    'tells of a file whose name holds mark-up by its name',
    () =>
      open('verify.html', async (page) => {
        await choose(page, 'named.zip');
        expect(await page.until(verdict)).toBe('result bad');
        expect(await page.evaluate('document.body.innerText')).toContain('<img src=x onerror=');
        expect(await page.evaluate(foreignParts)).toBe(nothingForeign);
      }),
    BROWSER_TIMEOUT_MS,
  );
});
