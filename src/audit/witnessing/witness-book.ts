import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DomainError } from '../../platform/domain-error';
import { createDurably } from '../../platform/durable-file';
import { makeDirectory } from '../../platform/make-directory';
import { type Cause, causeOf } from '../../platform/system-cause';
import { parseCheckpoint } from '../proofs/checkpoint';
import { parseNote, verifyNote } from '../proofs/note';
import type { Verifier } from '../proofs/verifier';
import type { Witnessed } from '../proofs/witness';

const NUMBER_DIGITS = 12;
const ENTRY_FILE = /^\d{12}\.checkpoint$/;

/** How a log's origin is named in addresses and directories: C2SP tlog-witness, monitor retrieval. */
export const originHash = (origin: string): string => createHash('sha256').update(origin, 'utf8').digest('hex');

/**
 * What a witness has cosigned of one log, entry after entry. Each entry is a file whose number is one more than the
 * last one's and which only one writer can create, so that two processes on one directory cannot both go on from the
 * same entry: that would be cosigning a fork. What lies there is believed only with the witness's own signature, because
 * everything that it will cosign rests on it.
 */
export class WitnessBook {
  readonly #directory: string;
  readonly #origin: string;
  readonly #own: Verifier;
  #entries: number;
  #last: Witnessed | null;

  /**
   * @param own the witness's own key
   * @throws DomainError WITNESS_BOOK_DAMAGED with the file
   */
  constructor(directory: string, origin: string, own: Verifier) {
    this.#directory = join(directory, originHash(origin));
    this.#origin = origin;
    this.#own = own;
    makeDirectory(this.#directory);
    this.#entries = 0;
    this.#last = null;
    this.refresh();
  }

  /** What was cosigned last; null: nothing yet. */
  get last(): Witnessed | null {
    return this.#last;
  }

  /** Reads the last entry again, which another process may have written. @throws DomainError WITNESS_BOOK_DAMAGED */
  refresh(): void {
    const names = readdirSync(this.#directory)
      .filter((name) => ENTRY_FILE.test(name))
      .sort();
    const [before, name] = [names.at(-2), names.at(-1)];
    this.#entries = name === undefined ? 0 : Number(name.slice(0, NUMBER_DIGITS));
    this.#last = name === undefined ? null : this.#read(name);
    const earlier = before === undefined ? null : this.#read(before);
    if (name !== undefined && earlier !== null && (this.#last?.size ?? 0) <= earlier.size) {
      // An older entry under a new number would have a rewritten log cosigned.
      throw bookDamaged(join(this.#directory, name), {
        zh: `它的条数不大于前一份（${earlier.size} 条）。`,
        en: `it is not of more events than the one before it (${earlier.size}).`,
      });
    }
  }

  /** Enters what was cosigned, durably; false when somebody else has made that entry before. */
  enter(witnessed: Witnessed): boolean {
    const number = this.#entries + 1;
    const file = join(this.#directory, `${String(number).padStart(NUMBER_DIGITS, '0')}.checkpoint`);
    if (!createDurably(file, witnessed.note)) {
      this.refresh();
      return false;
    }
    this.#entries = number;
    this.#last = witnessed;
    return true;
  }

  /** The last entry was cosigned once more; the time of that is not entered, and yet no later one may be before it. */
  repeated({ timestamp }: Witnessed): void {
    if (this.#last !== null) this.#last = { ...this.#last, timestamp };
  }

  #read(name: string): Witnessed {
    const file = join(this.#directory, name);
    try {
      const note = readFileSync(file, 'utf8');
      const parsed = parseNote(note);
      const { origin, size, root } = parseCheckpoint(parsed.text);
      const [own] = verifyNote(parsed, [this.#own]);
      if (origin === this.#origin) return { size, root, note, timestamp: own?.timestamp ?? 0 };
      throw bookDamaged(file, { zh: `它是另一账本 ${origin} 的。`, en: `it is of another log, ${origin}.` });
    } catch (error) {
      if (error instanceof DomainError && error.code === BOOK_DAMAGED) throw error;
      const isOurs = error instanceof DomainError;
      throw bookDamaged(file, isOurs ? { zh: error.message, en: error.messageEn } : causeOf(error), error);
    }
  }
}

const BOOK_DAMAGED = 'WITNESS_BOOK_DAMAGED';

const bookDamaged = (file: string, { zh, en }: Cause, cause?: unknown): DomainError => {
  const failure = new DomainError('verification', {
    code: BOOK_DAMAGED,
    message: `见证记录 ${file} 不可信，见证方据此不能再签名：${zh}`,
    messageEn: `The witness's record ${file} is not to be trusted, and nothing can be cosigned on it: ${en}`,
    remedy:
      '保留该文件备查，从备份恢复见证目录；密钥和 --name 须与签下它时相同。不要只删除它：那样会为改写过的账本签名。',
    remedyEn:
      'Keep it as evidence and restore the witness’s directory from a backup, with the key and the --name that signed it. Do not just delete it: a rewritten log would then be cosigned.',
    parameters: { file, detail: en },
  });
  if (cause !== undefined) failure.cause = cause;
  return failure;
};
