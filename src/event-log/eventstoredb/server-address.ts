import { connect as connectPlain } from 'node:net';
import { readFileSync } from 'node:fs';
import { connect as connectSecure } from 'node:tls';

import { logAddress, logCertificate, logSetting } from './server-failure';

/** A connection string taken apart as far as the ledger needs it. */
export interface ServerAddress {
  /** The string without its password, for people. */
  readonly shown: string;
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly isSecure: boolean;
  readonly authorityFile: string | null;
}

const DEFAULT_PORT = 2113;
const CONNECTION_STRING = /^esdb(?<discover>\+discover)?:\/\/(?:[^@/]*@)?(?<hosts>[^/?]+)\/?(?:\?(?<parameters>.*))?$/;

/** @throws DomainError SETTING_INVALID */
export const parseServerAddress = (setting: string): ServerAddress => {
  const match = CONNECTION_STRING.exec(setting.trim());
  if (match?.groups === undefined) throw logSetting('esdb://…');
  const { discover, hosts = '', parameters = '' } = match.groups;
  const values = new Map(
    parameters
      .split('&')
      .filter((parameter) => parameter !== '')
      .map((parameter) => {
        const [key = '', ...value] = parameter.split('=');
        return [key.toLowerCase().replace(/[_-]/g, ''), decodeURIComponent(value.join('='))] as const;
      }),
  );
  return {
    shown: `esdb${discover ?? ''}://${hosts}`,
    hosts: hosts.split(',').map((each) => {
      const [host = '', port = String(DEFAULT_PORT)] = each.split(':');
      if (host === '' || !/^\d{1,5}$/.test(port)) throw logSetting(`esdb${discover ?? ''}://${hosts}`);
      return { host, port: Number(port) };
    }),
    isSecure: values.get('tls')?.toLowerCase() !== 'false',
    authorityFile: values.get('tlscafile') ?? null,
  };
};

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
 * Why a server does not answer: the client tells only that it does not. Tries each host; answers the first that fails
 * in a way that explains it, or null when all of them take connections.
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

const probe = (address: ServerAddress, host: string, port: number): Promise<Error | null> =>
  new Promise((resolve) => {
    const plain = connectPlain({ host, port, timeout: PROBE_MS });
    const end = (failure: Error | null): void => {
      plain.destroy();
      resolve(failure);
    };
    plain.once('timeout', () => end(logAddress(address.shown, `${host}:${port} ETIMEDOUT`)));
    plain.once('error', (error: NodeJS.ErrnoException) =>
      end(logAddress(address.shown, `${host}:${port} ${error.code ?? error.message}`)),
    );
    plain.once('connect', () => {
      if (!address.isSecure) {
        end(null);
        return;
      }
      let authority: Buffer | undefined;
      try {
        authority = address.authorityFile === null ? undefined : readFileSync(address.authorityFile);
      } catch (error) {
        end(logCertificate(address.shown, String((error as Error).message)));
        return;
      }
      const secure = connectSecure({
        socket: plain,
        servername: /^[\d.]+$|:/.test(host) ? '' : host,
        host,
        ALPNProtocols: ['h2'],
        ...(authority === undefined ? {} : { ca: authority }),
      });
      secure.once('secureConnect', () => end(null));
      secure.once('error', (error: NodeJS.ErrnoException) =>
        end(logCertificate(address.shown, `${host}:${port} ${error.code ?? ''} ${error.message}`.trim())),
      );
      secure.once('close', () => end(logCertificate(address.shown, `${host}:${port} closed`)));
    });
  });
