import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/**
 * Tells files of one import that are the same, byte for byte, whatever their names. Rows of one document are one entry
 * over all files, so that a file that is named twice, or lies beside a copy of itself, would double every amount in it.
 */
export class RepeatedFiles {
  readonly #bySize = new Map<number, string[]>();

  /** The earlier file that this one equals; null when there is none. A file that cannot be read equals no other. */
  async earlierLike(file: string): Promise<string | null> {
    const size = await stat(file).then(
      (status) => (status.isFile() ? status.size : null),
      () => null,
    );
    if (size === null || size === 0) return null;
    const earlier = this.#bySize.get(size) ?? [];
    this.#bySize.set(size, [...earlier, file]);
    // Files of one size are seldom met with, so that hardly any is read for this.
    if (earlier.length === 0) return null;
    const digest = await digestOf(file);
    for (const other of earlier) if (digest !== null && (await digestOf(other)) === digest) return other;
    return null;
  }
}

const digestOf = async (file: string): Promise<string | null> => {
  const hash = createHash('sha256');
  return pipeline(createReadStream(file), hash).then(
    () => hash.digest('hex'),
    () => null,
  );
};
