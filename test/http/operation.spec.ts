import { readFileSync, renameSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';

import { Injectable } from '@nestjs/common';
import { Command, CommandHandler } from '@nestjs/cqrs';

import { logDiskFull } from '../../src/event-log/log-failure';
import { readEvent } from '../../src/event-log/upcasting';
import { startServer } from '../../src/http/server';
import { ServiceState } from '../../src/http/service-state';
import { requireUniqueHandlers } from '../../src/http/unique-handlers';
import { openApiText } from '../../src/http/write-openapi';
import { Ledger } from '../../src/ledger/ledger';
import { createLogger } from '../../src/platform/logging';
import { CLERK, fund, paymentOf, registerWorld, Service } from './support/service';

describe('the service in operation', () => {
  let service: Service;

  beforeEach(async () => {
    service = await Service.start();
  });
  afterEach(() => service.close());

  it('is live and ready, and tells how far the read model is', async () => {
    expect(await service.request('/health/live')).toMatchObject({ status: 200, body: { status: 'live' } });
    const { position } = await service.stored('purposes', { purposeCode: 'A', name: '甲' });
    await service.get(`purposes?waitFor=${position}`);
    expect(await service.request('/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', log: { engine: 'sqlite', position }, projection: { position, lag: 0, halted: false } },
    });
  });

  it('is not ready when the read model is halted, and still is live', async () => {
    const [stored] = await (async () => {
      await service.stored('purposes', { purposeCode: 'A', name: '甲' });
      return service.ledger.log.readAll(0, 1);
    })();
    if (stored === undefined) throw new Error('nothing was stored');
    await service.get('purposes?waitFor=1');
    const forged = {
      ...stored,
      canonical: stored.canonical.replace(readEvent(stored).id, '00000000-0000-5000-8000-000000000000'),
    };
    expect(() => service.ledger.readModel.take([forged], 0)).toThrow();
    expect(await service.request('/health/ready')).toMatchObject({
      status: 503,
      body: { status: 'not-ready', reasons: [{ code: 'PROJECTION_HALTED' }] },
    });
    expect((await service.request('/health/live')).status).toBe(200);
    expect((await service.request('/metrics')).body['text']).toMatch(/^yichi_projection_halted 1$/m);
  });

  it('takes nothing and is not ready once the log’s file is not in its place, and goes on when it is back', async () => {
    await service.stored('purposes', { purposeCode: 'A', name: '甲' });
    const file = join(service.dataDir, 'log.sqlite');
    renameSync(file, `${file}-away`);
    expect(await service.post('purposes', { purposeCode: 'B', name: '乙' })).toMatchObject({
      status: 503,
      body: { code: 'LOG_FILE_GONE' },
    });
    expect(await service.request('/health/ready')).toMatchObject({
      status: 503,
      body: { status: 'not-ready', reasons: [{ code: 'LOG_FILE_GONE' }] },
    });
    renameSync(`${file}-away`, file);
    expect((await service.request('/health/ready')).status).toBe(200);
    await service.stored('purposes', { purposeCode: 'B', name: '乙' });
  });

  it('looks whether anything can be stored once in a second, however often it is asked, and anew when it cannot', async () => {
    const { ledger } = service;
    let now = 5000;
    const state = new ServiceState(ledger, () => now);
    const looked = jest.spyOn(ledger.log, 'requireStorable');
    const ask = async (): Promise<readonly [string, number]> => [
      (await state.readiness()).status,
      looked.mock.calls.length,
    ];
    expect(await ask()).toEqual(['ready', 1]);
    expect(await ask()).toEqual(['ready', 1]);
    now += 999;
    expect(await ask()).toEqual(['ready', 1]);
    now += 1;
    looked.mockRejectedValueOnce(logDiskFull('log.sqlite'));
    expect(await ask()).toEqual(['not-ready', 2]);
    expect(await ask()).toEqual(['ready', 3]);
    looked.mockRestore();
  });

  it('is not ready with a clock that stands before what is recorded', async () => {
    const ledger = await Ledger.open(
      { dataDir: service.dataDir, eventLog: `sqlite:${join(service.dataDir, 'log.sqlite')}` },
      () => new Date('2024-01-01T00:00:00Z'),
    );
    await service.stored('purposes', { purposeCode: 'A', name: '甲' });
    expect(await new ServiceState(ledger).readiness()).toMatchObject({
      status: 'not-ready',
      reasons: [{ code: 'CLOCK_BEHIND' }],
    });
    await ledger.close();
  });

  it('counts commands by outcome and measures requests and lag', async () => {
    await service.stored('purposes', { purposeCode: 'A', name: '甲' });
    await service.post('purposes', { purposeCode: 'A', name: '甲' });
    await service.post('purposes', { purposeCode: 'B', name: '乙', parentPurpose: 'NONE' });
    const { status, body, headers } = await service.request('/metrics');
    const text = body['text'] as string;
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    for (const outcome of ['stored', 'unchanged', 'refused']) {
      expect(text).toContain(`yichi_commands_total{command="RegisterPurpose",outcome="${outcome}"} 1`);
    }
    expect(text).toContain('yichi_command_append_seconds_count{command="RegisterPurpose"} 1');
    expect(text).toMatch(
      /yichi_http_request_seconds_count\{method="POST",route="\/api\/v1\/purposes",status="201"\} 1/,
    );
    expect(text).toMatch(/^yichi_log_position 1$/m);
    expect(text).toMatch(/^yichi_projection_lag_positions \d+$/m);
  });

  it('shows the documentation from its own assets alone', async () => {
    const page = await service.request('/api');
    expect(page.status).toBe(200);
    const html = page.body['text'] as string;
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) {
      expect(asset).toMatch(/^\.\//);
      expect((await service.request(new URL(asset, 'http://x/').pathname)).status).toBe(200);
    }
    const { body } = await service.request('/api-json');
    expect(body).toMatchObject({ openapi: '3.0.0', components: { securitySchemes: { bearer: { scheme: 'bearer' } } } });
  });

  it('has an openapi.json that equals the code (npm run openapi writes it)', async () => {
    expect(readFileSync(join(__dirname, '..', '..', 'openapi.json'), 'utf8')).toBe(await openApiText());
  });

  it('does not start with two handlers for one command', () => {
    class Pay extends Command<void> {}
    @Injectable()
    class PlainService {}
    @CommandHandler(Pay)
    class PayOnce {}
    @CommandHandler(Pay)
    class PayTwice {}
    expect(() => requireUniqueHandlers([PlainService, PayOnce, PayOnce])).not.toThrow();
    expect(() => requireUniqueHandlers([PayOnce, PlainService, PayTwice])).toThrow(
      'Pay has two handlers: PayOnce and PayTwice',
    );
  });

  it('says which port is in use', async () => {
    const port = Number(new URL(service.server.url).port);
    await expect(
      startServer(
        service.ledger,
        { dataDir: service.dataDir, host: '127.0.0.1', port },
        { logger: createLogger('silent') },
      ),
    ).rejects.toMatchObject({ kind: 'unavailable', code: 'PORT_IN_USE', parameters: { port } });
    expect((await service.request('/health/live')).status).toBe(200);
  });

  it('stops without losing or breaking off anything that it took', async () => {
    await registerWorld(service);
    await fund(service, '1000.00');
    const asked = Array.from({ length: 100 }, async (_, index) =>
      service.post('payment-requests', paymentOf(`停${index}`, '1.00')).catch(() => null),
    );
    await asked[0];
    await service.server.stop();
    const answers = await Promise.all(asked);
    const acknowledged = answers.filter((answer) => answer?.status === 201);
    expect(acknowledged.length).toBeGreaterThan(0);
    await expect(fetch(`${service.server.url}/health/live`)).rejects.toThrow();
    await service.ledger.close();

    const reopened = await Ledger.open({
      dataDir: service.dataDir,
      eventLog: `sqlite:${join(service.dataDir, 'log.sqlite')}`,
    });
    const stored = new Set((await reopened.log.readAll(0, 10_000)).map((each) => readEvent(each).id));
    for (const answer of acknowledged) {
      for (const id of answer?.body['eventIds'] as string[]) expect(stored.has(id)).toBe(true);
    }
    await reopened.close();
  });

  it('does not keep a stop waiting for an idle connection', async () => {
    const agentless = httpRequest(`${service.server.url}/health/live`, { headers: { connection: 'keep-alive' } });
    await new Promise<void>((resolve) =>
      agentless.on('response', (response) => response.resume().on('end', resolve)).end(),
    );
    const begun = Date.now();
    await service.server.stop();
    expect(Date.now() - begun).toBeLessThan(10_000);
  });

  it('signs nobody’s name under an event without a token', async () => {
    await service.stored('purposes', { purposeCode: 'A', name: '甲' });
    const [stored] = await service.ledger.log.readAll(0, 1);
    expect(stored === undefined ? null : readEvent(stored).actor).toEqual(CLERK);
  });
});
