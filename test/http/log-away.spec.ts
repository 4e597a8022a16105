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

  /** Posts a command that the server has been sent when it goes away, and has not answered. */
  const postUnderWay = async (purposeCode: string): Promise<{ readonly answer: Promise<Answer> }> => {
    const sent = new Promise<void>((resolve) => {
      server.faults = {
        onAppend: () => {
          resolve();
          return 'lost';
        },
      };
    });
    const answer = post(purposeCode);
    await sent;
    await server.kill();
    server.faults = {};
    return { answer };
  };

  it('refuses commands at once with when to come back, does those it had taken, and goes on by itself', async () => {
    const taken = await postUnderWay('B');
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
    expect((await taken.answer).status).toBe(201);
    while ((await post('D')).status !== 201) await pause(20);
    const names = server.log.stream('registry-purposes').map(({ data }) => Buffer.from(data).toString());
    expect(names.filter((name) => name.includes('"C'))).toEqual([]);
  });

  it('lets nobody wait behind a command that is under way, nor for a reading', async () => {
    const taken = await postUnderWay('B');
    // Those to the same register wait for it; the other register is not in memory and must be read first.
    const behind = Array.from({ length: 20 }, (_, index) => post(`C${index}`));
    const read = service.post('departments', { departmentCode: 'SLT', name: '水利厅' });
    for (const { status, headers, body } of await Promise.all([...behind, read])) {
      expect(status).toBe(503);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(body).toMatchObject({ code: 'LOG_UNREACHABLE' });
    }
    await server.restart();
    expect((await taken.answer).status).toBe(201);
    expect(server.log.stream('registry-purposes')).toHaveLength(2);
    expect(server.log.stream('registry-departments')).toHaveLength(0);
  });

  it('is not ready, and says whether the log is slow or not there', async () => {
    const ready = (): Promise<Answer> => service.request('/health/ready');
    expect((await ready()).status).toBe(200);
    server.faults = { onRead: () => ({ kind: 'silence', afterEvents: 0 }) };
    expect(await ready()).toMatchObject({
      status: 503,
      body: { log: { position: null }, projection: { lag: null }, reasons: [{ code: 'LOG_SLOW' }] },
    });
    await server.kill();
    expect((await ready()).body['reasons'][0]).toMatchObject({ code: 'LOG_UNREACHABLE' });
  });

  it('stops soon when it is told to, and tells whoever waits whether anybody knows what became of it', async () => {
    const taken = await postUnderWay('B');
    await untilAway();
    log.giveUpSoon();
    await service.close();
    const { status, body } = await taken.answer;
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 'LOG_OUTCOME_UNKNOWN' });
  });
});
