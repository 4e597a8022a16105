import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { canonicalJson } from '../../../src/event-log/canonical-json';
import { NO_STREAM } from '../../../src/event-log/event-log';
import { EventStoreDbEventLog } from '../../../src/event-log/eventstoredb/eventstoredb-event-log';
import { openEventStoreDb } from '../../../src/event-log/eventstoredb/open-eventstoredb';
import { Ledger } from '../../../src/ledger/ledger';
import { openEventLog } from '../../../src/ledger/open-event-log';
import { DomainError } from '../../../src/platform/domain-error';
import { StandInServer, type StandInOptions } from '../../support/eventstoredb/stand-in-server';
import { registerSmallWorld } from '../../support/small-ledger';
import { sampleEvent, sampleEvents } from '../sample-event';
import { scratchDirectory } from '../scratch-directory';

const SHORT = { patience: { deadlineMs: 1000, patienceMs: 300, firstPauseMs: 5, longestPauseMs: 50 } };
const CERTIFICATES = join(__dirname, '../../support/eventstoredb/certificates');

const servers: StandInServer[] = [];
const logs: EventStoreDbEventLog[] = [];

const startServer = async (options?: StandInOptions): Promise<StandInServer> => {
  const server = await StandInServer.start(options);
  servers.push(server);
  return server;
};
const openLog = (server: StandInServer, options: ConstructorParameters<typeof EventStoreDbEventLog>[1] = {}) => {
  const log = new EventStoreDbEventLog(server.connectionString, options);
  logs.push(log);
  return log;
};

afterEach(async () => {
  for (const log of logs.splice(0)) await log.close();
  for (const server of servers.splice(0)) await server.stop();
});

/** An error for people: cause and remedy in both languages, no password. */
const expectClear = (error: unknown, code: string, ...words: readonly string[]): void => {
  expect(error).toBeInstanceOf(DomainError);
  const { message, messageEn, remedy, remedyEn } = error as DomainError;
  expect((error as DomainError).code).toBe(code);
  for (const sentence of [message, messageEn, remedy, remedyEn]) {
    expect(sentence.length).toBeGreaterThan(10);
    expect(sentence).not.toContain('secret');
  }
  for (const word of words) {
    expect(message).toContain(word);
    expect(messageEn).toContain(word);
  }
};

const failure = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => null,
    (error: unknown) => error,
  );

describe('opening a log on a server', () => {
  it('opens one that answers, also through the setting', async () => {
    const server = await startServer();
    const log = await openEventLog(server.connectionString);
    expect(log.engine).toBe('eventstoredb');
    await log.close();
  });

  it('tells a wrong address', async () => {
    const server = await startServer();
    await server.kill();
    expectClear(await failure(openEventStoreDb(server.connectionString, SHORT)), 'LOG_UNREACHABLE', server.address);
    const unknownHost = 'esdb://user:secret@no-such-host.invalid:2113?tls=false';
    expectClear(await failure(openEventStoreDb(unknownHost, SHORT)), 'LOG_UNREACHABLE', 'no-such-host.invalid');
    const cluster = `esdb://${server.address},127.0.0.1:1?tls=false&maxDiscoverAttempts=2`;
    expectClear(await failure(openEventStoreDb(cluster, SHORT)), 'LOG_UNREACHABLE', 'ECONNREFUSED');
  });

  it.each(['esdb://', 'esdb://:2113', 'esdb://host:port', 'esdb://a:1,:2'])(
    'tells that %s is no setting',
    async (setting) => {
      expectClear(await failure(openEventStoreDb(setting)), 'SETTING_INVALID');
    },
  );

  it('tells a wrong password without showing it', async () => {
    const tls = {
      key: readFileSync(join(CERTIFICATES, 'server.key')),
      certificate: readFileSync(join(CERTIFICATES, 'server.crt')),
    };
    const server = await startServer({ tls, credentials: 'ops:right' });
    const authority = join(CERTIFICATES, 'ca.crt');
    const setting = (password: string): string => `esdb://ops:${password}@${server.address}?tlsCAFile=${authority}`;
    const log = await openEventStoreDb(setting('right'), SHORT);
    await log.close();
    expectClear(await failure(openEventStoreDb(setting('secret'), SHORT)), 'LOG_PASSWORD_REFUSED', server.address);
  });

  it('tells a certificate that it does not trust, and one that is not there', async () => {
    const tls = {
      key: readFileSync(join(CERTIFICATES, 'server.key')),
      certificate: readFileSync(join(CERTIFICATES, 'server.crt')),
    };
    const server = await startServer({ tls });
    expectClear(await failure(openEventStoreDb(`esdb://${server.address}`, SHORT)), 'LOG_CERTIFICATE', server.address);
    const noFile = `esdb://${server.address}?tlsCAFile=/no/such/file.crt`;
    expectClear(await failure(openEventStoreDb(noFile, SHORT)), 'SETTING_INVALID');
  });

  it.each([['20.10.4.0'], ['24.1.0'], [null]])('tells a server of version %s that it is too old', async (version) => {
    const server = await startServer({ version });
    expectClear(await failure(openEventStoreDb(server.connectionString, SHORT)), 'LOG_SERVER_OUTDATED', '24.2');
  });

  it.each(['24.2.0', '24.6.0.0', '26.0.1', 'built by ourselves'])('takes one of version %s', async (version) => {
    const server = await startServer({ version });
    await (await openEventStoreDb(server.connectionString, SHORT)).close();
  });
});

describe('what somebody else wrote into a stream of ours', () => {
  const write = (server: StandInServer, stream: string): void => {
    server.log.append(stream, 'any', [
      {
        id: randomUUID(),
        type: 'Test',
        contentType: 'application/json',
        data: Buffer.from('{}'),
        metadata: Buffer.from('{}'),
      },
    ]);
  };

  it('is named with stream and number, by every way of reading', async () => {
    const server = await startServer();
    const log = openLog(server);
    await log.append({ stream: 'pool-1', expectedRevision: NO_STREAM, events: sampleEvents('pool-1', 0, 1) });
    write(server, 'pool-1');
    expectClear(await failure(log.readStream('pool-1', 0, 10)), 'LOG_FOREIGN_EVENT', 'pool-1', '1');
    expectClear(await failure(log.readAll(0, 10)), 'LOG_FOREIGN_EVENT', 'pool-1', '1');
    const errors: unknown[] = [];
    const seen: number[] = [];
    const subscription = log.subscribeAll(0, {
      onEvents: async (events) => void seen.push(...events.map(({ revision }) => revision)),
      onError: (error) => errors.push(error),
    });
    while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await subscription.close();
    expect(seen).toEqual([0]);
    expectClear(errors[0], 'LOG_FOREIGN_EVENT', 'pool-1', '1');
  });

  it('stops a command to that stream before anything is written', async () => {
    const server = await startServer();
    const ledger = await Ledger.open({ dataDir: scratchDirectory(), eventLog: server.connectionString });
    write(server, 'registry-divisions');
    const before = server.log.records.length;
    expectClear(await failure(registerSmallWorld(ledger)), 'LOG_FOREIGN_EVENT', 'registry-divisions', '0');
    expect(server.log.records).toHaveLength(before);
    await ledger.close();
  });

  it('does not matter in streams of other names', async () => {
    const server = await startServer();
    const log = openLog(server);
    write(server, 'orders-1');
    write(server, 'pools-1');
    expect(await log.readAll(0, 10)).toEqual([]);
    expect(await log.head()).toBe(0);
    await expect(
      log.append({ stream: 'orders-1', expectedRevision: 0, events: sampleEvents('orders-1', 1, 1) }),
    ).rejects.toThrow(/not a stream of the ledger/);
  });
});

describe('a stream that an administrator has deleted', () => {
  /** Its events are hidden from who reads the stream; a new event would be taken. */
  const remove = (server: StandInServer, stream: string, metadata: string): void => {
    server.log.append(`$$${stream}`, 'any', [
      {
        id: randomUUID(),
        type: '$metadata',
        contentType: 'application/json',
        data: Buffer.from(metadata),
        metadata: Buffer.alloc(0),
      },
    ]);
  };

  it.each(['{"$tb":9223372036854775807}', '{"$maxCount":1}', '{"$maxAge":60}'])(
    'is not taken for one that never was: %s',
    async (metadata) => {
      const server = await startServer();
      const log = openLog(server);
      remove(server, 'pool-630222-2024', metadata);
      expectClear(await failure(log.readStream('pool-630222-2024', 0, 10)), 'LOG_STREAM_DELETED', 'pool-630222-2024');
      expect(await log.readStream('pool-630224-2024', 0, 10)).toEqual([]);
    },
  );

  it('stops a command to it before anything is written', async () => {
    const server = await startServer();
    const ledger = await Ledger.open({ dataDir: scratchDirectory(), eventLog: server.connectionString });
    remove(server, 'registry-divisions', '{"$tb":9223372036854775807}');
    const before = server.log.records.length;
    expectClear(await failure(registerSmallWorld(ledger)), 'LOG_STREAM_DELETED', 'registry-divisions');
    expect(server.log.records).toHaveLength(before);
    await ledger.close();
  });

  it('is one that never was, where its metadata say something else', async () => {
    const server = await startServer();
    const log = openLog(server);
    for (const metadata of ['{"$acl":{"$r":"$all"}}', '{"$tb":0}', 'null', '[]', 'x']) {
      remove(server, 'pool-630222-2024', metadata);
      expect(await log.readStream('pool-630222-2024', 0, 10)).toEqual([]);
    }
  });
});

describe('what is too large for one append', () => {
  const large = (stream: string, revision: number, bytes: number, commandId = randomUUID()) =>
    sampleEvent(stream, revision, { id: randomUUID(), commandId, data: { remark: 'x'.repeat(bytes) } });

  it('is refused before anything is written, when it is one event or one command', async () => {
    const server = await startServer();
    const log = openLog(server);
    const stream = 'pool-1';
    const tooLarge = [large(stream, 0, 100), large(stream, 1, 1024 * 1024)];
    expectClear(
      await failure(log.append({ stream, expectedRevision: NO_STREAM, events: tooLarge })),
      'EVENT_TOO_LARGE',
      'pool-1',
    );
    const commandId = randomUUID();
    const command = Array.from({ length: 3 }, (_, index) => large('pool-2', index, 400_000, commandId));
    const unit = [
      { stream, expectedRevision: NO_STREAM, events: [large(stream, 0, 100)] },
      { stream: 'pool-2', expectedRevision: NO_STREAM, events: command },
    ];
    expectClear(await failure(log.appendTogether(unit)), 'EVENT_TOO_LARGE', 'pool-2');
    expect(await log.head()).toBe(0);
  });

  it('is divided between commands, and repeated it answers the same', async () => {
    const server = await startServer();
    const log = openLog(server);
    const events = Array.from({ length: 7 }, (_, index) => large('pool-1', index, 300_000));
    const append = { stream: 'pool-1', expectedRevision: NO_STREAM, events };
    const answer = await log.append(append);
    expect(answer.revision).toBe(6);
    expect((await log.readAll(0, 10)).map(({ canonical }) => canonical)).toEqual(events.map(canonicalJson));
    expect((await log.readAll(0, 10)).map(({ position }) => position)).toEqual(answer.positions);
    expect(await log.append(append)).toEqual(answer);
  });

  it('follows a server that takes less', async () => {
    const server = await startServer({ maxAppendBytes: 4000 });
    const log = openLog(server);
    const events = Array.from({ length: 9 }, (_, index) => large('pool-1', index, 1000));
    await log.append({ stream: 'pool-1', expectedRevision: NO_STREAM, events });
    expect(await log.readStream('pool-1', 0, 10)).toHaveLength(9);
    expectClear(
      await failure(log.append({ stream: 'pool-2', expectedRevision: NO_STREAM, events: [large('pool-2', 0, 5000)] })),
      'EVENT_TOO_LARGE',
    );
  });
});

describe('a server that was restored from an older backup', () => {
  const withHistory = async () => {
    const server = await startServer();
    const log = openLog(server, { silenceMs: 50 });
    for (let revision = 0; revision < 5; revision += 1) {
      await log.append({
        stream: 'pool-1',
        expectedRevision: revision - 1,
        events: sampleEvents('pool-1', revision, 1),
      });
    }
    return { server, log, position: await log.head() };
  };

  it('is told by every reader that knows more', async () => {
    const { server, log, position } = await withHistory();
    server.log.truncate(server.log.records.length - 4);
    expectClear(await failure(log.readAll(position, 1)), 'LOG_POSITION_UNKNOWN', String(position));
    expectClear(await failure(log.readAt(position)), 'LOG_POSITION_UNKNOWN', String(position));
    const errors: unknown[] = [];
    const subscription = log.subscribeAll(position, {
      onEvents: async () => undefined,
      onError: (error) => errors.push(error),
    });
    while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await subscription.close();
    expectClear(errors[0], 'LOG_POSITION_UNKNOWN', String(position));
  });

  it('stops a ledger at its start, with nothing written', async () => {
    const server = await startServer();
    const dataDir = scratchDirectory();
    const settings = { dataDir, eventLog: server.connectionString };
    const before = await Ledger.open(settings);
    await registerSmallWorld(before);
    const position = await before.catchUp();
    await before.close();
    server.log.truncate(server.log.records.length - 3);
    const records = server.log.records.length;
    const after = await Ledger.open(settings);
    expectClear(await failure(after.catchUp()), 'LOG_POSITION_UNKNOWN', String(position));
    await after.close();
    expect(server.log.records).toHaveLength(records);
  });

  it('knows positions that are no event’s', async () => {
    const { log, position } = await withHistory();
    expect(await log.readAt(position)).toMatchObject({ position, revision: 4 });
    expect(await log.readAt(position - 1)).toBeNull();
    expect(await log.readAll(position - 1, 5)).toMatchObject([{ position, revision: 4 }]);
  });
});
