import { createServer } from 'node:net';

import { DomainError } from '../platform/domain-error';
import type { Settings } from '../platform/settings';

type Address = Pick<Settings, 'host' | 'port'>;

/**
 * Tries the address that will be served, and gives it back at once: nobody should wait for a ledger to be made ready, and
 * find one begun on the disk, only to be told that the port is another program's.
 *
 * @throws DomainError(unavailable) PORT_IN_USE, ADDRESS_NOT_AVAILABLE
 */
export const requireAddressFree = async ({ host, port }: Address): Promise<void> => {
  const server = createServer((connection) => void connection.destroy());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
  } catch (error) {
    throw notListening(error, { host, port });
  }
  await new Promise((resolve) => server.close(resolve));
};

/** Why a server does not listen; what is no matter of its address stays as it is. */
export const notListening = (error: unknown, { host, port }: Address): unknown => {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new DomainError('unavailable', {
      code: 'PORT_IN_USE',
      message: `端口 ${port}（${host}）已被占用，服务没有启动。`,
      messageEn: `Port ${port} on ${host} is in use; the service did not start.`,
      remedy: '停止占用该端口的程序，或用 YICHI_PORT 另选端口，例如 YICHI_PORT=3001 npm start。',
      remedyEn: 'Stop the program that uses it, or choose another port: YICHI_PORT=3001 npm start.',
      parameters: { host, port },
    });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new DomainError('unavailable', {
      code: 'ADDRESS_NOT_AVAILABLE',
      message: `不能在 ${host}:${port} 提供服务（${code}）。`,
      messageEn: `The service cannot listen on ${host}:${port} (${code}).`,
      remedy: '核对 YICHI_HOST 和 YICHI_PORT；1024 以下的端口需要相应权限。',
      remedyEn: 'Check YICHI_HOST and YICHI_PORT; ports below 1024 need special rights.',
      parameters: { host, port },
    });
  }
  return error;
};
