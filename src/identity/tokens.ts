import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';

import { errors, jwtVerify, SignJWT } from 'jose';

import type { Actor } from '../event-log/event';
import { normaliseDivisionCode } from '../importing/cells/division-cell';
import { DomainError } from '../platform/domain-error';
import { keyTextOf } from '../platform/key-file';
import type { Cause } from '../platform/system-cause';

/** Key pair that tokens are signed and checked with (Ed25519). */
export interface TokenKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const KEY_FILE = 'token-key.pem';
const ALGORITHM = 'EdDSA';
const ISSUER = 'yichi';

/** Names of people and systems as they stand in every event: one line, no control characters. */
const ACTOR_TEXT = /^[^\p{C}\p{Zl}\p{Zp}]{1,64}$/u;

/**
 * The development key of a data directory, made at the first start. Only its owner may read the file; whoever has it
 * can act as anybody.
 */
export const openKeys = async (dataDirectory: string): Promise<TokenKeys> => {
  const file = join(dataDirectory, KEY_FILE);
  const pem = keyTextOf({ file, newKey, refuse: (cause) => keyUnusable(file, cause) });
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 key');
    return { privateKey, publicKey: createPublicKey(privateKey) };
  } catch {
    throw new DomainError('unavailable', {
      code: 'TOKEN_KEY_UNREADABLE',
      message: `令牌密钥文件不是有效的 Ed25519 私钥：${file}`,
      messageEn: `The token key file is not a valid Ed25519 private key: ${file}`,
      remedy: '恢复该文件；或删除它以生成新的密钥，此前签发的令牌随之失效。',
      remedyEn: 'Restore it, or delete it to have a new one made; tokens issued before are then void.',
      parameters: { file },
    });
  }
};

/**
 * Signs a token for an actor.
 *
 * @param lifetimeSeconds how long from now it is valid
 * @throws DomainError ACTOR_INVALID
 */
export const issueToken = async (keys: TokenKeys, actor: Actor, lifetimeSeconds: number): Promise<string> => {
  const { id, role, division } = requireActor(actor);
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ role, division })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setSubject(id)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetimeSeconds)
    .sign(keys.privateKey);
};

/**
 * The actor that a token speaks for.
 *
 * @throws DomainError TOKEN_INVALID, TOKEN_EXPIRED
 */
export const actorOfToken = async (keys: TokenKeys, token: string): Promise<Actor> => {
  try {
    const { payload } = await jwtVerify(token, keys.publicKey, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      requiredClaims: ['sub', 'role', 'division', 'exp'],
    });
    return requireActor({ id: payload.sub, role: payload['role'], division: payload['division'] });
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw tokenExpired();
    if (error instanceof errors.JOSEError || error instanceof DomainError || error instanceof TypeError) {
      throw tokenInvalid();
    }
    throw error;
  }
};

/** Nothing in a token or on a command line is believed to be a name before it was looked at. */
const requireActor = (actor: { readonly id: unknown; readonly role: unknown; readonly division: unknown }): Actor => {
  const { id, role, division } = actor;
  if (typeof id !== 'string' || !ACTOR_TEXT.test(id) || id.trim() !== id) throw actorInvalid('id');
  if (typeof role !== 'string' || !ACTOR_TEXT.test(role) || role.trim() !== role) throw actorInvalid('role');
  if (typeof division !== 'string') throw actorInvalid('division');
  const code = division === '' ? '' : normaliseDivisionCode(division);
  if (code === null) throw actorInvalid('division');
  return { id: id.normalize('NFC'), role: role.normalize('NFC'), division: code };
};

const newKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const keyUnusable = (file: string, { zh, en }: Cause): DomainError =>
  new DomainError('unavailable', {
    code: 'TOKEN_KEY_UNREADABLE',
    message: `无法使用令牌密钥文件 ${file}：${zh}`,
    messageEn: `The token key file ${file} cannot be used: ${en}`,
    remedy: '检查文件及其目录的所有者和权限、磁盘是否已满。',
    remedyEn: 'Check the owner and rights of the file and its directory, and that the disk is not full.',
    parameters: { file },
  });

const REMEDY = {
  remedy: '用 yichi token --actor <经办人> 签发令牌，放在请求头 Authorization: Bearer <令牌> 中。',
  remedyEn: 'Issue one with yichi token --actor <id> and send it as Authorization: Bearer <token>.',
};

export const tokenMissing = (): DomainError =>
  new DomainError('unauthenticated', {
    code: 'TOKEN_MISSING',
    message: '请求没有携带访问令牌。',
    messageEn: 'The request has no access token.',
    ...REMEDY,
  });

const tokenInvalid = (): DomainError =>
  new DomainError('unauthenticated', {
    code: 'TOKEN_INVALID',
    message: '访问令牌无效。',
    messageEn: 'The access token is not valid.',
    ...REMEDY,
  });

const tokenExpired = (): DomainError =>
  new DomainError('unauthenticated', {
    code: 'TOKEN_EXPIRED',
    message: '访问令牌已过期。',
    messageEn: 'The access token has expired.',
    ...REMEDY,
  });

const actorInvalid = (field: string): DomainError =>
  new DomainError('input', {
    code: 'ACTOR_INVALID',
    message: `经办人的 ${field} 无效。`,
    messageEn: `The actor's ${field} is not valid.`,
    remedy: 'id 和 role 为 1–64 个字符、不含控制字符；division 为区划编码或空。',
    remedyEn: 'id and role have 1–64 characters and no control characters; division is a division code or empty.',
    parameters: { field },
  });
