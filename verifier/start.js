'use strict';

/* Last part: what the joined file does when it is run, in Node or in a page. */

if (isInNode) {
  const ownModule = /** @type {NodeModule} */ (module);
  ownModule.exports = {
    verifyArchive,
    verifyFiles,
    readBundle,
    ownBundle,
    traceOf,
    renderReport,
    manifestOf,
    pageAround,
    verdictText,
  };
  if (/** @type {NodeRequire} */ (require).main === ownModule) {
    const { readFileSync } = /** @type {NodeRequire} */ (require)('node:fs');
    void runOnCommandLine(process.argv.slice(2), textOf(readFileSync(__filename)) ?? '').then((code) => {
      process.exitCode = code;
    });
  }
} else if (typeof document === 'object') {
  runInPage();
}
