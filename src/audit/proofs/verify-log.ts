import type { Position } from '../../event-log/event';
import { DomainError } from '../../platform/domain-error';
import { type Checkpoint, openCheckpoint, type TrustedKeys } from './checkpoint';
import type { VerifiedSignature } from './note';
import type { Verifier } from './verifier';
import type { StoredLeaf } from '../../event-log/tree/log-tree';
import { EventCheck } from './event-check';
import { type Finding, finding, type FindingCode } from './finding';
import { leafHash, sameHash } from '../../event-log/tree/merkle-hash';
import { TreeFrontier } from '../../event-log/tree/merkle-tree';
import { TreeCheck } from './tree-check';
import type { TreeReader } from '../../event-log/tree/tree-store';

/** A checkpoint that somebody has kept. */
export interface KnownCheckpoint {
  /** Where it comes from, for people: a file, an address. */
  readonly source: string;
  /** The signed note. */
  readonly note: string | Uint8Array;
}

export interface LogUnderTest {
  /** All events from the first one on, in pages of any size. */
  readonly events: AsyncIterable<readonly StoredLeaf[]>;
  /** The hashes that the engine keeps; null for an engine that keeps none. */
  readonly tree: TreeReader | null;
  /** Whether positions count from 1 without gaps, as those of the embedded log do, or only grow. */
  readonly positions: 'gapless' | 'growing';
}

export interface Trust {
  /** In any order. */
  readonly checkpoints: readonly KnownCheckpoint[];
  readonly keys: TrustedKeys;
}

export interface LogVerification {
  readonly ok: boolean;
  readonly events: number;
  /** Of the tree over the events as they are, base64. */
  readonly root: string;
  /** Checkpoints that the log was held against and fits. */
  readonly checkpoints: number;
  /** Each witness whose key is trusted, and the largest tree that it has cosigned and that fits; 0: none. */
  readonly witnesses: readonly { readonly name: string; readonly size: number }[];
  /** Faults found in events and tree first, by position; then those that checkpoints show. */
  readonly findings: readonly Finding[];
  /** Findings that were left out because there are many of their kind. */
  readonly omitted: number;
}

/** What follows from one deletion can be found ten thousand times; a person needs the first ones. */
const MAX_FINDINGS_OF_A_KIND = 20;

/** Progress is told every so many events. */
const PROGRESS_EVENTS = 10_000;

export interface VerifyOptions {
  readonly onProgress?: (events: number) => void;
  /** False: only the bytes, the tree and the checkpoints are looked at, and not what the events say. */
  readonly contents?: boolean;
  /** Findings of one kind that are told; the others are counted. */
  readonly findingsOfAKind?: number;
}

/** Findings, of each kind only the first ones. */
class FindingList {
  readonly #byCode = new Map<FindingCode, number>();
  readonly #ofAKind: number;
  readonly all: Finding[] = [];
  omitted = 0;

  constructor(ofAKind: number) {
    this.#ofAKind = ofAKind;
  }

  add(findings: readonly Finding[]): void {
    for (const found of findings) {
      const count = (this.#byCode.get(found.code) ?? 0) + 1;
      this.#byCode.set(found.code, count);
      if (count <= this.#ofAKind) this.all.push(found);
      else this.omitted += 1;
    }
  }
}

/**
 * Verifies a whole log: each event by itself, all in their order, the bytes against the tree that is kept of them, and
 * the tree against every checkpoint. It finds; it does not throw for what it finds.
 */
export const verifyLog = async (
  log: LogUnderTest,
  trust: Trust,
  options: VerifyOptions = {},
): Promise<LogVerification> => {
  const { onProgress, contents = true, findingsOfAKind = MAX_FINDINGS_OF_A_KIND } = options;
  const found = new FindingList(findingsOfAKind);
  const checkpoints = new CheckpointCheck(trust);
  const tree = log.tree === null ? null : await TreeCheck.open(log.tree);
  const eventCheck = new EventCheck();
  const frontier = new TreeFrontier();
  let last: Position = 0;
  checkpoints.meet(frontier);

  for await (const page of log.events) {
    for (const leaf of page) {
      const { position } = leaf;
      if (log.positions === 'gapless' ? position !== last + 1 : position <= last) {
        found.add([positionGap(last, position)]);
      }
      last = position;
      const hash = leafHash(leaf.bytes);
      frontier.append(hash);
      checkpoints.meet(frontier);
      // Where positions count, they say which hash is the event's even when others before it are gone.
      const index = log.positions === 'gapless' ? position - 1 : frontier.size - 1;
      if (tree !== null && Number.isSafeInteger(index) && index >= 0) {
        // Waiting costs as much as hashing, so it is done only where a tile has to be read.
        if (!tree.isAtHand(index)) found.add(await tree.turnTo(index));
        found.add(tree.checkLeaf(index, position, hash));
      }
      if (contents) found.add(eventCheck.check(leaf));
      if (frontier.size % PROGRESS_EVENTS === 0) onProgress?.(frontier.size);
    }
  }

  if (tree !== null) {
    if (tree.size !== frontier.size) found.add([treeSizeDiffers(tree.size, frontier.size)]);
    found.add(await tree.checkLevels());
  }
  found.all.sort((left, right) => (left.position ?? Infinity) - (right.position ?? Infinity));
  found.add(checkpoints.findings(frontier.size));
  onProgress?.(frontier.size);
  return {
    ok: found.all.length === 0,
    events: frontier.size,
    root: frontier.root().toString('base64'),
    checkpoints: checkpoints.fitting,
    witnesses: checkpoints.witnesses(),
    findings: found.all,
    omitted: found.omitted,
  };
};

interface ReadCheckpoint {
  readonly source: string;
  readonly checkpoint: Checkpoint;
  readonly cosignatures: readonly VerifiedSignature[];
  fits: boolean | null;
}

/** Known checkpoints, held against the tree while it grows. */
class CheckpointCheck {
  readonly #bySize: readonly ReadCheckpoint[];
  readonly #untrusted: Finding[] = [];
  readonly #witnesses: readonly Verifier[];
  #next = 0;

  constructor({ checkpoints, keys }: Trust) {
    const read: ReadCheckpoint[] = [];
    this.#witnesses = keys.witnesses ?? [];
    for (const { source, note } of checkpoints) {
      try {
        const { checkpoint, cosignatures } = openCheckpoint(note, keys);
        read.push({ source, checkpoint, cosignatures, fits: null });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        this.#untrusted.push(notTrusted(source, error));
      }
    }
    this.#bySize = read.sort((left, right) => left.checkpoint.size - right.checkpoint.size);
  }

  get fitting(): number {
    return this.#bySize.filter(({ fits }) => fits === true).length;
  }

  witnesses(): LogVerification['witnesses'] {
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

const positionGap = (last: Position, position: Position): Finding =>
  finding(
    'POSITION_GAP',
    last + 1,
    `位置 ${last} 之后是 ${position}：其间的事件被删除，或顺序被改动`,
    `position ${position} follows ${last}: events between them are gone, or their order was changed`,
  );

const treeSizeDiffers = (hashes: number, events: number): Finding =>
  finding(
    'TREE_SIZE_DIFFERS',
    Math.min(hashes, events) + 1,
    `哈希树有 ${hashes} 条，事件有 ${events} 条`,
    `the tree has ${hashes} leaves, the log ${events} events`,
  );

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
