import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DomainError } from '../../platform/domain-error';
import { makeDirectory } from '../../platform/make-directory';
import { causeOf } from '../../platform/system-cause';
import { type EvidenceVerdict, loadVerifier, verifierScript } from './verifier-file';

/**
 * Verifies a bundle by the very program that bundles carry.
 *
 * @param keys of the ledger and of witnesses, `name+id+base64`
 * @throws DomainError BUNDLE_NOT_READ
 */
export const verifyBundleFile = async (
  path: string,
  keys: readonly string[],
): Promise<{ readonly verdict: EvidenceVerdict; readonly text: string }> => {
  const archive = await readFile(path).catch((error: unknown) => {
    throw bundleNotRead(path, error);
  });
  const script = verifierScript();
  const verifier = loadVerifier(script);
  const verdict = await verifier.verifyArchive(archive, { keys, verifier: script });
  return { verdict, text: verifier.verdictText(verdict) };
};

/** Writes the verifier for a command line and for a browser; tells the hashes by which others may recognise them. */
export const writeVerifier = async (
  directory: string,
): Promise<readonly { readonly file: string; readonly sha256: string }[]> => {
  const script = verifierScript();
  makeDirectory(directory);
  const texts = { 'verify.cjs': script, 'verify.html': loadVerifier(script).pageAround(script) };
  return Promise.all(
    Object.entries(texts).map(async ([name, text]) => {
      const file = join(directory, name);
      await writeFile(file, text);
      return { file, sha256: createHash('sha256').update(text).digest('hex') };
    }),
  );
};

const bundleNotRead = (path: string, cause: unknown): DomainError => {
  const { zh, en } = causeOf(cause);
  return new DomainError('input', {
    code: 'BUNDLE_NOT_READ',
    message: `证据包“${path}”读不了：${zh}。`,
    messageEn: `The bundle “${path}” cannot be read: ${en}.`,
    remedy: '请核对文件路径和读取权限。',
    remedyEn: 'Check the path and that you may read it.',
    parameters: { path },
  });
};
