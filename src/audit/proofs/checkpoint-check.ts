import { type Hash, sameHash } from '../../event-log/tree/merkle-hash';
import type { TreeFrontier } from '../../event-log/tree/merkle-tree';
import { DomainError } from '../../platform/domain-error';
import { type Checkpoint, openCheckpoint, type TrustedKeys } from './checkpoint';
import { type Finding, finding } from './finding';
import type { VerifiedSignature } from './note';
import { noteMisnamed } from './proof-failure';
import type { Verifier } from './verifier';

/** A checkpoint that somebody has kept. */
export interface KnownCheckpoint {
  /** Where it comes from, for people: a file, an address. */
  readonly source: string;
  /** The signed note. */
  readonly note: string | Uint8Array;
  /** Where the source's name says of how many events it is. */
  readonly sizeInName?: number;
  /** A copy of another one, which is looked at and not counted. */
  readonly isCopy?: boolean;
}

export interface Trust {
  /** In any order. */
  readonly checkpoints: readonly KnownCheckpoint[];
  readonly keys: TrustedKeys;
}

/** A witness whose key is trusted, and the largest tree that it has cosigned and that fits; 0: none. */
export interface WitnessedSize {
  readonly name: string;
  readonly size: number;
}

interface ReadCheckpoint {
  readonly source: string;
  readonly isCopy: boolean;
  readonly checkpoint: Checkpoint;
  readonly cosignatures: readonly VerifiedSignature[];
  fits: boolean | null;
}

/** Known checkpoints, held against the tree while it grows. */
export class CheckpointCheck {
  readonly #bySize: readonly ReadCheckpoint[];
  readonly #untrusted: Finding[] = [];
  readonly #witnesses: readonly Verifier[];
  #next = 0;

  constructor({ checkpoints, keys }: Trust) {
    const read: ReadCheckpoint[] = [];
    this.#witnesses = keys.witnesses ?? [];
    for (const { source, note, sizeInName, isCopy = false } of checkpoints) {
      try {
        const { checkpoint, cosignatures } = openCheckpoint(note, keys);
        const { size } = checkpoint;
        if (sizeInName !== undefined && sizeInName !== size) throw noteMisnamed(size, sizeInName);
        read.push({ source, isCopy, checkpoint, cosignatures, fits: null });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        this.#untrusted.push(notTrusted(source, error));
      }
    }
    this.#bySize = read.sort((left, right) => left.checkpoint.size - right.checkpoint.size);
  }

  get fitting(): number {
    return this.#bySize.filter(({ fits, isCopy }) => fits === true && !isCopy).length;
  }

  /** Events that the newest fitting checkpoint covers: what comes after them nobody has vouched for yet. */
  get covered(): number {
    return this.#bySize.findLast(({ fits }) => fits === true)?.checkpoint.size ?? 0;
  }

  witnesses(): readonly WitnessedSize[] {
    return this.#witnesses.map(({ name, keyId }) => {
      const cosigned = this.#bySize.findLast(
        ({ fits, cosignatures }) =>
          fits === true && cosignatures.some((each) => each.name === name && each.keyId === keyId),
      );
      return { name, size: cosigned?.checkpoint.size ?? 0 };
    });
  }

  meet(frontier: TreeFrontier): void {
    for (;;) {
      const next = this.#bySize[this.#next];
      if (next === undefined || next.checkpoint.size > frontier.size) return;
      next.fits = sameHash(frontier.root(), next.checkpoint.root);
      this.#next += 1;
    }
  }

  /** The same for a whole tree whose roots can be asked for. */
  async meetAll(size: number, rootAt: (size: number) => Promise<Hash>): Promise<void> {
    for (const each of this.#bySize) {
      const { checkpoint } = each;
      if (checkpoint.size <= size) each.fits = sameHash(await rootAt(checkpoint.size), checkpoint.root);
    }
  }

  findings(events: number): readonly Finding[] {
    const findings = [...this.#untrusted];
    let lastFitting = 0;
    for (const { source, checkpoint, fits } of this.#bySize) {
      if (fits === null) findings.push(beyondLog(source, checkpoint.size, events));
      else if (fits) lastFitting = checkpoint.size;
      else findings.push(rootDiffers(source, checkpoint.size, lastFitting));
    }
    for (const { name, size } of this.witnesses()) if (size === 0) findings.push(cosignatureMissing(name));
    return findings;
  }
}

const notTrusted = (source: string, why: DomainError): Finding =>
  finding(
    'CHECKPOINT_NOT_TRUSTED',
    null,
    `检查点 ${source} 不可信：${why.message}`,
    `checkpoint ${source} is not to be trusted: ${why.messageEn}`,
  );

const beyondLog = (source: string, size: number, events: number): Finding =>
  finding(
    'CHECKPOINT_BEYOND_LOG',
    events + 1,
    `检查点 ${source} 证明曾有 ${size} 条事件，现只有 ${events} 条：末尾被删除，或恢复了较旧的备份`,
    `checkpoint ${source} proves ${size} events, but there are ${events}: the tail was deleted, or an older backup restored`,
  );

const rootDiffers = (source: string, size: number, lastFitting: number): Finding =>
  finding(
    'CHECKPOINT_ROOT_DIFFERS',
    lastFitting + 1,
    `位置 ${lastFitting + 1} 至 ${size} 的事件不是检查点 ${source} 证明的那些：有改动、增删或换序`,
    `the events at positions ${lastFitting + 1} to ${size} are not those that checkpoint ${source} proves`,
  );

const cosignatureMissing = (name: string): Finding =>
  finding(
    'COSIGNATURE_MISSING',
    null,
    `没有一个相符的检查点带有见证方 ${name} 的签名`,
    `no checkpoint that fits has a cosignature of witness ${name}`,
  );
