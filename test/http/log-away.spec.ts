import { setTimeout as pause } from 'node:timers/promises';

import { EventStoreDbEventLog } from '../../src/event-log/eventstoredb/eventstoredb-event-log';
import { StandInServer } from '../support/eventstoredb/stand-in-server';
import { type Answer, Service } from './support/service';

/** Whoever waited as long as this would be noticed by the test's own limit. */
const patience = {
  deadlineMs: 60_000,
  patienceMs: 600_000,
  awayAfterMs: 300,
  firstPauseMs: 5,
  longestPauseMs: 50,
};

describe('the service while the server of its log is away', () => {
  let server: StandInServer;
  let log: EventStoreDbEventLog;
  let service: Service;
  beforeEach(async () => {
    server = await StandInServer.start();
    log = new EventStoreDbEventLog(server.connectionString, { patience });
    service = await Service.start(log);
    await service.stored('purposes', { purposeCode: 'A', name: '甲' });
  });
  afterEach(async () => {
    await service.close();
    await server.stop();
  });

  const post = (purposeCode: string): Promise<Answer> => service.post('purposes', { purposeCode, name: '乙' });

  const untilAway = async (): Promise<void> => {
    while (log.away() === null) await pause(5);
  };

  it('refuses commands at once with when to come back, does those it had taken, and goes on by itself', async () => {
    await server.kill();
    const taken = post('B');
    await untilAway();
    const refused = await Promise.all(Array.from({ length: 20 }, (_, index) => post(`C${index}`)));
    for (const { status, headers, body } of refused) {
      expect(status).toBe(503);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(body).toMatchObject({ code: 'LOG_UNREACHABLE' });
      for (const remedy of ['remedy', 'remedyEn']) {
        expect(body[remedy]).toContain('Idempotency-Key');
        expect(body[remedy]).not.toContain('YICHI_EVENT_LOG');
      }
    }
    await server.restart();
    expect((await taken).status).toBe(201);
    while ((await post('D')).status !== 201) await pause(20);
    const names = server.log.stream('registry-purposes').map(({ data }) => Buffer.from(data).toString());
    expect(names.filter((name) => name.includes('"C'))).toEqual([]);
  });

  it('stops soon when it is told to, and tells whoever waits whether anybody knows what became of it', async () => {
    await server.kill();
    const taken = post('B');
    await untilAway();
    log.giveUpSoon();
    await service.close();
    const { status, body } = await taken;
    expect(status).toBe(503);
    // It was cut off while it was stored, or before that, while the log was read for it.
    expect(['LOG_OUTCOME_UNKNOWN', 'LOG_UNREACHABLE']).toContain(body['code']);
  });
});
