import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createDurably, replaceDurably } from '../../src/platform/durable-file';
import { openKeys } from '../../src/identity/tokens';
import { writeNewFile } from '../../src/importing/write-new-file';
import { keyTextOf } from '../../src/platform/key-file';
import { describeOnSmallDisk, mountSmallDisk, unmount } from '../support/small-disk';

const DISK_BYTES = 16_384;
const TOO_MUCH = '证'.repeat(DISK_BYTES);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yichi-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describeOnSmallDisk('a file that does not fit on its disk (needs the right to mount one)', () => {
  let disk: string;
  beforeEach(() => {
    disk = join(folder, 'disk');
    mountSmallDisk(disk, DISK_BYTES);
  });
  afterEach(() => unmount(disk));

  it('is not there at all', async () => {
    await expect(writeNewFile(join(disk, 'evidence.zip'), Buffer.from(TOO_MUCH))).rejects.toMatchObject({
      code: 'FILE_NOT_WRITTEN',
      parameters: { cause: 'ENOSPC' },
    });
    expect(() => createDurably(join(disk, 'note'), TOO_MUCH)).toThrow('ENOSPC');
    expect(readdirSync(disk)).toEqual([]);
  });

  it('leaves the one that it was to replace as it was', () => {
    const file = join(disk, 'note');
    replaceDurably(file, 'before');
    expect(() => replaceDurably(file, TOO_MUCH)).toThrow('ENOSPC');
    expect(readFileSync(file, 'utf8')).toBe('before');
    expect(readdirSync(disk)).toEqual(['note']);
  });

  it('says so of a key, and leaves no half of one', async () => {
    writeFileSync(join(disk, 'filler'), Buffer.alloc(DISK_BYTES - 4096));
    writeFileSync(join(disk, 'filler 2'), Buffer.alloc(4096));
    await expect(openKeys(disk)).rejects.toMatchObject({ kind: 'unavailable', code: 'TOKEN_KEY_UNREADABLE' });
    expect(readdirSync(disk).filter((name) => name.includes('key'))).toEqual([]);
  });
});

it('keeps what is there already', async () => {
  const file = join(folder, 'template.xlsx');
  await writeNewFile(file, Buffer.from('mine'));
  await expect(writeNewFile(file, Buffer.from('another'))).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

describe('a key file', () => {
  const refuse = (cause: { readonly en: string }): Error => new Error(cause.en);

  it('is made once, for its owner alone', () => {
    const file = join(folder, 'new', 'key.pem');
    expect(keyTextOf({ file, newKey: () => 'first', refuse })).toBe('first');
    expect(keyTextOf({ file, newKey: () => 'second', refuse })).toBe('first');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'new'))).toEqual(['key.pem']);
  });

  it('that cannot be read is refused with the cause', () => {
    const file = join(folder, 'key.pem');
    mkdirSync(file);
    expect(() => keyTextOf({ file, newKey: () => 'first', refuse })).toThrow('it is a directory and not a file');
  });
});
