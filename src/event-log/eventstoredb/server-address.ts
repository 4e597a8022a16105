import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { connect as connectSecure } from 'node:tls';

import { type Authorities, connectionCause, wantsTls } from './server-cause';
import { logCertificate, logSetting, logUnreachable, UNREADABLE_SETTING } from './server-failure';

/** A connection string taken apart as far as the ledger needs it. */
export interface ServerAddress {
  /** The string without its password, for people. */
  readonly shown: string;
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly isSecure: boolean;
  readonly authorityFile: string | null;
}

const DEFAULT_PORT = 2113;
const GREATEST_PORT = 65_535;
const CONNECTION_STRING =
  /^esdb(?<discover>\+discover)?:\/\/(?:[^\s:@/?#]+:[^\s:@/?#]+@)?(?<hosts>[\w.,:-]+)\/?(?:\?(?<parameters>[^?#]*))?$/;
const HOST = /^(?<host>[\w.-]+)(?::(?<port>\d{1,5}))?$/;

/**
 * What the client reads from a connection string, in the one spelling in which it compares them. To one that it does not
 * know it objects by writing the whole string to stderr, with its password.
 */
const PARAMETERS: ReadonlySet<string> = new Set([
  'connectionname',
  'defaultdeadline',
  'discoveryinterval',
  'gossiptimeout',
  'keepaliveinterval',
  'keepalivetimeout',
  'maxdiscoverattempts',
  'nodepreference',
  'throwonappendfailure',
  'tls',
  'tlscafile',
  'usercertfile',
  'userkeyfile',
]);

/** @throws DomainError SETTING_INVALID */
export const parseServerAddress = (setting: string): ServerAddress => {
  const match = CONNECTION_STRING.exec(setting.trim());
  if (match?.groups === undefined) throw logSetting(UNREADABLE_SETTING);
  requirePercentEncoded(setting);
  const { discover = '', hosts = '', parameters = '' } = match.groups;
  const values = parameterValues(parameters);
  return {
    shown: `esdb${discover}://${hosts}`,
    hosts: hosts.split(',').map(hostAndPort),
    isSecure: values.get('tls') !== 'false',
    authorityFile: values.get('tlscafile') ?? null,
  };
};

const requirePercentEncoded = (setting: string): void => {
  try {
    decodeURIComponent(setting);
  } catch {
    throw logSetting({ zh: '其中有 % 后面不是百分号编码', en: 'a % in it does not begin a percent-encoding' });
  }
};

const hostAndPort = (written: string): ServerAddress['hosts'][number] => {
  const { host, port = String(DEFAULT_PORT) } = HOST.exec(written)?.groups ?? {};
  if (host === undefined || Number(port) === 0 || Number(port) > GREATEST_PORT) {
    throw logSetting({ zh: `“${written}”不是主机和端口`, en: `"${written}" is no host and port` });
  }
  return { host, port: Number(port) };
};

const parameterValues = (parameters: string): ReadonlyMap<string, string> =>
  new Map(
    parameters
      .split('&')
      .filter((parameter) => parameter !== '')
      .map((parameter) => {
        const [name = '', ...value] = parameter.split('=');
        const key = name.toLowerCase().replace(/[_-]/g, '');
        if (!PARAMETERS.has(key)) throw logSetting({ zh: `没有参数 ${name}`, en: `there is no parameter ${name}` });
        return [key, decodeURIComponent(value.join('='))];
      }),
  );

/** The same connection string with a parameter set to another value. */
export const withParameter = (setting: string, name: string, value: string): string => {
  const [head = '', parameters = ''] = setting.trim().replace(/\/+$/, '').split('?');
  const others = parameters
    .split('&')
    .filter((parameter) => parameter !== '' && parameter.split('=')[0]?.toLowerCase() !== name.toLowerCase());
  return `${head.replace(/\/+$/, '')}?${[...others, `${name}=${value}`].join('&')}`;
};

const PROBE_MS = 3000;

/**
 * Why a server does not answer: the client tells only that it does not. Tries each host; answers why the first of them
 * failed, or null as soon as one takes connections.
 *
 * @returns DomainError LOG_UNREACHABLE or LOG_CERTIFICATE
 */
export const explainSilence = async (address: ServerAddress): Promise<Error | null> => {
  let firstFailure: Error | null = null;
  for (const { host, port } of address.hosts) {
    const failure = await probe(address, host, port);
    if (failure === null) return null;
    firstFailure ??= failure;
  }
  return firstFailure;
};

const probe = async (address: ServerAddress, host: string, port: number): Promise<Error | null> => {
  const where = `${host}:${port}`;
  const socket = connectPlain({ host, port, timeout: PROBE_MS });
  try {
    await connected(socket, 'connect');
  } catch (error) {
    return logUnreachable(address.shown, connectionCause(where, error as Error));
  }
  const authorities = authoritiesFor(address);
  const failure = await shakeHands(address, authorities, host, socket);
  socket.destroy();
  if (address.isSecure) {
    return failure === null ? null : logCertificate(address.shown, connectionCause(where, failure, authorities));
  }
  return failure === null ? logCertificate(address.shown, wantsTls(where)) : null;
};

/** The client of gRPC takes the authorities that this names before those that the setting of Node.js adds to its own. */
const GRPC_AUTHORITIES = 'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH';

/** Whose certificates the client trusts, as it decides it; null: those of Node.js, with what NODE_EXTRA_CA_CERTS adds. */
const authoritiesFor = ({ isSecure, authorityFile }: ServerAddress): Authorities | null => {
  if (!isSecure) return null;
  if (authorityFile !== null) return { file: authorityFile, namedBy: 'tlsCAFile' };
  const file = process.env[GRPC_AUTHORITIES] ?? '';
  return file === '' ? null : { file, namedBy: GRPC_AUTHORITIES };
};

/** Whatever becomes of the handshake; a server without TLS refuses it as well. */
const shakeHands = async (
  { isSecure }: ServerAddress,
  authorities: Authorities | null,
  host: string,
  socket: Socket,
): Promise<Error | null> => {
  try {
    const secure = connectSecure({
      socket,
      servername: isIP(host) === 0 ? host : '',
      host,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: isSecure,
      ...(authorities === null ? {} : { ca: readFileSync(authorities.file) }),
    });
    await connected(secure.setTimeout(PROBE_MS), 'secureConnect');
    return null;
  } catch (error) {
    return error as Error;
  }
};

const connected = (socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.on('error', reject);
    socket.once('timeout', () => reject(new Error('timed out')));
    socket.once('close', () => reject(new Error('closed')));
  });
