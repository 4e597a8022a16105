'use strict';

/* The verifier on a command line: `node verify.cjs bundle.zip --key <vkey>`; exits 0 or 5, and 2 for wrong usage. */

const USAGE = `用法 Usage: node verify.cjs <bundle.zip|目录 directory> [--key <vkey>]… [--json]
  --key   账本或见证方的公钥，从可信渠道取得，可多次
          a key of the ledger or of a witness, from somebody you trust; may be repeated
退出码 Exit codes: 0 通过 verified · 5 不通过 not verified · 2 用法错误 wrong usage
`;

/** Files of an unpacked bundle, at most one folder deep. */
/** @param {string} directory @returns {Map<string, Uint8Array>} */
const readDirectoryFiles = (directory) => {
  const { readFileSync, readdirSync, statSync } = /** @type {NodeRequire} */ (require)('node:fs');
  const { join } = /** @type {NodeRequire} */ (require)('node:path');
  /** @type {Map<string, Uint8Array>} */
  const files = new Map();
  /** @param {string} folder */
  const readFolder = (folder) => {
    for (const entry of readdirSync(join(directory, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const path = join(directory, name);
      if (entry.isDirectory() && folder === '') readFolder(name);
      else if (entry.isFile() && files.size < MOST_ENTRIES && statSync(path).size <= MOST_BYTES_UNPACKED) {
        files.set(name, readFileSync(path));
      } else throw zipFault(`目录中有不应有的 ${shownText(name)}`, `the directory holds ${shownText(name)}`);
    }
  };
  readFolder('');
  return files;
};

/** @typedef {{ path: string, keys: string[], json: boolean }} NodeOptions */

/** @param {readonly string[]} args @returns {NodeOptions | null} */
const readArguments = (args) => {
  /** @type {NodeOptions} */
  const options = { path: '', keys: [], json: false };
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    const value = args[index + 1];
    if (arg === '--json') options.json = true;
    else if (arg === '--key' && value !== undefined) {
      options.keys.push(value);
      index += 1;
    } else if (options.path === '' && !arg.startsWith('-')) options.path = arg;
    else return null;
  }
  return options.path === '' ? null : options;
};

/** The verdict for a terminal. */
/** @param {Verdict} verdict @returns {string} */
const verdictText = (verdict) => {
  const { ok, scope, moment, origin, size, root, events, proven, notProven, findings } = verdict;
  const lines = [ok ? '通过 VERIFIED' : '不通过 NOT VERIFIED', ''];
  if (scope !== null && moment !== null) {
    const date = moment.asOf === null ? '' : `，截至 as of ${moment.asOf}`;
    const bookmark = moment.bookmark === null ? '' : `，书签 bookmark ${shownText(moment.bookmark.name)}`;
    lines.push(`范围 Scope       ${SCOPE_WORDS[scope.kind].join(' ')} ${shownText(scope.id)}`);
    lines.push(`时点 Moment      第 ${moment.treeSize} 条事件 event ${moment.treeSize}${date}${bookmark}`);
    lines.push(`检查点 Checkpoint ${shownText(origin)}  ${size}  ${root}`, `事件 Events      ${events}`, '');
  }
  /** @param {string} title @param {readonly { code: string, zh: string, en: string }[]} list */
  const add = (title, list) => {
    if (list.length === 0) return;
    lines.push(title);
    for (const { code, zh, en } of list) lines.push(`  · ${visibleText(zh)}`, `    ${visibleText(en)} [${code}]`);
    lines.push('');
  };
  add('问题 What is wrong', findings);
  add('已证明 Proven', proven);
  add('未证明 Not proven', notProven);
  return lines.join('\n');
};

/** @param {readonly string[]} args @param {string} verifier the text of this very file @returns {Promise<number>} */
const runOnCommandLine = async (args, verifier) => {
  const { readFileSync, statSync, writeSync } = /** @type {NodeRequire} */ (require)('node:fs');
  const options = readArguments(args);
  if (options === null) {
    writeSync(2, USAGE);
    return 2;
  }
  const { path, keys, json } = options;
  const trust = { keys, verifier };
  /** @type {Verdict} */
  let verdict;
  try {
    verdict = statSync(path).isDirectory()
      ? await verifyFiles(readDirectoryFiles(path), trust)
      : await verifyArchive(readFileSync(path), trust);
  } catch (error) {
    const finding = error instanceof Fault ? error.finding : unreadable(error);
    verdict = verdictOf(null, trust, { signedBy: [], cosignedBy: [] }, [finding]);
  }
  process.stdout.write(json ? `${JSON.stringify({ evidence: verdict })}\n` : verdictText(verdict));
  return verdict.ok ? 0 : 5;
};
