import os from 'node:os';

import { commandLineActor } from '../../src/cli/open-ledger';

afterEach(() => jest.restoreAllMocks());

it('is the operating system’s user', async () => {
  expect(await commandLineActor()).toEqual({ id: os.userInfo().username, role: 'operator', division: '' });
});

it('is a number where the user has no name, as in containers', async () => {
  jest.spyOn(os, 'userInfo').mockImplementation(() => {
    throw Object.assign(new Error('uv_os_get_passwd returned ENOENT'), {
      code: 'ERR_SYSTEM_ERROR',
      syscall: 'uv_os_get_passwd',
    });
  });
  expect((await commandLineActor()).id).toBe(`uid-${process.getuid?.()}`);
});
