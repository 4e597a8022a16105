'use strict';

/*
 * The verifier as a page that is opened from a file: the archive never leaves the machine, and the page's own policy
 * forbids it every connection.
 */

/** Ends a script in a page wherever it stands, so that the program itself must not hold it as one text. */
const END_OF_SCRIPT = ['<', 'script>'].join('/');

/** @param {string} script the text of the verifier, which goes into the page unchanged @returns {string} */
const pageAround = (script) => `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'none'; form-action 'none'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>证据核验 Evidence verifier</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<h1>证据核验<span lang="en">Evidence verifier</span></h1>
<p>选择证据包（.zip）。文件只在本机核验，不会上传；断网也能使用。<span lang="en">Choose a bundle. It is checked on this machine and sent nowhere; no network is needed.</span></p>
<label id="drop">选择或拖入证据包 <span lang="en">Choose or drop a bundle</span><input type="file" id="bundle" accept=".zip,application/zip"></label>
<label>账本和见证方的公钥，从可信渠道取得，每行一个 <span lang="en">Keys of the ledger and of witnesses, from somebody you trust, one a line</span><textarea id="keys" rows="3" spellcheck="false" placeholder="name+id+base64"></textarea></label>
<section id="verdict" aria-live="polite"></section>
</main>
<script>
${script}${END_OF_SCRIPT}
</body>
</html>
`;

const PAGE_STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 16px/1.6 "Source Han Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; margin: 0;
  background: #f6f4f1; color: #1a1a1a; }
main { max-width: 52rem; margin: 2rem auto; padding: 1.5rem 2rem 2rem; background: #fff; border-top: 4px solid #7a1f1f;
  box-shadow: 0 1px 6px #0002; }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; }
[lang=en] { color: #666; font-size: .85em; margin-left: .5em; font-weight: normal; }
label { display: block; margin: 1rem 0; font-weight: 600; }
#drop { border: 2px dashed #b9a9a9; padding: 1.5rem; text-align: center; cursor: pointer; }
#drop:focus-within, #drop.over { border-color: #7a1f1f; background: #fbf7f5; }
#drop input { display: block; margin: .8rem auto 0; }
textarea { display: block; width: 100%; margin-top: .3rem; font: 13px/1.4 ui-monospace, Menlo, Consolas, monospace; }
.result { padding: .6rem 1rem; color: #fff; font-size: 1.2rem; font-weight: 600; }
.result.ok { background: #1e6b3a; } .result.bad { background: #a11d1d; } .result [lang=en] { color: #fff; }
.wait { color: #666; }
h2 { font-size: 1.05rem; margin: 1.2rem 0 .3rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; margin: 0; } li { margin: .4rem 0; overflow-wrap: anywhere; } li [lang=en] { display: block; margin: 0; }
`;

/** The verdict for a page. */
/** @param {Verdict} verdict @returns {string} */
const verdictHtml = ({ ok, scope, moment, origin, size, root, events, proven, notProven, findings }) => {
  /** @param {Words} title @param {readonly { zh: string, en: string }[]} list */
  const part = (title, list) =>
    list.length === 0
      ? ''
      : `<h2>${bilingual(title)}</h2><ul>${list.map(({ zh, en }) => `<li>${bilingual([zh, en])}</li>`).join('')}</ul>`;
  const facts =
    scope === null || moment === null
      ? ''
      : factList([
          [SCOPE_WORDS[scope.kind], escapeHtml(scope.id)],
          [
            ['时点', 'Moment'],
            escapeHtml(
              `${moment.treeSize}${moment.asOf === null ? '' : `，${moment.asOf}`}${moment.bookmark === null ? '' : `，${moment.bookmark.name}`}`,
            ),
          ],
          [['检查点', 'Checkpoint'], escapeHtml(`${origin} ${size} ${root}`)],
          [['事件', 'Events'], String(events)],
        ]);
  return `<p class="result ${ok ? 'ok' : 'bad'}" id="result">${bilingual(ok ? ['通过', 'Verified'] : ['不通过', 'Not verified'])}</p>
${facts}
${part(['问题', 'What is wrong'], findings)}
${part(['已证明', 'Proven'], proven)}
${part(['未证明', 'Not proven'], notProven)}`;
};

/** @param {string} text @returns {string[]} */
const keysIn = (text) => text.split(/\s+/).filter((key) => key !== '');

/** Makes the page work: verifies anew whenever a bundle or a key is given. */
const runInPage = () => {
  /** @param {string} id @returns {HTMLElement} */
  const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const input = /** @type {HTMLInputElement} */ (element('bundle'));
  const keys = /** @type {HTMLTextAreaElement} */ (element('keys'));
  const drop = element('drop');
  /** @type {Uint8Array | null} */
  let archive = null;
  let round = 0;
  // The page holds the program behind one line feed.
  const verifier = document.currentScript?.textContent?.slice(1) ?? '';

  const verify = async () => {
    if (archive === null) return;
    round += 1;
    const own = round;
    element('verdict').innerHTML = `<p class="wait">${bilingual(['正在核验……', 'Verifying …'])}</p>`;
    const verdict = await verifyArchive(archive, { keys: keysIn(keys.value), verifier });
    if (own === round) element('verdict').innerHTML = verdictHtml(verdict);
  };
  /** @param {File | null | undefined} file */
  const take = async (file) => {
    if (file === null || file === undefined) return;
    archive = new Uint8Array(await file.arrayBuffer());
    await verify();
  };
  input.addEventListener('change', () => void take(input.files?.[0]));
  keys.addEventListener('change', () => void verify());
  for (const name of ['dragover', 'dragleave', 'drop']) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', name === 'dragover');
      if (name === 'drop') void take(/** @type {DragEvent} */ (event).dataTransfer?.files[0]);
    });
  }
};
