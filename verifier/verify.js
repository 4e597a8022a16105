'use strict';

/* The verification itself: every part by itself, so that all that is wrong is told and not only what is found first. */

/**
 * Keys that the person who verifies holds, the ledger's and witnesses', in the form `name+id+base64`. The ledger's key in
 * the bundle itself is used only where none is given, and that is said. `verifier`: text of the program that is running.
 *
 * @typedef {{ keys?: readonly string[], verifier?: string }} Trust
 */

/**
 * @typedef {{
 *   ok: boolean, scope: Scope | null, moment: Moment | null, origin: string | null, size: number | null,
 *   root: string | null, events: number, signedBy: readonly Signed[], cosignedBy: readonly Signed[],
 *   keySource: 'given' | 'bundle', proven: readonly Statement[], notProven: readonly Statement[],
 *   findings: readonly Finding[],
 * }} Verdict
 */

/** Findings that a person can read; more of them say no more. */
const MOST_FINDINGS = 50;

/** @param {ReadonlyMap<string, Uint8Array>} files @param {Trust} trust @returns {Promise<Verdict>} */
const verifyFiles = async (files, trust = {}) => {
  /** @type {Finding[]} */
  const findings = [];
  /** Runs one check; what ends it is a finding like any other. */
  /** @param {() => readonly Finding[] | Promise<readonly Finding[]>} check */
  const run = async (check) => {
    try {
      findings.push(...(await check()));
    } catch (error) {
      findings.push(error instanceof Fault ? error.finding : unreadable(error));
    }
  };

  await run(() => checkFiles(files));
  /** @type {Bundle | null} */
  let bundle = null;
  await run(() => {
    bundle = readBundle(files);
    return [];
  });
  const read = /** @type {Bundle | null} */ (bundle);
  if (read === null) return verdictOf(null, trust, { signedBy: [], cosignedBy: [] }, findings);

  /** @type {Signatures} */
  let signatures = { signedBy: [], cosignedBy: [] };
  await run(async () => {
    signatures = await checkSignatures(read, trust);
    return [];
  });
  await run(() => checkInclusion(read));
  await run(() => checkMoment(read));
  await run(() => checkStreams(read));
  await run(() => checkBalances(read));
  await run(() => checkTrace(read));
  await run(() => checkReport(read));
  await run(() => checkKnownFiles(read, trust));
  await run(() => checkManifest(read));
  return verdictOf(read, trust, signatures, findings);
};

/** What no check has foreseen is a fault of the bundle as well: a whole one is read to its end. */
/** @param {unknown} error @returns {Finding} */
const unreadable = (error) => {
  const reason = shownText(error instanceof Error ? error.message : error);
  return {
    code: 'BUNDLE_UNREADABLE',
    file: null,
    zh: `证据包无法处理：${reason}`,
    en: `the bundle cannot be worked with: ${reason}`,
  };
};

/** The files are those that a bundle has, no more and no fewer, with the hashes that the manifest names. */
/** @param {ReadonlyMap<string, Uint8Array>} files @returns {Finding[]} */
const checkFiles = (files) => {
  const { files: listed } = fileJson(files, MANIFEST_FILE);
  if (!Array.isArray(listed)) throw malformed(MANIFEST_FILE);
  /** @type {Finding[]} */
  const findings = [];
  for (const { name, bytes, sha256: hash } of listed.filter(isObject)) {
    const file = shownText(name);
    const content = typeof name === 'string' ? files.get(name) : undefined;
    if (content === undefined) {
      findings.push({ code: 'FILE_MISSING', file, zh: `缺少文件 ${file}`, en: `the file ${file} is missing` });
    } else if (content.length !== bytes || hexOf(sha256(content)) !== hash) {
      findings.push({
        code: 'FILE_ALTERED',
        file,
        zh: `文件 ${file} 与清单中的 SHA-256 不符`,
        en: `${file} does not have the SHA-256 that the manifest names`,
      });
    }
  }
  for (const name of files.keys()) {
    if (BUNDLE_FILES.includes(name)) continue;
    const file = shownText(name);
    findings.push({
      code: 'FILE_UNKNOWN',
      file,
      zh: `证据包不应有文件 ${file}：其内容没有任何东西可以证明`,
      en: `a bundle has no file ${file}: nothing proves what is in it`,
    });
  }
  return findings;
};

/** @typedef {{ signedBy: readonly Signed[], cosignedBy: readonly Signed[] }} Signatures */

/** @param {readonly string[]} texts @returns {VerifierKey[]} */
const readKeys = (texts) =>
  texts.map((text) => {
    const key = parseVerifierKey(text.trim());
    if (key !== null) return key;
    throw new Fault('KEY_INVALID', null, `公钥无效：${shownText(text)}`, `not a verifier key: ${shownText(text)}`);
  });

/** @param {Bundle} bundle @param {Trust} trust @returns {Promise<Signatures>} */
const checkSignatures = async ({ files, checkpoint }, trust) => {
  const enclosed = fileText(files, KEY_FILE).trim();
  const given = readKeys(trust.keys ?? []);
  const logKeys = given.filter(({ type }) => type === 1);
  const candidates = logKeys.length > 0 ? logKeys : readKeys([enclosed]).filter(({ type }) => type === 1);
  // Another ledger's key may be given as well; for this one's word only its own counts.
  const keys = candidates.filter(({ name }) => name === checkpoint.origin);
  if (keys.length === 0) {
    const origin = shownText(checkpoint.origin);
    throw new Fault(
      'CHECKPOINT_OF_OTHER_LEDGER',
      NOTE_FILE,
      `检查点属于 ${origin}，不是公钥所属的账本`,
      `the checkpoint is ${origin}’s and not the ledger’s whose key was given`,
    );
  }
  if (!keys.some(({ text }) => `${text}\n` === fileText(files, KEY_FILE))) {
    throw new Fault(
      'KEY_DIFFERS',
      KEY_FILE,
      '包内公钥不是所给的公钥',
      'the key enclosed is not the one that was given',
    );
  }
  const signedBy = await signaturesBy(checkpoint, keys);
  if (signedBy.length === 0) {
    throw new Fault('SIGNATURE_MISSING', NOTE_FILE, '检查点没有账本的签名', 'the ledger has not signed the checkpoint');
  }
  const witnesses = given.filter(({ type }) => type !== 1);
  const cosignedBy = await signaturesBy(checkpoint, witnesses);
  for (const { name } of witnesses) {
    if (cosignedBy.some((signed) => signed.name === name)) continue;
    throw new Fault(
      'COSIGNATURE_MISSING',
      NOTE_FILE,
      `检查点没有见证方 ${name} 的签名`,
      `witness ${name} has not cosigned the checkpoint`,
    );
  }
  return { signedBy, cosignedBy };
};

/** Every event, byte for byte, is where its proof says. */
/** @param {Bundle} bundle @returns {Finding[]} */
const checkInclusion = ({ files, events, proofs, checkpoint }) => {
  /** @type {Finding[]} */
  const findings = [];
  if (fileText(files, PROOFS_FILE) !== formatProofs(proofs)) {
    findings.push({
      code: 'PROOFS_MALFORMED',
      file: PROOFS_FILE,
      zh: '证明文件不是规范形式',
      en: 'the proofs are not in the form in which a ledger writes them',
    });
  }
  for (const [line, event] of events.entries()) {
    const { index, hashes } = proofs[line];
    if (line > 0 && proofs[line - 1].index >= index) {
      findings.push({
        code: 'EVENTS_OUT_OF_ORDER',
        file: PROOFS_FILE,
        zh: `第 ${line + 1} 行的次序不对或重复`,
        en: `line ${line + 1} is out of order or repeated`,
      });
    }
    if (isIncluded(leafHash(event.bytes), index, checkpoint.size, hashes, checkpoint.root)) continue;
    findings.push({
      code: 'INCLUSION_NOT_PROVEN',
      file: EVENTS_FILE,
      zh: `事件 ${shownText(event.id)}（${shownText(event.stream)} 第 ${event.revision} 版）不是检查点中的第 ${index + 1} 条`,
      en: `event ${shownText(event.id)} (${shownText(event.stream)}, revision ${event.revision}) is not number ${index + 1} under the checkpoint`,
    });
  }
  return findings;
};

/** The moment is a beginning of the ledger under the checkpoint, and a bookmark is the one that was set. */
/** @param {Bundle} bundle @returns {Finding[]} */
const checkMoment = ({ claim: { moment }, checkpoint, events }) => {
  /** @type {Finding[]} */
  const findings = [];
  const root = base64Bytes(moment.treeRoot);
  const hashes = moment.consistency.map(base64Bytes);
  const isWhole = root !== null && root.length === 32 && hashes.every((hash) => hash !== null);
  const proof = /** @type {Uint8Array[]} */ (hashes);
  if (!isWhole || !isConsistent(moment.treeSize, checkpoint.size, proof, root, checkpoint.root)) {
    findings.push({
      code: 'MOMENT_NOT_PROVEN',
      file: MANIFEST_FILE,
      zh: `检查点的账本不是以 ${moment.treeSize} 条、根哈希 ${shownText(moment.treeRoot)} 开头`,
      en: `the ledger under the checkpoint does not begin with ${moment.treeSize} events of root ${shownText(moment.treeRoot)}`,
    });
  }
  if (moment.bookmark === null) return findings;
  const { name, eventId } = moment.bookmark;
  const set = events.find(({ id, type }) => id === eventId && type === 'BookmarkSet')?.data;
  const isSame =
    set !== undefined && set.name === name && set.treeSize === moment.treeSize && set.treeRoot === moment.treeRoot;
  if (!isSame) {
    findings.push({
      code: 'BOOKMARK_DIFFERS',
      file: MANIFEST_FILE,
      zh: `书签 ${shownText(name)} 指的不是这一时点`,
      en: `the bookmark ${shownText(name)} does not stand for this moment`,
    });
  }
  return findings;
};

/** Streams that are said to be whole are, and those that decide the figures are said to be. */
/** @param {Bundle} bundle @returns {Finding[]} */
const checkStreams = (bundle) => {
  const { claim, events } = bundle;
  /** @type {Finding[]} */
  const findings = [];
  /** @type {Map<string, number>} */
  const last = new Map();
  /** @type {Set<string>} */
  const followed = new Set();
  for (const event of events) {
    const { stream, revision, leaf } = event;
    const before = last.get(stream) ?? -1;
    const isWhole = claim.whole.includes(stream);
    if (isWhole ? revision !== before + 1 : revision <= before) findings.push(streamGap(stream, before, revision));
    last.set(stream, revision);
    if (leaf < claim.moment.treeSize) continue;
    // After the moment only what proves the end of a whole stream, once, and the bookmark itself have a place.
    const isBookmark = event.id === claim.moment.bookmark?.eventId;
    if ((!isWhole || followed.has(stream)) && !isBookmark) {
      findings.push({
        code: 'EVENT_OUT_OF_PLACE',
        file: EVENTS_FILE,
        zh: `事件 ${shownText(event.id)} 在该时点之后，不属于本证据`,
        en: `event ${shownText(event.id)} came after the moment and has no place here`,
      });
    }
    followed.add(stream);
  }
  if (claim.coverage === 'whole') {
    for (const stream of decidingStreams(bundle)) {
      if (claim.whole.includes(stream)) continue;
      findings.push({
        code: 'STREAM_NOT_WHOLE',
        file: EVENTS_FILE,
        zh: `事件流 ${shownText(stream)} 未完整收录`,
        en: `the stream ${shownText(stream)} is not here whole`,
      });
    }
  }
  if (new Set(events.map(({ id }) => id)).size !== events.length) {
    findings.push({ code: 'EVENT_TWICE', file: EVENTS_FILE, zh: '有事件编号重复', en: 'an event id occurs twice' });
  }
  return findings;
};

/** @param {string} stream @param {number} before @param {number} revision @returns {Finding} */
const streamGap = (stream, before, revision) => ({
  code: 'REVISION_GAP',
  file: EVENTS_FILE,
  zh: `事件流 ${shownText(stream)} 的版本从 ${before} 跳到 ${revision}：其间有事件缺失或次序不对`,
  en: `stream ${shownText(stream)} goes from revision ${before} to ${revision}: events are missing or out of order`,
});

/** The balances are what this file's own sums give, whole. */
/** @param {Bundle} bundle @returns {Finding[]} */
const checkBalances = (bundle) => {
  /** @type {Finding[]} */
  const findings = [];
  const folded = bundle.balances();
  if (fileText(bundle.files, BALANCES_FILE) !== jsonFile(folded)) {
    const at = firstDifference(folded, fileJson(bundle.files, BALANCES_FILE));
    findings.push({
      code: 'BALANCES_DIFFER',
      file: BALANCES_FILE,
      zh: `余额与按资金变动计算的结果不符：${at}`,
      en: `the balances are not what the movements add up to: ${at}`,
    });
  }
  const overdraft = firstOverdraft(bundle);
  if (overdraft !== null) {
    const [id, account] = [shownText(overdraft.event.id), shownText(overdraft.account)];
    findings.push({
      code: 'MONEY_NOT_CONSERVED',
      file: EVENTS_FILE,
      zh: `事件 ${id} 使账户 ${account} 支出了没有的钱`,
      en: `event ${id} takes money from ${account} that is not there`,
    });
  }
  return findings;
};

/** The first place at which a file says something else than was computed, for people: `uses.0.amount 1.00 ≠ 2.00`. */
/** @param {unknown} computed @param {unknown} told @param {string} path @returns {string} */
const firstDifference = (computed, told, path = '') => {
  if (isObject(computed) && isObject(told)) {
    for (const name of new Set([...Object.keys(computed), ...Object.keys(told)])) {
      const found = firstDifference(computed[name], told[name], path === '' ? name : `${path}.${name}`);
      if (found !== '') return found;
    }
    return path === '' ? '格式 form' : '';
  }
  if (Array.isArray(computed) && Array.isArray(told)) {
    for (let index = 0; index < Math.max(computed.length, told.length); index += 1) {
      const found = firstDifference(computed[index], told[index], `${path}.${index}`);
      if (found !== '') return found;
    }
    return '';
  }
  if (computed === told) return '';
  /** @param {unknown} value */
  const shown = (value) => (value === undefined ? '—' : shownText(value));
  return `${shownText(path)} ${shown(told)} ≠ ${shown(computed)}`;
};

/** @param {Bundle} bundle @returns {Finding[]} */
const checkReport = (bundle) =>
  fileText(bundle.files, REPORT_FILE) === renderReport(bundle)
    ? []
    : [
        {
          code: 'REPORT_DIFFERS',
          file: REPORT_FILE,
          zh: '报告与证据文件所述不一致',
          en: 'the report does not say what the evidence says',
        },
      ];

/** @param {Bundle} bundle @returns {Finding[]} */
const checkManifest = (bundle) =>
  fileText(bundle.files, MANIFEST_FILE) === manifestOf(bundle)
    ? []
    : [
        {
          code: 'MANIFEST_DIFFERS',
          file: MANIFEST_FILE,
          zh: '清单与文件内容不符',
          en: 'the manifest does not say what the files hold',
        },
      ];

/**
 * @param {Bundle | null} bundle @param {Trust} trust @param {Signatures} signatures
 * @param {readonly Finding[]} findings @returns {Verdict}
 */
const verdictOf = (bundle, trust, signatures, findings) => {
  const ok = bundle !== null && findings.length === 0;
  const isGiven = (trust.keys ?? []).some((text) => parseVerifierKey(text.trim())?.type === 1);
  return {
    ok,
    scope: bundle?.claim.scope ?? null,
    moment: bundle?.claim.moment ?? null,
    origin: bundle?.checkpoint.origin ?? null,
    size: bundle?.checkpoint.size ?? null,
    root: bundle === null ? null : base64Of(bundle.checkpoint.root),
    events: bundle?.events.length ?? 0,
    ...signatures,
    keySource: isGiven ? 'given' : 'bundle',
    proven: ok ? [...provenBySignatures(isGiven, signatures), ...provenBy(bundle)] : [],
    notProven: ok ? [...notProvenBySignatures(bundle, isGiven, signatures, trust), ...notProvenBy(bundle)] : [],
    findings: findings.slice(0, MOST_FINDINGS),
  };
};

/** @param {boolean} isGiven @param {Signatures} signatures @returns {Statement[]} */
const provenBySignatures = (isGiven, { signedBy, cosignedBy }) => {
  /** @type {Statement[]} */
  const statements = [];
  const names = signedBy.map(({ name }) => name).join('、');
  if (isGiven) {
    statements.push(
      statement(
        'SIGNED',
        `检查点由所给公钥的账本 ${names} 签名。`,
        `The checkpoint is signed by ${names} with the key that was given.`,
      ),
    );
  }
  if (cosignedBy.length > 0) {
    const witnesses = cosignedBy
      .map(({ name, time }) => `${name}（${new Date(time * 1000).toISOString()}）`)
      .join('、');
    statements.push(
      statement(
        'COSIGNED',
        `检查点由见证方 ${witnesses} 副署：他们此前所见的账本与此一致。`,
        `Cosigned by ${witnesses}: what they had seen of the ledger before agrees with it.`,
      ),
    );
  }
  return statements;
};

/**
 * @param {Bundle} bundle @param {boolean} isGiven @param {Signatures} signatures @param {Trust} trust
 * @returns {Statement[]}
 */
const notProvenBySignatures = ({ files, checkpoint }, isGiven, { cosignedBy }, { verifier }) => {
  /** @type {Statement[]} */
  const statements = [];
  if (!isGiven) {
    statements.push(
      statement(
        'KEY_FROM_BUNDLE',
        '签名只用包内自带的公钥核对过：任何人都可以自造公钥。请从可信渠道取得账本公钥，用 --key 给出。',
        'The signature was only checked with the key in the bundle, which anybody could have made. Get the ledger’s key from somebody you trust and give it with --key.',
      ),
    );
  }
  if (cosignedBy.length === 0) {
    const unknown = checkpoint.signatures
      .filter(({ name }) => name !== checkpoint.origin)
      .map(({ name }) => shownText(name));
    statements.push(
      statement(
        'NO_WITNESS',
        `账本是否给每个人看的都是同一本：需要见证方的副署（用 --key 给出其公钥）或他人保存的检查点。${unknown.length > 0 ? `包内有未核对的副署：${unknown.join('、')}。` : ''}`,
        `Whether the ledger shows everybody the same book: that takes witnesses’ cosignatures (give their keys with --key) or checkpoints that others have kept.${unknown.length > 0 ? ` Cosignatures not checked: ${unknown.join(', ')}.` : ''}`,
      ),
    );
  }
  statements.push(
    fileText(files, SCRIPT_FILE) === verifier
      ? statement(
          'VERIFIER_ITSELF',
          `核验程序与包内所附的相同；它是否可信，请比对其 SHA-256：${hexOf(sha256(fileOf(files, SCRIPT_FILE)))}`,
          'The verifier is the one enclosed; whether it is to be trusted is shown by comparing its SHA-256 with the one published.',
        )
      : statement(
          'VERIFIER_OTHER',
          '包内所附的核验程序是较早的正式版本，未予采用。',
          'The verifier enclosed is one that was published earlier; it was not used.',
        ),
  );
  return statements;
};

/** @param {Uint8Array} archive @param {Trust} trust @returns {Promise<Verdict>} */
const verifyArchive = async (archive, trust = {}) => {
  /** @type {ReadonlyMap<string, Uint8Array>} */
  let files;
  try {
    files = unzip(archive);
  } catch (error) {
    const finding = error instanceof Fault ? error.finding : unreadable(error);
    return verdictOf(null, trust, { signedBy: [], cosignedBy: [] }, [finding]);
  }
  return verifyFiles(files, trust);
};
