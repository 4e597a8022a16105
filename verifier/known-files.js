'use strict';

/*
 * Files of a bundle that say nothing about its ledger: the official projections, for who wants to read how the figures
 * are defined, and the verifier for who has none. Nothing of them is run. They are those that were published, which is
 * told by their SHA-256, or the bundle is refused: a file in it that nobody has looked at would pass for evidence.
 */

/** Published by earlier versions, beside those of this one in OWN_FILES; whoever publishes a version adds its files. */
/** @type {{ readonly [name: string]: readonly string[] | undefined }} */
const EARLIER_FILES = {
  'projections/county-balance.js': [],
  'projections/department-balance.js': [],
  'projections/prelude.js': [],
  'projections/project-balance.js': [],
  'projections/village-balance.js': [],
  'verify.cjs': [],
};

const PROJECTION_FILES = Object.keys(EARLIER_FILES).filter((name) => name.startsWith('projections/'));

/** Every file that a bundle has, no more and no fewer. */
const BUNDLE_FILES = [
  BALANCES_FILE,
  NOTE_FILE,
  EVENTS_FILE,
  KEY_FILE,
  MANIFEST_FILE,
  ...PROJECTION_FILES,
  PROOFS_FILE,
  REPORT_FILE,
  TRACE_FILE,
  SCRIPT_FILE,
  PAGE_FILE,
];

/** @param {string} name @param {string} hash @returns {boolean} */
const isPublished = (name, hash) => OWN_FILES[name] === hash || EARLIER_FILES[name]?.includes(hash) === true;

/** @param {Bundle} bundle @param {Trust} trust @returns {Finding[]} */
const checkKnownFiles = ({ files }, { verifier }) => {
  /** @type {Finding[]} */
  const findings = [];
  for (const name of PROJECTION_FILES) {
    const hash = hexOf(sha256(fileOf(files, name)));
    if (isPublished(name, hash)) continue;
    findings.push({
      code: 'PROJECTION_UNKNOWN',
      file: name,
      zh: `口径文件 ${name}（SHA-256 ${hash}）不是本核验程序所知的正式版本`,
      en: `${name} (SHA-256 ${hash}) is no version of that projection that this verifier knows`,
    });
  }
  const script = fileText(files, SCRIPT_FILE);
  const hash = hexOf(sha256(fileOf(files, SCRIPT_FILE)));
  if (script !== verifier && !isPublished(SCRIPT_FILE, hash)) {
    findings.push({
      code: 'PROGRAM_UNKNOWN',
      file: SCRIPT_FILE,
      zh: `包内的核验程序（SHA-256 ${hash}）与正在使用的不同，也不是本程序所知的正式版本，请勿运行；证据包若出自较新的版本，请用该版本的核验程序`,
      en: `the verifier enclosed (SHA-256 ${hash}) is neither this one nor a version that it knows: do not run it; if the bundle comes from a later version, use that version’s verifier`,
    });
  }
  if (fileText(files, PAGE_FILE) !== pageAround(script)) {
    findings.push({
      code: 'VERIFIER_PAGE_DIFFERS',
      file: PAGE_FILE,
      zh: '核验页面与核验程序不是同一程序',
      en: 'the page does not hold the same program as the file beside it',
    });
  }
  return findings;
};
