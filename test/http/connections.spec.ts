import { connect, type Socket } from 'node:net';

import { Service } from './support/service';

const HALF_REQUESTS: readonly (readonly [what: string, sent: string])[] = [
  ['nothing', ''],
  ['half a request line', 'GET /health/li'],
  ['half of its headers', 'GET /health/live HTTP/1.1\r\nHost: x\r\n'],
  [
    'half of its body',
    'POST /api/v1/purposes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a',
  ],
];

interface Raw {
  readonly socket: Socket;
  /** Everything that came until the other side closed. */
  readonly ended: Promise<string>;
}

describe('connections that keep the service waiting', () => {
  let service: Service;

  beforeEach(async () => {
    service = await Service.start();
  });
  afterEach(() => service.close());

  const open = (sent: string): Promise<Raw> =>
    new Promise((resolve, reject) => {
      const received: Buffer[] = [];
      const socket = connect(Number(new URL(service.server.url).port), '127.0.0.1');
      const ended = new Promise<string>((end) => {
        socket.on('close', () => end(Buffer.concat(received).toString('utf8')));
      });
      socket.on('data', (data) => received.push(data));
      socket.once('error', reject);
      socket.on('error', () => undefined);
      socket.once('connect', () => socket.write(sent, () => resolve({ socket, ended })));
    });

  it('do not keep it from stopping', async () => {
    const opened = await Promise.all(HALF_REQUESTS.map(([, sent]) => open(sent)));
    const idle = await open('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => idle.socket.once('data', resolve));
    const began = performance.now();
    await service.server.stop();
    await Promise.all([...opened, idle].map(({ ended }) => ended));
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('are told in a problem when their request comes while it stops', async () => {
    const { socket, ended } = await open('GET /health/live HTTP/1.1\r\nHo');
    const stopped = service.server.stop();
    socket.write('st: x\r\n\r\n');
    const [head = '', body = ''] = (await ended).split('\r\n\r\n');
    await stopped;
    expect(head).toMatch(/^HTTP\/1\.1 503 /);
    expect(head).toMatch(/content-type: application\/problem\+json/);
    expect(head).toMatch(/retry-after: \d+/);
    expect(JSON.parse(body)).toMatchObject({ status: 503, code: 'SERVICE_STOPPING' });
  });

  it('are cut after the half minute that a request may take, not after one or two more', async () => {
    const began = performance.now();
    const times = await Promise.all(
      HALF_REQUESTS.map(async ([, sent]) => {
        const { ended } = await open(sent);
        return { said: await ended, after: performance.now() - began };
      }),
    );
    for (const { said, after } of times) {
      expect(after).toBeGreaterThan(29_000);
      expect(after).toBeLessThan(45_000);
      expect(said).toMatch(/^HTTP\/1\.1 408 [^]*"code":"REQUEST_TIMEOUT"/);
    }
  });
});
