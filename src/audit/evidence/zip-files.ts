import { type AsyncZippable, zip } from 'fflate';

/** The same moment in every time zone: an archive holds the local time without saying where. */
const NO_TIME = new Date(1980, 0, 1, 12);

/** Hashes and proofs shrink little, so that working harder on them gains nothing. */
const LEVEL = 3;

/** The same files give the same archive, byte for byte: sorted by name, without times, made by one packer everywhere. */
export const zipFiles = (files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> => {
  const sorted = [...files].sort(([left], [right]) => (left < right ? -1 : 1));
  const entries: AsyncZippable = Object.fromEntries(sorted);
  return new Promise((resolve, reject) => {
    zip(entries, { level: LEVEL, mtime: NO_TIME }, (error, archive) => {
      if (error === null) resolve(archive);
      else reject(error);
    });
  });
};
