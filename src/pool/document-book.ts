import type { PoolEvent } from './pool-event';

/** A document in a pool, and the next one that has the same number. */
interface RecordedDocument {
  readonly type: PoolEvent['type'];
  readonly effectiveOn: string;
  readonly fingerprint: string;
  readonly next: RecordedDocument | null;
}

/**
 * The documents of a pool, each known by kind, number and date, with the fingerprint of the command that brought it.
 * Few documents share a number, so those of one number hang together and no key of all three has to be put together for each.
 */
export class DocumentBook {
  readonly #newestOfNumber = new Map<string, RecordedDocument>();

  put(type: PoolEvent['type'], documentNo: string, effectiveOn: string, fingerprint: string): void {
    this.#newestOfNumber.set(documentNo, {
      type,
      effectiveOn,
      fingerprint,
      next: this.#without(type, documentNo, effectiveOn),
    });
  }

  /** Undefined when there is no such document. */
  fingerprintOf(type: PoolEvent['type'], documentNo: string, effectiveOn: string): string | undefined {
    let document = this.#newestOfNumber.get(documentNo) ?? null;
    while (document !== null && !isThis(document, type, effectiveOn)) document = document.next;
    return document?.fingerprint;
  }

  delete(type: PoolEvent['type'], documentNo: string, effectiveOn: string): void {
    const rest = this.#without(type, documentNo, effectiveOn);
    if (rest === null) this.#newestOfNumber.delete(documentNo);
    else this.#newestOfNumber.set(documentNo, rest);
  }

  /** The documents of a number but for one. */
  #without(type: PoolEvent['type'], documentNo: string, effectiveOn: string): RecordedDocument | null {
    return without(this.#newestOfNumber.get(documentNo) ?? null, type, effectiveOn);
  }
}

const isThis = (document: RecordedDocument, type: PoolEvent['type'], effectiveOn: string): boolean =>
  document.type === type && document.effectiveOn === effectiveOn;

const without = (
  document: RecordedDocument | null,
  type: PoolEvent['type'],
  effectiveOn: string,
): RecordedDocument | null => {
  if (document === null) return null;
  if (isThis(document, type, effectiveOn)) return document.next;
  const next = without(document.next, type, effectiveOn);
  return next === document.next ? document : { ...document, next };
};
