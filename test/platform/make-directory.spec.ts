import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { makeDirectory } from '../../src/platform/make-directory';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'yichi-directories-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const refused = (cause: string, message: string): Error =>
  expect.objectContaining({
    code: 'DIRECTORY_NOT_MADE',
    kind: 'unavailable',
    message: expect.stringContaining(message) as unknown,
    parameters: expect.objectContaining({ cause }) as unknown,
  }) as Error;

/** The administrator may write everywhere, so that the work is done as somebody else. */
const asNobody = (work: () => void): void => {
  if (process.geteuid?.() !== 0) {
    work();
    return;
  }
  process.seteuid?.(65_534);
  try {
    work();
  } finally {
    process.seteuid?.(0);
  }
};

describe('makeDirectory', () => {
  it('makes all that is missing, and is content with what is there', () => {
    const deep = join(place, '甲', '乙', '丙');
    makeDirectory(deep);
    makeDirectory(deep);
    makeDirectory('/');
    expect(existsSync(deep)).toBe(true);
  });

  it('goes through a link to a directory', () => {
    mkdirSync(join(place, 'disk'));
    symlinkSync(join(place, 'disk'), join(place, 'link'));
    makeDirectory(join(place, 'link', 'data'));
    expect(existsSync(join(place, 'disk', 'data'))).toBe(true);
  });

  it('names the file that is in the way, however deep beneath it the directory should be', () => {
    const file = join(place, '台账.xlsx');
    writeFileSync(file, '');
    for (const wanted of [file, join(file, 'x'), join(file, 'x', 'y')]) {
      expect(() => makeDirectory(wanted)).toThrow(refused('ENOTDIR', `“${file}”是文件，不是目录`));
    }
  });

  it('names the directory in which one may not be made', () => {
    const closed = join(place, 'closed');
    mkdirSync(closed, { mode: 0o500 });
    chmodSync(place, 0o755);
    asNobody(() =>
      expect(() => makeDirectory(join(closed, 'x', 'y'))).toThrow(
        refused('EACCES', `没有在“${closed}”中建立目录的权限`),
      ),
    );
    expect(existsSync(join(closed, 'x'))).toBe(false);
  });

  it('names a link that leads nowhere, links in a circle and a name that is too long', () => {
    const lost = join(place, 'lost');
    symlinkSync(join(place, 'gone', 'away'), lost);
    expect(() => makeDirectory(join(lost, 'x'))).toThrow(refused('EEXIST', `“${lost}”是失效的链接`));
    const circle = join(place, 'circle');
    symlinkSync(circle, circle);
    expect(() => makeDirectory(join(circle, 'x'))).toThrow(refused('ELOOP', `${join(circle, 'x')}`));
    expect(() => makeDirectory(join(place, 'x'.repeat(300)))).toThrow(refused('ENAMETOOLONG', '路径过长'));
  });
});
