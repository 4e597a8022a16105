import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';

import type { DomainError } from '../../../src/platform/domain-error';
import { verifyLedger } from '../../../src/audit/checkpoints/verify-ledger';
import { openCheckpoint } from '../../../src/audit/proofs/checkpoint';
import { Ed25519Signer } from '../../../src/audit/proofs/signer';
import { parseVerifierKey } from '../../../src/audit/proofs/verifier';
import { Ledger } from '../../../src/ledger/ledger';
import { sampleEvents } from '../proofs/ledger-sample';
import { changed, scratch, SealedLog } from './sealed-log';

const events = sampleEvents(1000);

const failureOf = async (making: Promise<unknown>): Promise<Partial<DomainError>> => {
  try {
    await making;
  } catch (error) {
    return error as DomainError;
  }
  throw new Error('a checkpoint was made');
};

describe('the checkpoint desk', () => {
  it('makes the key at first use, for its owner alone, and signs what can be opened with it', async () => {
    const sealed = new SealedLog();
    expect(await sealed.desk.latest()).toBeNull();
    expect(await sealed.desk.existingVerifierKey()).toBeNull();
    await sealed.grow(300);
    const kept = await sealed.desk.make();
    expect(statSync(join(sealed.dataDirectory, 'log-key.pem')).mode & 0o777).toBe(0o600);
    const key = parseVerifierKey(await sealed.desk.verifierKey());
    expect(openCheckpoint(kept.note, { log: [key] }).checkpoint).toMatchObject({ size: 300, origin: key.name });
    expect(key.name).toMatch(/^yichi\.local\/log\/[0-9a-f]{16}$/);
    expect(await sealed.desk.existingVerifierKey()).toBe(await sealed.desk.verifierKey());
  });

  it('opening a ledger reads no key, and makes none', async () => {
    const dataDir = scratch();
    const ledger = await Ledger.open({ dataDir, eventLog: 'memory:' });
    expect(existsSync(join(dataDir, 'log-key.pem'))).toBe(false);
    await ledger.checkpoints.make();
    expect(existsSync(join(dataDir, 'log-key.pem'))).toBe(true);
    await ledger.close();
  });

  it('signs under the name that is set, with whatever signs', async () => {
    const named = new SealedLog({ origin: 'ledger.example.gov.cn/630222' });
    expect((await named.desk.make()).note.split('\n')[0]).toBe('ledger.example.gov.cn/630222');
    const signer = new Ed25519Signer('other.example', generateKeyPairSync('ed25519').privateKey);
    const signed = new SealedLog({ signer: async () => signer });
    expect((await signed.desk.make()).note).toContain('— other.example ');
    expect(existsSync(join(signed.dataDirectory, 'log-key.pem'))).toBe(false);
  });

  it('keeps every note in a file that sorts by size, and the newest as latest', async () => {
    const sealed = new SealedLog();
    for (const size of [5, 90, 700]) {
      await sealed.grow(size);
      await sealed.desk.make();
    }
    const directory = join(sealed.dataDirectory, 'checkpoints');
    expect(readdirSync(directory).sort()).toEqual([
      '0000000000000005.checkpoint',
      '0000000000000090.checkpoint',
      '0000000000000700.checkpoint',
      'latest',
    ]);
    const notes = await sealed.desk.notes();
    expect(notes.map(({ size }) => size)).toEqual([5, 90, 700]);
    expect(readFileSync(join(directory, 'latest'), 'utf8')).toBe(notes[2]?.note);
    rmSync(join(directory, 'latest'));
    expect(await sealed.desk.latest()).toEqual(notes[2]);
    expect(await sealed.desk.noteOf(90)).toEqual(notes[1]);
    expect(await sealed.desk.noteOf(91)).toBeNull();
  });

  it('makes no second note when nothing is new, and one at a time however many ask', async () => {
    const sealed = new SealedLog();
    await sealed.grow(100);
    const first = await sealed.desk.make();
    expect(await sealed.desk.make()).toEqual(first);
    const asked = Promise.all([sealed.desk.make(), sealed.grow(200), sealed.desk.make(), sealed.desk.make()]);
    await asked;
    expect((await sealed.desk.make()).size).toBe(200);
    expect((await sealed.desk.notes()).map(({ size }) => size)).toEqual([100, 200]);
  });

  it('covers an event with the newest checkpoint, or with one for the asker that is kept nowhere', async () => {
    const sealed = new SealedLog();
    await sealed.grow(100);
    expect((await sealed.desk.covering(40))?.size).toBe(100);
    await sealed.grow(200);
    expect((await sealed.desk.covering(100))?.size).toBe(100);
    expect((await sealed.desk.covering(101))?.size).toBe(200);
    expect(await sealed.desk.covering(201)).toBeNull();
    expect(await sealed.desk.notes()).toEqual([]);
    const { note } = await sealed.desk.make();
    expect((await sealed.desk.covering(150))?.note).toBe(note);
  });

  it('has no checkpoints of a log without a tree, and says what to do', async () => {
    const treeless = new SealedLog({ tree: () => undefined });
    expect(await failureOf(treeless.desk.make())).toMatchObject({ kind: 'unavailable', code: 'TREE_NOT_KEPT' });
  });
});

describe('what was signed once', () => {
  const sealedAt = async (size: number): Promise<SealedLog> => {
    const sealed = new SealedLog({}, events);
    await sealed.grow(size);
    await sealed.desk.make();
    return sealed;
  };

  it('is never contradicted: no shrunken log is signed', async () => {
    const older = (await sealedAt(700)).over(events);
    await older.grow(699);
    expect(await failureOf(older.desk.make())).toMatchObject({ kind: 'verification', code: 'LOG_SHRUNK' });
    expect((await older.desk.notes()).map(({ size }) => size)).toEqual([700]);
  });

  it.each([
    ['longer', 900],
    ['equally long', 700],
  ])('is never contradicted: no fork is signed that is %s', async (_, size) => {
    const forked = (await sealedAt(700)).over(changed(events, 300));
    await forked.grow(size);
    expect(await failureOf(forked.desk.make())).toMatchObject({ kind: 'verification', code: 'LOG_FORKED' });
    expect(await forked.desk.notes()).toHaveLength(1);
  });

  it('binds only to what it covered: what came after may be anything', async () => {
    const grown = (await sealedAt(700)).over(changed(events, 700));
    await grown.grow(800);
    expect((await grown.desk.make()).size).toBe(800);
  });

  it('with another key nothing is signed after it', async () => {
    const sealed = await sealedAt(700);
    rmSync(join(sealed.dataDirectory, 'log-key.pem'));
    const rekeyed = sealed.over(events);
    await rekeyed.grow(800);
    expect(await failureOf(rekeyed.desk.make())).toMatchObject({ kind: 'verification' });
  });

  it('a note that was tampered with stops the signing', async () => {
    const sealed = await sealedAt(700);
    const file = join(sealed.dataDirectory, 'checkpoints', '0000000000000700.checkpoint');
    writeFileSync(file, readFileSync(file, 'utf8').replace('\n700\n', '\n600\n'));
    await sealed.grow(800);
    expect(await failureOf(sealed.desk.make())).toMatchObject({ kind: 'verification', code: 'SIGNATURE_INVALID' });
  });
});

describe('notes that somebody has put in place', () => {
  const noteFile = (sealed: SealedLog, name: string): string => join(sealed.dataDirectory, 'checkpoints', name);
  const nameOf = (size: number): string => `${String(size).padStart(16, '0')}.checkpoint`;

  const sealedAt = async (...sizes: readonly number[]): Promise<SealedLog> => {
    const sealed = new SealedLog({}, events);
    for (const size of sizes) {
      await sealed.grow(size);
      await sealed.desk.make();
    }
    return sealed;
  };

  const otherRoot = (note: string): string => {
    const [origin, size, , ...rest] = note.split('\n');
    return [origin, size, Buffer.alloc(32, 7).toString('base64'), ...rest].join('\n');
  };

  const verificationOf = async ({ desk, log }: SealedLog) => {
    const key = await desk.existingVerifierKey();
    return verifyLedger(log, {
      checkpoints: await desk.files(),
      keys: key === null ? [] : [parseVerifierKey(key)],
    });
  };

  it('a copy of the newest one with another root is no checkpoint, and the next one puts it right', async () => {
    const sealed = await sealedAt(300, 700);
    const latest = noteFile(sealed, 'latest');
    const genuine = readFileSync(latest, 'utf8');
    writeFileSync(latest, otherRoot(genuine));
    const told = { kind: 'verification', code: 'SIGNATURE_INVALID', parameters: { file: latest } };
    expect(await failureOf(sealed.desk.latest())).toMatchObject(told);
    expect(await failureOf(sealed.desk.covering(3))).toMatchObject(told);
    expect((await failureOf(sealed.desk.latest())).message).toContain(latest);
    const { ok, checkpoints, findings } = await verificationOf(sealed);
    expect([ok, checkpoints]).toEqual([false, 2]);
    expect(findings).toMatchObject([
      { code: 'CHECKPOINT_NOT_TRUSTED', message: expect.stringContaining(latest) as string },
    ]);

    const troubles: DomainError[] = [];
    expect((await sealed.desk.make((trouble) => troubles.push(trouble))).size).toBe(700);
    expect(troubles).toMatchObject([told]);
    expect(readFileSync(latest, 'utf8')).toBe(genuine);
    expect((await verificationOf(sealed)).ok).toBe(true);
  });

  it.each([
    ['read by its size', (sealed: SealedLog) => sealed.desk.noteOf(300)],
    ['among all', (sealed: SealedLog) => sealed.desk.notes()],
    ['as what covers an event', (sealed: SealedLog) => sealed.desk.firstCovering(200)],
  ])('an earlier one with another root is refused with its file, %s', async (_, read) => {
    const sealed = await sealedAt(300, 700);
    const file = noteFile(sealed, nameOf(300));
    writeFileSync(file, otherRoot(readFileSync(file, 'utf8')));
    expect(await failureOf(read(sealed))).toMatchObject({ code: 'SIGNATURE_INVALID', parameters: { file } });
  });

  it('one under another size’s name is told wherever it is read, and nothing is signed after it', async () => {
    const sealed = await sealedAt(300, 700);
    const file = noteFile(sealed, nameOf(900));
    writeFileSync(file, readFileSync(noteFile(sealed, nameOf(700)), 'utf8'));
    const told = { kind: 'verification', code: 'CHECKPOINT_MISNAMED', parameters: { file, size: 700, named: 900 } };
    expect(await failureOf(sealed.desk.noteOf(900))).toMatchObject(told);
    await sealed.grow(1000);
    expect(await failureOf(sealed.desk.make())).toMatchObject(told);
    const { findings, checkpoints } = await verificationOf(sealed);
    expect(checkpoints).toBe(2);
    expect(findings).toMatchObject([
      { code: 'CHECKPOINT_NOT_TRUSTED', messageEn: expect.stringContaining('checkpoint of 900 events') as string },
    ]);
  });

  it('are given to nobody without the key that signed them, and no other key is made', async () => {
    const sealed = await sealedAt(300);
    const key = join(sealed.dataDirectory, 'log-key.pem');
    rmSync(key);
    const found = sealed.over(events);
    await found.grow(400);
    for (const asking of [found.desk.latest(), found.desk.make(), found.desk.verifierKey(), found.desk.notes()]) {
      expect(await failureOf(asking)).toMatchObject({ kind: 'verification', code: 'LOG_KEY_MISSING' });
    }
    expect(existsSync(key)).toBe(false);
    const { findings } = await verificationOf(found);
    expect(findings).toMatchObject([{ code: 'CHECKPOINT_NOT_TRUSTED', position: null }]);
    expect(findings[0]?.message).toMatch(/没有账本 yichi\.local\/log\/[0-9a-f]{16} 的公钥.*log-key\.pem/);
  });

  it('a verification says how many events no checkpoint proves yet', async () => {
    const sealed = await sealedAt(300, 700);
    expect((await verificationOf(sealed)).uncovered).toBe(0);
    await sealed.grow(777);
    expect(await verificationOf(sealed)).toMatchObject({ ok: true, checkpoints: 2, uncovered: 77 });
    rmSync(join(sealed.dataDirectory, 'checkpoints'), { recursive: true });
    expect(await verificationOf(sealed)).toMatchObject({ ok: true, checkpoints: 0, uncovered: 777 });
  });
});

describe('a directory elsewhere', () => {
  it('gets every note, also those of the time when it could not be reached', async () => {
    const place = join(scratch(), 'share');
    const sealed = new SealedLog({ places: [place] });
    const troubles: DomainError[] = [];
    for (const size of [100, 200]) {
      await sealed.grow(size);
      await sealed.desk.make((trouble) => troubles.push(trouble));
    }
    expect(troubles.map(({ code }) => code)).toEqual(['CHECKPOINT_PLACE_UNREACHABLE', 'CHECKPOINT_PLACE_UNREACHABLE']);
    expect(troubles[0]).toMatchObject({
      message: `检查点没有送到 ${place}：没有这个文件，或所在目录不存在`,
      messageEn: `The checkpoint did not get to ${place}: there is no such file, or its directory does not exist`,
    });
    expect(existsSync(place)).toBe(false);
    mkdirSync(place);
    await sealed.desk.make((trouble) => troubles.push(trouble));
    expect(troubles).toHaveLength(2);
    const [folder = ''] = readdirSync(place);
    expect(folder).toMatch(/^yichi\.local_log_[0-9a-f]{16}$/);
    for (const { size, note } of await sealed.desk.notes()) {
      const name = `${String(size).padStart(16, '0')}.checkpoint`;
      expect(readFileSync(join(place, folder, name), 'utf8')).toBe(note);
    }
    expect(readFileSync(join(place, folder, 'latest'), 'utf8')).toBe((await sealed.desk.latest())?.note);
  });

  it('holds the log to what it proved, also when data directory and notes are put back together', async () => {
    const place = scratch();
    const sealed = new SealedLog({ places: [place] }, events);
    await sealed.grow(700);
    await sealed.desk.make();
    // The key is what an older backup has as well.
    const key = readFileSync(join(sealed.dataDirectory, 'log-key.pem'));
    const restored = scratch();
    writeFileSync(join(restored, 'log-key.pem'), key);
    const older = new SealedLog({ dataDirectory: restored, places: [place] }, events);
    await older.grow(600);
    expect(await failureOf(older.desk.make())).toMatchObject({ kind: 'verification', code: 'LOG_SHRUNK' });
    const forked = new SealedLog({ dataDirectory: restored, places: [place] }, changed(events, 10));
    await forked.grow(800);
    expect(await failureOf(forked.desk.make())).toMatchObject({ kind: 'verification', code: 'LOG_FORKED' });
    expect(await forked.desk.latest()).toBeNull();
  });

  it('with rubbish in it does not stop the ledger', async () => {
    const place = scratch();
    const sealed = new SealedLog({ places: [place] });
    await sealed.grow(100);
    await sealed.desk.make();
    const [folder = ''] = readdirSync(place);
    writeFileSync(join(place, folder, '0000000000000999.checkpoint'), 'rubbish');
    await sealed.grow(200);
    const troubles: DomainError[] = [];
    expect((await sealed.desk.make((trouble) => troubles.push(trouble))).size).toBe(200);
    const file = join(place, folder, '0000000000000999.checkpoint');
    expect(troubles).toMatchObject([{ code: 'NOTE_MALFORMED', parameters: { file } }]);
    expect(troubles[0]?.message).toContain(file);
    expect(troubles[0]?.messageEn).toContain(file);
  });

  it('with rubbish in the place of the newest note is told of it, and gets the others', async () => {
    const place = scratch();
    const sealed = new SealedLog({ places: [place] });
    await sealed.grow(100);
    await sealed.desk.make();
    const folder = join(place, readdirSync(place)[0] ?? '');
    const [rubbish, copy] = [join(folder, '0000000000000200.checkpoint'), join(folder, 'latest')];
    for (const file of [rubbish, copy]) writeFileSync(file, 'rubbish');
    rmSync(join(folder, '0000000000000100.checkpoint'));
    await sealed.grow(200);
    const troubles: DomainError[] = [];
    expect((await sealed.desk.make((trouble) => troubles.push(trouble))).size).toBe(200);
    expect(new Set(troubles.map(({ parameters }) => parameters['file']))).toEqual(new Set([rubbish, copy]));
    expect(existsSync(join(folder, '0000000000000100.checkpoint'))).toBe(true);
    expect(readFileSync(rubbish, 'utf8')).toBe('rubbish');
  });

  it('proves what it proved, whatever was put on top', async () => {
    const place = scratch();
    const sealed = new SealedLog({ places: [place] }, events);
    await sealed.grow(700);
    await sealed.desk.make();
    writeFileSync(join(place, readdirSync(place)[0] ?? '', '0000000000000999.checkpoint'), 'rubbish');
    const restored = scratch();
    writeFileSync(join(restored, 'log-key.pem'), readFileSync(join(sealed.dataDirectory, 'log-key.pem')));
    const older = new SealedLog({ dataDirectory: restored, places: [place] }, events);
    await older.grow(600);
    expect(await failureOf(older.desk.make())).toMatchObject({ kind: 'verification', code: 'LOG_SHRUNK' });
  });
});

it.each([
  'ftp://witness.example',
  'http://',
  'https://witness.example',
  'https://witness.example#nokey',
  // A log's key cosigns nothing.
  'https://w.example#PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
])('%s is no place for checkpoints', async (place) => {
  const sealed = new SealedLog({ places: [place] });
  expect(await failureOf(sealed.desk.make())).toMatchObject({ kind: 'input' });
});
