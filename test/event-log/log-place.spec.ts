import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log';
import { describeOnSmallDisk, mountSmallDisk, unmount } from '../support/small-disk';
import { scratchDirectory } from './scratch-directory';

const DISK_BYTES = 2 << 20;

describeOnSmallDisk('a log on a small disk (needs the right to mount one)', () => {
  const directory = join(scratchDirectory(), 'disk');

  beforeAll(() => mountSmallDisk(directory, DISK_BYTES));
  afterAll(() => unmount(directory));

  it('says before anybody writes whether there is room for it', async () => {
    const log = new SqliteEventLog({ file: join(directory, 'log.sqlite') });
    await log.requireStorable();
    const filler = join(directory, 'filler');
    for (let bytes = DISK_BYTES; bytes >= 4096; bytes /= 2) {
      try {
        writeFileSync(`${filler}-${bytes}`, Buffer.alloc(bytes));
      } catch {
        // This size does not fit any more; a smaller one may.
      }
    }
    await expect(log.requireStorable()).rejects.toMatchObject({ kind: 'unavailable', code: 'LOG_DISK_FULL' });
    await log.close();
  });
});
