import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';

import { type Body, Service } from './support/service';

const JSON_TYPE = 'application/json';
const GOOD = '{"purposeCode":"A","name":"甲"}';

describe('requests that can be taken in more than one way, or in none', () => {
  let service: Service;

  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(() => service.close());

  const send = async (
    body: string | Uint8Array<ArrayBuffer> | undefined,
    headers: Record<string, string> = { 'content-type': JSON_TYPE },
    path = 'purposes',
  ) =>
    service.request(`/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await service.token()}`, 'idempotency-key': randomUUID(), ...headers },
      ...(body === undefined ? {} : { body }),
    });

  /** A problem in both languages, and nothing was stored. */
  const expectProblem = async (answer: Awaited<ReturnType<typeof send>>, status: number, code: string) => {
    expect(answer).toMatchObject({ status, body: { status, code, type: `urn:yichi:problem:${code}` } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    for (const text of ['title', 'detail', 'detailEn', 'remedy', 'remedyEn']) expect(answer.body[text]).toBeTruthy();
    expect(answer.body['correlationId']).toBe(answer.headers.get('x-correlation-id'));
    expect(await service.ledger.log.head()).toBe(0);
  };

  it.each([
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{ 'content-type': 'multipart/form-data; boundary=x' }],
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'text/xml' }],
    [{ 'content-type': 'nothing' }],
    [{ 'content-type': `${JSON_TYPE}; charset=gbk` }],
    [{ 'content-type': `${JSON_TYPE}; charset="UTF-16"` }],
    [{ 'content-type': JSON_TYPE, 'content-encoding': 'gzip' }],
  ])('takes nothing but JSON in UTF-8: not %j', async (headers: Record<string, string>) => {
    const answer = await send(GOOD, headers);
    await expectProblem(answer, 415, 'MEDIA_TYPE_NOT_SUPPORTED');
    expect(answer.body['remedy']).toContain("-H 'Content-Type: application/json'");
  });

  it('takes one key for a command, and not two', async () => {
    const body = await new Promise<string>((resolve, reject) => {
      void service.token().then((token) => {
        const key = (): string => `Idempotency-Key: ${randomUUID()}`;
        const lines = ['POST /api/v1/purposes HTTP/1.1', 'Host: x', `Authorization: Bearer ${token}`, key(), key()];
        const content = [
          `Content-Type: ${JSON_TYPE}`,
          `Content-Length: ${Buffer.byteLength(GOOD)}`,
          'Connection: close',
        ];
        const socket = connect(Number(new URL(service.server.url).port), '127.0.0.1', () =>
          socket.write(`${[...lines, ...content].join('\r\n')}\r\n\r\n${GOOD}`),
        );
        const received: Buffer[] = [];
        socket.on('data', (data) => received.push(data)).on('error', reject);
        socket.on('close', () => resolve(Buffer.concat(received).toString('utf8')));
      });
    });
    expect(body).toMatch(/^HTTP\/1\.1 400 [^]*"code":"IDEMPOTENCY_KEY_INVALID"/);
    expect(await service.ledger.log.head()).toBe(0);
  });

  it('says that there is no body', async () => {
    await expectProblem(await send(undefined), 400, 'BODY_MISSING');
    await expectProblem(await send(undefined, {}), 400, 'BODY_MISSING');
  });

  it.each([
    [' \n', 'BODY_NOT_JSON'],
    [`${GOOD}x`, 'BODY_NOT_JSON'],
    ['{“purposeCode”:“A”}', 'BODY_NOT_JSON'],
    ['null', 'BODY_NOT_OBJECT'],
    ['12', 'BODY_NOT_OBJECT'],
    ['"x"', 'BODY_NOT_OBJECT'],
    [`[${GOOD}]`, 'BODY_NOT_OBJECT'],
    [Buffer.from([...Buffer.from('{"name":"'), 0xb8, 0xf7, ...Buffer.from('"}')]), 'BODY_NOT_UTF8'],
    ['{"purposeCode":"A","name":"甲","name":"乙"}', 'BODY_NAME_REPEATED'],
    ['{"purposeCode":"A","name":"甲","n\\u0061me" :"甲"}', 'BODY_NAME_REPEATED'],
    ['{"x":[{"\\"":1,"a":"\\\\","a":2}]}', 'BODY_NAME_REPEATED'],
    [
      JSON.stringify({ lines: [Object.fromEntries(Array.from({ length: 101 }, (_, i) => [i, 0]))] }),
      'BODY_TOO_MANY_NAMES',
    ],
    [`{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'BODY_TOO_DEEP'],
    [`${'{"lines":[{"lines":'.repeat(9_000)}1${'}]}'.repeat(9_000)}`, 'BODY_TOO_DEEP'],
  ])('refuses the body %.40j', async (body, code) => {
    await expectProblem(await send(body), 400, code);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'knows no field %s, nor a parameter of that name',
    async (name) => {
      for (const answer of [
        await send(`{"purposeCode":"A","name":"甲","${name}":{"x":1}}`),
        await service.get(`balances?by=county&${name}=1`),
      ]) {
        await expectProblem(answer, 400, 'REQUEST_INVALID');
        expect((answer.body['parameters'] as Body)['fields']).toMatchObject([{ field: name, code: 'UNKNOWN_FIELD' }]);
      }
      const inLine = await send(`{"lines":[{"${name}":1}]}`, { 'content-type': JSON_TYPE }, 'appropriations');
      expect((inLine.body['parameters'] as Body)['fields']).toMatchObject([{ field: `lines[0].${name}` }]);
    },
  );

  it('repeats no name of any length', async () => {
    const answer = await send(`{"purposeCode":"A","name":"甲","${'k'.repeat(900_000)}":1}`);
    await expectProblem(answer, 400, 'REQUEST_INVALID');
    expect(JSON.stringify(answer.body).length).toBeLessThan(3_000);
  });

  it('reads one name in two objects, names inside texts, and a byte order mark', async () => {
    const twice = '{"purposeCode":"NO","name":"\\"name\\":1","lines":[{"a":"{[\\\\"},{"a":"a\\":"}]}';
    const answer = await send(`\uFEFF${twice}`);
    expect(answer.body).toMatchObject({ code: 'REQUEST_INVALID', parameters: { fields: [{ field: 'lines' }] } });
  });

  it.each([
    ['PUT', '/api/v1/purposes', 'GET, HEAD, OPTIONS, POST'],
    ['DELETE', '/api/v1/events/1', 'GET, HEAD, OPTIONS'],
    ['GET', '/api/v1/appropriations', 'OPTIONS, POST'],
    ['POST', '/api/v1/balances?by=county', 'GET, HEAD, OPTIONS'],
    ['POST', '/log/tile/data/000', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/', 'GET, HEAD, OPTIONS'],
  ])('tells who asks with %s for %s what it may be asked with', async (method, path, allowed) => {
    const answer = await service.request(path, { method });
    await expectProblem(answer, 405, 'METHOD_NOT_ALLOWED');
    expect(answer.headers.get('allow')).toBe(allowed);
    const options = await service.request(path, { method: 'OPTIONS' });
    expect(options.status).toBe(204);
    expect(options.headers.get('allow')).toBe(allowed);
  });

  it.each(['/nothing', '/api/v1', '/api/v1/', '/api/v1/purposes/', '/API/v1/purposes', '/api/v1//purposes'])(
    'knows no address %s in any method',
    async (path) => {
      for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
        await expectProblem(await service.request(path, { method }), 404, 'ROUTE_NOT_FOUND');
      }
    },
  );

  it('leads a person who opens the bare address to the documentation', async () => {
    const answer = await fetch(service.server.url);
    expect(answer.url).toBe(`${service.server.url}/api`);
    expect(await answer.text()).toContain('<title>一池 · Yichi API</title>');
  });

  it.each([
    ['what is no HTTP', 'G@T / HTTP/1.1\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['an unknown method', 'FOO /api HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['no host', 'GET /health/live HTTP/1.1\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['two hosts', 'GET /health/live HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    [
      'an expectation that it does not know',
      'GET /health/live HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n',
      417,
      'EXPECTATION_NOT_UNDERSTOOD',
    ],
    ['a way out of the documentation', 'GET /api/.. HTTP/1.1\r\nHost: x\r\n\r\n', 404, 'ROUTE_NOT_FOUND'],
    ['a hidden way out of it', 'GET /api/%2e%2e/package.json HTTP/1.1\r\nHost: x\r\n\r\n', 404, 'ROUTE_NOT_FOUND'],
    ['an address with a zero', 'GET /api/x%00 HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['a zero in a route', 'GET /api/v1/events/%00 HTTP/1.1\r\nHost: x\r\n\r\n', 401, 'TOKEN_MISSING'],
    ['a tile that is none', 'GET /log/tile/%2e%2e/x HTTP/1.1\r\nHost: x\r\n\r\n', 404, 'TILE_NOT_FOUND'],
    ['too long an address', `GET /?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
  ])('answers %s with a problem too', async (_, sent, status, code) => {
    const text = await new Promise<string>((resolve, reject) => {
      const received: Buffer[] = [];
      const last = sent.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
      const socket = connect(Number(new URL(service.server.url).port), '127.0.0.1', () => socket.write(last));
      socket.on('data', (data) => received.push(data)).on('error', reject);
      socket.on('close', () => resolve(Buffer.concat(received).toString('utf8')));
    });
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*content-type: application/problem\\+json`));
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });
});
