import { randomUUID, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { SignJWT } from 'jose';

import { actorOfToken, issueToken, openKeys } from '../../src/identity/tokens';
import { type Answer, CLERK, Service } from './support/service';

describe('who may ask', () => {
  let service: Service;

  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(() => service.close());

  const ask = (token: string | null): Promise<Answer> =>
    service.request('/api/v1/purposes', { headers: token === null ? {} : { authorization: token } });

  const ownKey = async (): Promise<Parameters<SignJWT['sign']>[0]> => (await openKeys(service.dataDir)).privateKey;
  const claims = { role: 'finance', division: '' };

  it('lets a valid token in', async () => {
    expect((await ask(`Bearer ${await service.token()}`)).status).toBe(200);
    expect((await ask(`bearer ${await service.token()}`)).status).toBe(200);
  });

  it.each([null, '', 'Bearer', 'Bearer ', 'Bearer x.y.z', 'Basic YTpi'])('refuses the header %j', async (header) => {
    const answer = await ask(header);
    expect(answer).toMatchObject({ status: 401, body: { status: 401 } });
    expect(answer.body['code']).toMatch(/^TOKEN_(MISSING|INVALID)$/);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.body['remedy']).toContain('yichi token');
  });

  it('refuses an expired token', async () => {
    expect(await ask(`Bearer ${await service.token(CLERK, -1)}`)).toMatchObject({
      status: 401,
      body: { code: 'TOKEN_EXPIRED' },
    });
  });

  it('refuses a token that another key signed, that nobody signed, or that a secret signed', async () => {
    const sign = (alg: string) =>
      new SignJWT(claims).setProtectedHeader({ alg }).setIssuer('yichi').setSubject('张三').setExpirationTime('1h');
    const foreign = await sign('EdDSA').sign(generateKeyPairSync('ed25519').privateKey);
    const symmetric = await sign('HS256').sign(new TextEncoder().encode('x'.repeat(32)));
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${part({ alg: 'none' })}.${part({ ...claims, iss: 'yichi', sub: '张三', exp: 4102444800 })}.`;
    for (const token of [foreign, symmetric, unsigned]) expect((await ask(`Bearer ${token}`)).status).toBe(401);
  });

  it('refuses a token without a name, a role, a division or an end', async () => {
    const key = await ownKey();
    const full = () =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA' })
        .setIssuer('yichi')
        .setSubject('张三')
        .setExpirationTime('1h');
    expect((await ask(`Bearer ${await full().sign(key)}`)).status).toBe(200);
    const lacking = [
      new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA' }).setIssuer('yichi').setExpirationTime('1h'),
      new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA' }).setIssuer('yichi').setSubject('张三'),
      new SignJWT({ role: 'x' })
        .setProtectedHeader({ alg: 'EdDSA' })
        .setIssuer('yichi')
        .setSubject('a')
        .setExpirationTime('1h'),
      full().setSubject(''),
      full().setSubject('a\u0000b'),
      full().setIssuer('elsewhere'),
    ];
    for (const token of lacking) expect((await ask(`Bearer ${await token.sign(key)}`)).status).toBe(401);
  });

  it('asks for a token on every route but health, metrics, documentation, checkpoint and hashes', async () => {
    await service.ledger.checkpoints.make();
    const { body } = await service.request('/api-json');
    const paths = Object.entries(body['paths'] as Record<string, Record<string, unknown>>);
    expect(paths.length).toBeGreaterThan(25);
    for (const [path, methods] of paths) {
      for (const method of Object.keys(methods)) {
        const { status } = await service.request(path.replace('{id}', randomUUID()), {
          method: method.toUpperCase(),
          ...(method === 'post' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}),
        });
        const isPublic = !path.startsWith('/api/v1/') && !/^\/log\/tile\/(data|entries|wide)/.test(path);
        // A ledger without events has no tiles.
        const expected = path.startsWith('/log/tile') ? 404 : 200;
        expect([path, status]).toEqual([path, isPublic ? expected : 401]);
      }
    }
  });

  it('keeps its key in a file that only its owner may read, and makes it once', async () => {
    const file = join(service.dataDir, 'token-key.pem');
    const before = readFileSync(file, 'utf8');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const keys = await Promise.all([openKeys(service.dataDir), openKeys(service.dataDir)]);
    for (const each of keys) {
      expect(await actorOfToken(each, await issueToken(keys[0], CLERK, 60))).toEqual(CLERK);
    }
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(readdirSync(service.dataDir).filter((name) => name.startsWith('token-key.pem'))).toEqual(['token-key.pem']);
  });

  it('signs no token for an actor that cannot stand in an event', async () => {
    const keys = await openKeys(service.dataDir);
    for (const actor of [
      { ...CLERK, id: '' },
      { ...CLERK, id: 'x'.repeat(65) },
      { ...CLERK, id: 'a\nb' },
      { ...CLERK, division: '9' },
    ]) {
      await expect(issueToken(keys, actor, 60)).rejects.toMatchObject({ code: 'ACTOR_INVALID' });
    }
  });
});
