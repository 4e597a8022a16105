import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { noCheckpoint, noTree } from '../../audit/checkpoints/checkpoint-failure';
import { encodeEntryBundle, framingFor } from '../../audit/proofs/entry-bundle';
import type { LogTree } from '../../event-log/tree/log-tree';
import { parseTilePath, TILE_WIDTH, type TileResource, tileWidth } from '../../event-log/tree/tiles';
import type { Ledger } from '../../ledger/ledger';
import { DomainError } from '../../platform/domain-error';

const compress = promisify(gzip);

/** One answer of the log: bytes, what they are, and how long they may be kept. */
export interface LogResource {
  readonly body: Uint8Array | string;
  readonly type: string;
  readonly caching: string;
}

/** What a path names never changes once it is there. */
const FOREVER = 'max-age=31536000, immutable';
const BYTES = 'application/octet-stream';

/** @throws DomainError CHECKPOINT_NONE */
export const newestCheckpoint = async ({ checkpoints }: Ledger): Promise<LogResource> => {
  const latest = await checkpoints.latest();
  if (latest === null) throw noCheckpoint();
  return { body: latest.note, type: 'text/plain; charset=utf-8', caching: 'no-cache' };
};

/**
 * Hashes of the tree, which tell nothing of the events to somebody who does not have them already.
 * @throws DomainError TILE_NOT_FOUND
 */
export const hashTile = async ({ log }: Ledger, path: string): Promise<LogResource> => {
  const { tree, resource } = await resourceAt(log.tree, log.engine, path);
  if (resource.kind !== 'tile') throw tileNotFound(path);
  const { level, index, width } = resource;
  return { body: await tree.readTile({ level, index, width }), type: BYTES, caching: `public, ${FOREVER}` };
};

/**
 * The events of a level-0 tile as stored bytes.
 * @throws DomainError TILE_NOT_FOUND, ENTRY_TOO_LARGE
 */
export const entryBundle = async ({ log }: Ledger, path: string): Promise<LogResource> => {
  const { tree, resource } = await resourceAt(log.tree, log.engine, path);
  if (resource.kind === 'tile') throw tileNotFound(path);
  const { kind, index, width } = resource;
  const leaves = (await tree.readLeaves(index * TILE_WIDTH, width)).map(({ bytes }) => bytes);
  const framing = kind === 'wide-entries' ? 'wide' : 'standard';
  if (framing === 'standard' && framingFor(leaves) === 'wide') throw entryTooLarge(path);
  return { body: encodeEntryBundle(leaves, framing), type: BYTES, caching: `private, ${FOREVER}` };
};

/** A body as it goes over the line: events compress well, hashes do not at all. */
export const compressed = async (body: Uint8Array | string): Promise<Buffer> => compress(body);

const resourceAt = async (
  tree: LogTree | undefined,
  engine: string,
  path: string,
): Promise<{ readonly tree: LogTree; readonly resource: TileResource }> => {
  if (tree === undefined) throw noTree(engine);
  const resource = parseTilePath(path);
  if (resource === null) throw tileNotFound(path);
  const level = resource.kind === 'tile' ? resource.level : 0;
  if (resource.width > tileWidth(await tree.size(), level, resource.index)) throw tileNotFound(path);
  return { tree, resource };
};

const tileNotFound = (path: string): DomainError =>
  new DomainError('not-found', {
    code: 'TILE_NOT_FOUND',
    message: `没有 ${path}。`,
    messageEn: `There is no ${path}.`,
    remedy: '路径按 C2SP tlog-tiles，以 /log/checkpoint 的条数为限。',
    remedyEn: 'Paths are those of C2SP tlog-tiles, within the size that /log/checkpoint tells.',
    parameters: { path },
  });

const entryTooLarge = (path: string): DomainError => {
  const wide = path.replace(/^tile\/(data|entries)\//, 'tile/wide/');
  return new DomainError('not-found', {
    code: 'ENTRY_TOO_LARGE',
    message: `${path} 中有超过 65,535 字节的事件，tlog-tiles 的 16 位长度写不下。`,
    messageEn: `${path} has an event of more than 65,535 bytes, which the 16-bit lengths of tlog-tiles cannot hold.`,
    remedy: `改取 /log/${wide}（长度为 32 位，其余相同）。`,
    remedyEn: `Ask for /log/${wide}, where lengths have 32 bits and all else is the same.`,
    parameters: { path, wide: `/log/${wide}` },
  });
};
