import { resolve } from 'node:path';

import { DomainError } from '../../platform/domain-error';
import type { LogTree } from '../../event-log/tree/log-tree';
import { parseVerifierKey, SIGNATURE_TYPE, type Verifier } from '../proofs/verifier';
import { placeInvalid } from './checkpoint-failure';

/** Where checkpoints go besides the data directory, so that whoever owns the data does not own all of them. */
export type Place =
  | { readonly kind: 'directory'; readonly name: string; readonly directory: string }
  | {
      readonly kind: 'witness';
      readonly name: string;
      /** Submission prefix of C2SP tlog-witness, without a slash at its end. */
      readonly url: string;
      readonly verifier: Verifier;
    };

/** Told of a place that a checkpoint did not get to; the ledger goes on. */
export type OnTrouble = (failure: DomainError) => void;

/** A log as a place may want to see it proven. */
export interface PublishedLog {
  readonly tree: LogTree;
  /** Key of the log, for those who have to add it. */
  readonly verifierKey: string;
}

/**
 * Reads what the setting YICHI_CHECKPOINT_TO names.
 * @throws DomainError SETTING_INVALID
 */
export const parsePlace = (text: string): Place => {
  if (!/^[a-z]+:\/\//i.test(text)) return { kind: 'directory', name: text, directory: resolve(text) };
  const split = text.indexOf('#');
  const address = split < 0 ? text : text.slice(0, split);
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw placeInvalid(text, '见证地址以 http:// 或 https:// 开头。', 'a witness begins with http:// or https://.');
  }
  if (split < 0) {
    throw placeInvalid(text, '缺少见证方的公钥（# 之后）。', 'the key of the witness is missing, after a #.');
  }
  const verifier = witnessKey(text, text.slice(split + 1));
  return { kind: 'witness', name: address, url: address.replace(/\/+$/, ''), verifier };
};

const witnessKey = (text: string, key: string): Verifier => {
  const verifier = readKey(text, key);
  if (verifier.type !== SIGNATURE_TYPE.cosignatureV1) {
    throw placeInvalid(text, '这是账本的公钥，不是见证方的。', 'this is the key of a log and not of a witness.');
  }
  return verifier;
};

/** A setting that is wrong is told as one, whatever is wrong in it. */
const readKey = (text: string, key: string): Verifier => {
  try {
    return parseVerifierKey(key);
  } catch (error) {
    throw error instanceof DomainError ? placeInvalid(text, error.message, error.messageEn) : error;
  }
};
