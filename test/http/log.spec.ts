import { gunzipSync } from 'node:zlib';

import { openCheckpoint } from '../../src/audit/proofs/checkpoint';
import { decodeEntryBundle } from '../../src/audit/proofs/entry-bundle';
import { parseProof, verifyProof } from '../../src/audit/proofs/tlog-proof';
import { parseVerifierKey, type Verifier } from '../../src/audit/proofs/verifier';
import { leafHash } from '../../src/event-log/tree/merkle-hash';
import { verifyConsistency } from '../../src/event-log/tree/merkle-proof';
import { MemoryTreeStore } from '../../src/event-log/tree/memory-tree-store';
import { rootAt, type TreeReader } from '../../src/event-log/tree/tree-store';
import { tilePath, tileWidth } from '../../src/event-log/tree/tiles';
import { commandIdFrom, eventId } from '../../src/event-log/event-id';
import { sampleEvents } from '../audit/proofs/ledger-sample';
import { Service } from './support/service';

const EVENTS = 600;

let service: Service;
let key: Verifier;

beforeAll(async () => {
  service = await Service.start();
  for (const sample of sampleEvents(EVENTS)) {
    // Their money is nobody's: to the read model they are events like any other.
    const event = { ...sample, stream: sample.stream.replace('pool', 'sample') };
    await service.ledger.log.append({ stream: event.stream, expectedRevision: event.revision - 1, events: [event] });
  }
  await service.get(`purposes?waitFor=${EVENTS}`);
  await service.ledger.checkpoints.make();
  key = parseVerifierKey(await service.ledger.checkpoints.verifierKey());
});
afterAll(() => service.close());

const bytesAt = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${service.server.url}/log/${path}`, { headers });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
};

const withToken = async (more: Record<string, string> = {}) => ({
  authorization: `Bearer ${await service.token()}`,
  ...more,
});

const problemOf = ({ bytes }: { readonly bytes: Buffer }) =>
  JSON.parse(bytes.toString('utf8')) as { readonly code: string; readonly remedyEn: string };

describe('the log over HTTP (C2SP tlog-tiles)', () => {
  it('gives the newest checkpoint to anybody, not to be cached', async () => {
    const { status, headers, bytes } = await bytesAt('checkpoint');
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      'text/plain; charset=utf-8',
      'no-cache',
    ]);
    expect(openCheckpoint(bytes, { log: [key] }).checkpoint).toMatchObject({ size: EVENTS, origin: key.name });
  });

  it('gives hash tiles to anybody, for ever, from which the root of any size can be computed', async () => {
    const remote: TreeReader = {
      size: async () => EVENTS,
      readTile: async ({ level, index, width }) => {
        const { status, headers, bytes } = await bytesAt(
          tilePath({ level, index, width: tileWidth(EVENTS, level, index) }),
        );
        expect([status, headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
        expect(headers.get('cache-control')).toMatch(/^public, max-age=\d{8}, immutable$/);
        return bytes.subarray(0, width * 32);
      },
    };
    const { checkpoint } = openCheckpoint((await bytesAt('checkpoint')).bytes, { log: [key] });
    expect(await rootAt(remote, EVENTS)).toEqual(checkpoint.root);
    const tree = service.ledger.log.tree;
    if (tree === undefined) throw new Error('the log has no tree');
    expect(await rootAt(remote, 300)).toEqual(await rootAt(tree, 300));
  });

  it('gives the events themselves only to who has a token, each bundle hashing to its tile', async () => {
    const rebuilt = new MemoryTreeStore();
    for (const path of ['000', '001', '002.p/88']) {
      expect((await bytesAt(`tile/data/${path}`)).status).toBe(401);
      const data = await bytesAt(`tile/data/${path}`, await withToken({ 'accept-encoding': 'identity' }));
      expect([data.status, data.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
      expect(data.headers.get('cache-control')).toMatch(/^private, max-age=\d{8}, immutable$/);
      const entries = await bytesAt(`tile/entries/${path}`, await withToken());
      expect(entries.bytes.equals(data.bytes)).toBe(true);
      const wide = await bytesAt(`tile/wide/${path}`, await withToken());
      const leaves = decodeEntryBundle(data.bytes);
      expect(Buffer.concat(decodeEntryBundle(wide.bytes, 'wide')).equals(Buffer.concat(leaves))).toBe(true);
      rebuilt.append(leaves.map((leaf) => leafHash(leaf)));
    }
    expect(rebuilt.root()).toEqual(openCheckpoint((await bytesAt('checkpoint')).bytes, { log: [key] }).checkpoint.root);
  });

  it('compresses events for who asks for it', async () => {
    const headers = await withToken({ 'accept-encoding': 'br, gzip;q=0.5' });
    const response = await fetch(`${service.server.url}/log/tile/data/000`, { headers });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(decodeEntryBundle(Buffer.from(await response.arrayBuffer()))).toHaveLength(256);
    for (const encoding of ['identity', 'gzip;q=0', 'br']) {
      const plain = await bytesAt('tile/data/000', await withToken({ 'accept-encoding': encoding }));
      expect([encoding, plain.headers.get('content-encoding')]).toEqual([encoding, null]);
      expect(() => gunzipSync(plain.bytes)).toThrow();
    }
  });

  it.each([
    'tile/0/003',
    'tile/0/002',
    'tile/0/002.p/89',
    'tile/0/000.p/256',
    'tile/0/0',
    'tile/00/000',
    'tile/1/001',
    'tile/data/003',
    'tile/8/x000/000',
    'tile/0/%2e%2e/000',
    'tile/secret',
  ])('has no %s', async (path) => {
    const answer = await bytesAt(path, await withToken());
    expect([answer.status, problemOf(answer).code]).toEqual([404, 'TILE_NOT_FOUND']);
    expect(answer.headers.get('cache-control')).toBeNull();
  });

  it('names the wide bundle where an event is too large for the standard one', async () => {
    const commandId = commandIdFrom('large');
    const [sample] = sampleEvents(1);
    if (sample === undefined) throw new Error('no sample');
    const revision = (await service.ledger.log.readStream('project-large', 0, 1)).length - 1;
    await service.ledger.log.append({
      stream: 'project-large',
      expectedRevision: revision,
      events: [
        {
          ...sample,
          id: eventId(commandId, 0),
          commandId,
          stream: 'project-large',
          revision: revision + 1,
          type: 'Remarked',
          data: { text: '长'.repeat(30_000) },
        },
      ],
    });
    const standard = await bytesAt('tile/data/002.p/89', await withToken());
    expect([standard.status, problemOf(standard).code]).toEqual([404, 'ENTRY_TOO_LARGE']);
    expect(problemOf(standard).remedyEn).toContain('/log/tile/wide/002.p/89');
    const wide = await bytesAt('tile/wide/002.p/89', await withToken());
    expect(decodeEntryBundle(wide.bytes, 'wide').at(-1)?.length).toBeGreaterThan(90_000);
    // The bundle of a smaller tree does not hold it.
    expect((await bytesAt('tile/data/002.p/88', await withToken())).status).toBe(200);
  });
});

describe('proofs over HTTP', () => {
  const idAt = async (position: number): Promise<string> => {
    const [stored] = await service.ledger.log.readAll(position - 1, 1);
    return (JSON.parse(stored?.canonical ?? '{}') as { id: string }).id;
  };

  it('proves any event, whole: leaf, path and checkpoint', async () => {
    for (const position of [1, 256, 257, EVENTS]) {
      const { status, body } = await service.get(`proofs/inclusion/${await idAt(position)}`);
      expect([status, body['position'], body['index']]).toEqual([200, String(position), position - 1]);
      const proof = parseProof(String(body['proof']));
      expect(proof.checkpoint).toBe(body['checkpoint']);
      const leaf = leafHash(String(body['leaf']));
      expect(verifyProof(proof, leaf, { log: [key] }).checkpoint.size).toBe(body['size']);
      expect(() => verifyProof(proof, leafHash(`${body['leaf']} `), { log: [key] })).toThrow();
    }
  });

  it('proves an event that came after the newest checkpoint under a new one', async () => {
    const { position, eventIds } = await service.stored('purposes', { purposeCode: 'NEU', name: '新用途' });
    const { body } = await service.get(`proofs/inclusion/${eventIds[0]}?waitFor=${position}`);
    expect(body['size']).toBe(Number(position));
    const proof = parseProof(String(body['proof']));
    expect(verifyProof(proof, leafHash(String(body['leaf'])), { log: [key] }).checkpoint.size).toBe(Number(position));
    // Whoever only reads leaves nothing behind on the disk.
    expect((await service.ledger.checkpoints.notes()).map(({ size }) => size)).not.toContain(Number(position));
  });

  it('proves that one size begins with the other', async () => {
    const { status, body } = await service.get(`proofs/consistency?from=300&to=${EVENTS}`);
    expect(status).toBe(200);
    const hashes = (body['hashes'] as string[]).map((each) => Buffer.from(each, 'base64'));
    const root = (name: string): Buffer => Buffer.from(String(body[name]), 'base64');
    expect(verifyConsistency(300, EVENTS, hashes, root('fromRoot'), root('toRoot'))).toBe(true);
    expect(openCheckpoint(String(body['checkpoint']), { log: [key] }).checkpoint.root).toEqual(root('toRoot'));
    expect((await service.get('proofs/consistency?from=0&to=10')).body).toMatchObject({ hashes: [], checkpoint: null });
  });

  it.each([
    ['consistency?from=10&to=5', 400, 'TREE_SIZE_INVALID'],
    ['consistency?from=1&to=99999', 400, 'TREE_SIZE_INVALID'],
    ['consistency?from=-1', 400, 'TREE_SIZE_INVALID'],
    ['inclusion/00000000-0000-5000-8000-000000000000', 404, 'EVENT_NOT_FOUND'],
  ])('%s is refused', async (path, status, code) => {
    expect(await service.get(`proofs/${path}`)).toMatchObject({ status, body: { code } });
  });

  it('every event that is shown says where its proof is', async () => {
    const { body: list } = await service.get('events?limit=3');
    const [event] = list['rows'] as { id: string }[];
    expect(list['links']).toEqual({ proof: '/api/v1/proofs/inclusion/{id}' });
    const { body: one } = await service.get(`events/${event?.id}`);
    expect(one['links']).toEqual({ proof: `/api/v1/proofs/inclusion/${event?.id}` });
    expect((await service.request(one['links'].proof, { headers: await withToken() })).status).toBe(200);
  });
});

it('has no checkpoint before one was made', async () => {
  const empty = await Service.start();
  try {
    const { status, body } = await empty.request('/log/checkpoint');
    expect([status, body['code']]).toEqual([404, 'CHECKPOINT_NONE']);
  } finally {
    await empty.close();
  }
});
