import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import { openCheckpoint } from '../../../src/audit/proofs/checkpoint';
import { openWitnessSigner } from '../../../src/audit/proofs/key-file';
import { Ed25519Cosigner } from '../../../src/audit/proofs/signer';
import { parseVerifierKey } from '../../../src/audit/proofs/verifier';
import { formatAddCheckpoint } from '../../../src/audit/proofs/witness';
import { originHash } from '../../../src/audit/witnessing/witness-book';
import {
  type RunningWitness,
  startWitness,
  type WitnessServerOptions,
} from '../../../src/audit/witnessing/witness-server';
import { consistencyProof } from '../../../src/event-log/tree/merkle-proof';
import { subtreesOf } from '../../../src/event-log/tree/tree-store';
import type { DomainError } from '../../../src/platform/domain-error';
import { sampleEvents } from '../proofs/ledger-sample';
import { changed, scratch, SealedLog } from './sealed-log';

const events = sampleEvents(1000);
const running: RunningWitness[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const witness of running.splice(0)) await witness.stop();
  for (const server of servers.splice(0)) server.close();
});

const witnessOf = async (
  key: string,
  directory = scratch(),
  options: Partial<WitnessServerOptions> = {},
): Promise<RunningWitness & { readonly place: string }> => {
  const signer = openWitnessSigner(join(directory, 'witness-key.pem'));
  const logs = [parseVerifierKey(key)];
  const witness = await startWitness({ signer, logs, directory, host: '127.0.0.1', port: 0, ...options });
  running.push(witness);
  return { ...witness, place: `${witness.url}#${signer.verifierKey}` };
};

const keyIn = (place: string) => parseVerifierKey(place.slice(place.indexOf('#') + 1));

/** A log with a witness that it publishes to, as two programs that have exchanged keys. */
const witnessedLog = async (directory = scratch()) => {
  const first = new SealedLog({}, events);
  const logKey = await first.desk.verifierKey();
  const witness = await witnessOf(logKey, directory);
  const sealed = first.over(events, { places: [witness.place] });
  return { sealed, witness, logKey, directory };
};

const post = (url: string, body: string) => fetch(`${url}/add-checkpoint`, { method: 'POST', body });

describe('a witness over HTTP', () => {
  it('cosigns what grows, and the kept note carries the cosignature', async () => {
    const { sealed, witness, logKey } = await witnessedLog();
    for (const size of [300, 700]) {
      await sealed.grow(size);
      const kept = await sealed.desk.make();
      const opened = openCheckpoint(kept.note, {
        log: [parseVerifierKey(logKey)],
        witnesses: [keyIn(witness.place)],
        witnessesNeeded: 1,
      });
      expect(opened.checkpoint.size).toBe(size);
      expect(opened.cosignatures[0]?.timestamp).toBeGreaterThan(1_700_000_000);
      expect((await sealed.desk.latest())?.note).toBe(kept.note);
    }
  });

  it('gives the last checkpoint of a log to monitors, with both signatures', async () => {
    const { sealed, witness, logKey } = await witnessedLog();
    const origin = parseVerifierKey(logKey).name;
    const address = `${witness.url}/${originHash(origin)}/checkpoint`;
    expect((await fetch(address)).status).toBe(404);
    await sealed.grow(300);
    const kept = await sealed.desk.make();
    const retrieved = await fetch(address);
    expect(retrieved.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await retrieved.text()).toBe(kept.note);
  });

  it('remembers over a restart: a rewritten log is not cosigned, and its maker is told loudly', async () => {
    const { sealed, witness, directory, logKey } = await witnessedLog();
    await sealed.grow(700);
    await sealed.desk.make();
    await running.splice(0)[0]?.stop();
    const again = await witnessOf(logKey, directory);
    expect(keyIn(again.place)).toEqual(keyIn(witness.place));

    // The owner of the data deletes notes and log, and keeps the key.
    const forger = new SealedLog({ places: [again.place] }, changed(events, 3));
    const key = readFileSync(join(sealed.dataDirectory, 'log-key.pem'), 'utf8');
    writeFileSync(join(forger.dataDirectory, 'log-key.pem'), key);
    for (const [size, why] of [
      [600, '700 > 600'],
      [900, 'HTTP 422'],
    ] as const) {
      await forger.grow(size);
      const failure = await forger.desk.make().catch((error: unknown) => error as DomainError);
      expect(failure).toMatchObject({ kind: 'verification', code: 'WITNESS_CONTRADICTS' });
      expect((failure as DomainError).message).toContain(why);
    }
  });

  it('is caught up when the log has forgotten what was cosigned', async () => {
    const { sealed, witness } = await witnessedLog();
    await sealed.grow(300);
    await sealed.desk.make();
    const { rmSync } = await import('node:fs');
    rmSync(join(sealed.dataDirectory, 'checkpoints'), { recursive: true });
    await sealed.grow(500);
    expect((await sealed.desk.make()).note).toContain(keyIn(witness.place).name);
  });

  it('keeps what it cosigned before it answers, every checkpoint in a file of its own', async () => {
    const { sealed, directory, logKey } = await witnessedLog();
    const folder = join(directory, originHash(parseVerifierKey(logKey).name));
    for (const size of [100, 200, 300]) {
      await sealed.grow(size);
      const kept = await sealed.desk.make();
      const files = readdirSync(folder).sort();
      expect(readFileSync(join(folder, files.at(-1) ?? ''), 'utf8')).toBe(kept.note);
    }
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('never cosigns two futures, also as two processes on one directory', async () => {
    const directory = scratch();
    const { sealed, logKey } = await witnessedLog(directory);
    await sealed.grow(300);
    await sealed.desk.make();
    const witnesses = [await witnessOf(logKey, directory), await witnessOf(logKey, directory)];
    const branches = [sealed, sealed.over(changed(events, 400))];
    const answers = await Promise.all(
      branches.map(async (branch, index) => {
        await branch.grow(500);
        // Each branch is consistent with what was cosigned, and not with the other.
        const { note } = await new SealedLog({
          dataDirectory: scratch(),
          signer: signerOf(sealed),
          tree: () => branch.log.tree,
        }).desk.make();
        const proof = await consistencyProof(300, 500, subtreesOf(branch.log.tree, 500));
        return post(witnesses[index]?.url ?? '', formatAddCheckpoint({ oldSize: 300, proof, checkpoint: note }));
      }),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.headers.get('content-type')).toBe('text/x.tlog.size');
    expect(await refused?.text()).toBe('500\n');
  });

  it('does not start on a book that it has not written, and names the file', async () => {
    const { sealed, directory, logKey } = await witnessedLog();
    for (const size of [300, 700]) {
      await sealed.grow(size);
      await sealed.desk.make();
    }
    const folder = join(directory, originHash(parseVerifierKey(logKey).name));
    const [first = '', second = ''] = readdirSync(folder).sort();
    const last = join(folder, second);
    const genuine = readFileSync(last, 'utf8');
    const older = readFileSync(join(folder, first), 'utf8');
    const signatures = genuine.split('\n');
    const stranger = scratch();
    openWitnessSigner(join(stranger, 'witness-key.pem'));
    const forgeries: readonly (readonly [string, string])[] = [
      ['cut off', genuine.slice(0, 40)],
      ['nothing', ''],
      ['another size', genuine.replace('\n700\n', '\n600\n')],
      ['without its own signature', [...signatures.slice(0, -2), ''].join('\n')],
      ['an older entry under a newer number', older],
    ];
    for (const [what, note] of forgeries) {
      writeFileSync(last, note);
      const failure = await witnessOf(logKey, directory).catch((error: unknown) => error as DomainError);
      expect([what, failure]).toEqual([what, expect.objectContaining({ code: 'WITNESS_BOOK_DAMAGED' })]);
      expect((failure as DomainError).message).toContain(last);
    }
    writeFileSync(last, genuine);
    copyFileSync(join(stranger, 'witness-key.pem'), join(directory, 'witness-key.pem'));
    await expect(witnessOf(logKey, directory)).rejects.toMatchObject({ kind: 'verification' });
  });

  it('cuts off who is slow when it says so, and nothing of its own is wrong', async () => {
    const defects: unknown[] = [];
    const witness = await witnessOf(await new SealedLog().desk.verifierKey(), scratch(), {
      requestTimeoutMs: 300,
      onDefect: (error) => defects.push(error),
    });
    const { port } = new URL(witness.url);
    const cutAfter = (said: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const begun = performance.now();
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(said));
        socket.on('error', reject).on('data', () => undefined);
        socket.on('close', () => resolve(performance.now() - begun));
      });
    const slow = 'POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 100\r\n\r\nold 0';
    for (const said of [slow, slow.slice(0, 30)]) expect(await cutAfter(said)).toBeLessThan(10_000);
    expect(defects).toEqual([]);
  });

  it('stops although somebody has begun to ask and says nothing more', async () => {
    const { witness } = await witnessedLog();
    const socket = connect(Number(new URL(witness.url).port), '127.0.0.1');
    await new Promise((resolve) => socket.write('POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n', resolve));
    const closed = new Promise((resolve) => socket.on('close', resolve).on('error', () => undefined));
    for (const each of running.splice(0)) await each.stop();
    await closed;
  });

  it('answers as the protocol says', async () => {
    const { sealed, witness } = await witnessedLog();
    await sealed.grow(100);
    // One that is published nowhere, so that the witness has not seen it.
    const note = (await sealed.desk.covering(100))?.note ?? '';
    const first = formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: note });
    expect((await post(witness.url, 'rubbish')).status).toBe(400);
    expect((await post(witness.url, first.replace('\n100\n', '\n101\n'))).status).toBe(403);
    expect((await post(witness.url, first.replace('yichi.local', 'other.local'))).status).toBe(404);
    expect((await post(witness.url, 'x'.repeat(200_000))).status).toBe(413);
    expect((await fetch(`${witness.url}/add-checkpoint`)).status).toBe(405);
    const cosigned = await post(witness.url, first);
    expect([cosigned.status, await cosigned.text()]).toEqual([200, expect.stringMatching(/^— [^\n]+\n$/)]);
    const repeated = await post(witness.url, first);
    expect([repeated.status, repeated.headers.get('content-type'), await repeated.text()]).toEqual([
      409,
      'text/x.tlog.size',
      '100\n',
    ]);
    expect(await (await fetch(witness.url)).text()).toContain(keyIn(witness.place).name);
  });
});

const signerOf = (sealed: SealedLog) => async () => {
  const { openLogSigner } = await import('../../../src/audit/proofs/key-file');
  return openLogSigner(join(sealed.dataDirectory, 'log-key.pem'));
};

describe('a witness that fails', () => {
  const cosigner = new Ed25519Cosigner('w.example', generateKeyPairSync('ed25519').privateKey);

  /** Where somebody listened, and nobody does any more. */
  const leftAlone = async (): Promise<string> => {
    const place = await answering(200, '');
    const server = servers.pop();
    await new Promise((resolve) => server?.close(resolve));
    return place;
  };

  const answering = async (status: number, body: string, type = 'text/plain'): Promise<string> => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/w#${cosigner.verifierKey}`;
  };

  it.each([
    ['is down', () => leftAlone(), 'CHECKPOINT_PLACE_UNREACHABLE'],
    ['does not know the log', () => answering(404, 'no\n'), 'WITNESS_UNWILLING'],
    ['has a defect', () => answering(500, 'oops\n'), 'CHECKPOINT_PLACE_UNREACHABLE'],
    ['sends rubbish', () => answering(200, 'thanks\n'), 'CHECKPOINT_PLACE_UNREACHABLE'],
    [
      'signs with another key',
      () => answering(200, '— w.example AAAAAAAAAABk8pHIzRjWFn/jzFLg4RVKn1qBJBvpEV2Nm5FZ5RBkpXM=\n'),
      'CHECKPOINT_PLACE_UNREACHABLE',
    ],
    ['sends without end', () => answering(200, 'x'.repeat(1_000_000)), 'CHECKPOINT_PLACE_UNREACHABLE'],
    ['redirects', () => answering(307, ''), 'CHECKPOINT_PLACE_UNREACHABLE'],
  ])('that %s does not stop the ledger', async (_, placeOf, code) => {
    const sealed = new SealedLog({ places: [await placeOf()] }, events);
    await sealed.grow(100);
    const troubles: DomainError[] = [];
    const kept = await sealed.desk.make((trouble) => troubles.push(trouble));
    expect(kept.size).toBe(100);
    expect(kept.note).not.toContain('w.example');
    expect(troubles.map((trouble) => trouble.code)).toEqual([code]);
  });

  it('is said to be down in words, and not in those of the system', async () => {
    const sealed = new SealedLog({ places: [await leftAlone()] }, events);
    await sealed.grow(100);
    const troubles: DomainError[] = [];
    await sealed.desk.make((trouble) => troubles.push(trouble));
    expect(troubles[0]?.message).toMatch(/：对方没有在该地址提供服务$/);
    expect(troubles[0]?.messageEn).toMatch(/: nothing listens at its address$/);
  });

  it('is tried again with the next checkpoint', async () => {
    const { sealed, logKey } = await witnessedLog();
    await running.splice(0)[0]?.stop();
    await sealed.grow(100);
    const troubles: DomainError[] = [];
    await sealed.desk.make((trouble) => troubles.push(trouble));
    expect(troubles).toHaveLength(1);
    const back = await witnessOf(logKey);
    const again = sealed.over(events, { places: [back.place] });
    await again.grow(100);
    expect((await again.desk.make()).note).toContain(keyIn(back.place).name);
  });
});
