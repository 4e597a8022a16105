import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

import { canonicalJson } from '../../../src/event-log/canonical-json';
import { NO_STREAM } from '../../../src/event-log/event-log';
import { EventStoreDbEventLog } from '../../../src/event-log/eventstoredb/eventstoredb-event-log';
import { openEventStoreDb } from '../../../src/event-log/eventstoredb/open-eventstoredb';
import { explainSilence, parseServerAddress } from '../../../src/event-log/eventstoredb/server-address';
import { Ledger } from '../../../src/ledger/ledger';
import { openEventLog } from '../../../src/ledger/open-event-log';
import { DomainError } from '../../../src/platform/domain-error';
import { StandInServer, type StandInOptions } from '../../support/eventstoredb/stand-in-server';
import { registerSmallWorld } from '../../support/small-ledger';
import { TESTER } from '../../support/temporary-ledger';
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
  // No sentence of the server or its client in a Chinese one; their words are a detail for programs.
  expect(message).not.toMatch(/[a-z]{3,} [a-z]{2,}/i);
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
    const error = await failure(openEventStoreDb(cluster, SHORT));
    expectClear(error, 'LOG_UNREACHABLE', server.address);
    expect(error).toMatchObject({
      message: expect.stringContaining('对方没有在该地址提供服务') as string,
      messageEn: expect.stringContaining('nothing listens at its address') as string,
      parameters: { detail: expect.stringContaining('ECONNREFUSED') as string },
    });
  });

  it.each([
    ['esdb://'],
    ['esdb://:2113'],
    ['esdb://host:port'],
    ['esdb://a:1,:2'],
    ['esdb://a:99999'],
    ['http://127.0.0.1:2113'],
    ['esdb://user:se@cret@host:2113', '@ : / ? # %'],
    ['esdb://user:secret:x@host:2113'],
    ['esdb://user:se/secret@host:2113'],
    ['esdb://user@host:2113'],
    ['esdb://user:secret%zz@host:2113', '%'],
    ['esdb://user:secret@host:2113?tlsCAFile=%zz'],
    ['esdb://user:secret@host:2113?tls=flase', 'flase'],
    ['esdb://user:secret@host:2113?tls=false&defaultDeadline=soon', 'soon'],
    ['esdb://user:secret@host:2113?tlsVerifyCert=false', 'tlsVerifyCert'],
    ['esdb://user:secret@host:2113?passwort=x', 'passwort'],
  ])('tells that %s is no setting', async (setting, ...words) => {
    const warned = jest.spyOn(console, 'warn');
    expectClear(await failure(openEventStoreDb(setting, SHORT)), 'SETTING_INVALID', ...words);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it('tells in Chinese why a server that was there is not, and keeps the words of the client', async () => {
    const server = await startServer();
    const log = openLog(server, SHORT);
    await log.append({ stream: 'pool-1', expectedRevision: NO_STREAM, events: sampleEvents('pool-1', 0, 1) });
    await server.kill();
    const [reading, appending] = await Promise.all([
      failure(log.readAll(0, 1)),
      failure(log.append({ stream: 'pool-1', expectedRevision: 0, events: sampleEvents('pool-1', 1, 1) })),
    ]);
    expectClear(reading, 'LOG_UNREACHABLE', server.address);
    expectClear(appending, 'LOG_OUTCOME_UNKNOWN', 'pool-1', server.address);
    for (const error of [reading, appending]) {
      expect((error as DomainError).parameters['detail']).toMatch(/ECONNREFUSED|ECONNRESET|dropped|answered/);
    }
  });

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
    const error = await failure(openEventStoreDb(`esdb://${server.address}`, SHORT));
    expectClear(error, 'LOG_CERTIFICATE', server.address);
    expect(error).toMatchObject({
      message: expect.stringContaining('证书不是由所信任的机构签发的') as string,
      parameters: { detail: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) as string },
    });
    const plain = `esdb://${server.address}?tls=false`;
    expectClear(await failure(openEventStoreDb(plain, SHORT)), 'LOG_CERTIFICATE', 'tls=false', server.address);
    const noFile = `esdb://${server.address}?tlsCAFile=/no/such/file.crt`;
    expectClear(await failure(openEventStoreDb(noFile, SHORT)), 'SETTING_INVALID');
  });

  it('tells which authorities were asked where the environment names them for the client', async () => {
    const server = await startServer({
      tls: {
        key: readFileSync(join(CERTIFICATES, 'server.key')),
        certificate: readFileSync(join(CERTIFICATES, 'server.crt')),
      },
    });
    const address = parseServerAddress(`esdb://${server.address}`);
    const others = join(scratchDirectory(), 'others.crt');
    writeFileSync(others, rootCertificates[0] as string);
    const environment = { ...process.env };
    try {
      process.env['GRPC_DEFAULT_SSL_ROOTS_FILE_PATH'] = others;
      const words = ['GRPC_DEFAULT_SSL_ROOTS_FILE_PATH', others, 'NODE_EXTRA_CA_CERTS'];
      expectClear(await explainSilence(address), 'LOG_CERTIFICATE', server.address, ...words);
      // The client trusts it then, and the explanation must not find another reason.
      process.env['GRPC_DEFAULT_SSL_ROOTS_FILE_PATH'] = join(CERTIFICATES, 'ca.crt');
      expect(await explainSilence(address)).toBeNull();
    } finally {
      process.env = environment;
    }
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
  const setMetadata = (server: StandInServer, stream: string, metadata: string): void => {
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
      for (const stream of ['pool-630222-2024', 'project-X1', 'notary-checkpoints']) {
        setMetadata(server, stream, metadata);
        expectClear(await failure(log.readStream(stream, 0, 10)), 'LOG_STREAM_DELETED', stream);
      }
      expect(await log.readStream('pool-630224-2024', 0, 10)).toEqual([]);
    },
  );

  const withProject = async (stream = 'project-X1') => {
    const server = await startServer();
    const log = openLog(server, SHORT);
    await log.append({ stream, expectedRevision: NO_STREAM, events: sampleEvents(stream, 0, 3) });
    return { server, log };
  };

  it('is noticed by whoever wants to know whether there is more of it', async () => {
    const { server, log } = await withProject();
    expect(await log.readStream('project-X1', 3, 10)).toEqual([]);
    server.log.delete('project-X1');
    expectClear(await failure(log.readStream('project-X1', 0, 10)), 'LOG_STREAM_DELETED', 'project-X1');
    expectClear(await failure(log.readStream('project-X1', 3, 10)), 'LOG_STREAM_DELETED', 'project-X1');
  });

  it('is noticed after somebody has written behind what is hidden', async () => {
    const { server, log } = await withProject();
    server.log.delete('project-X1');
    await log.append({ stream: 'project-X1', expectedRevision: 2, events: sampleEvents('project-X1', 3, 1) });
    expectClear(await failure(log.readStream('project-X1', 0, 10)), 'LOG_STREAM_DELETED', 'project-X1');
    expect((await log.readAll(0, 10)).map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
  });

  it.each([2, 3])('is noticed where it is cut off before revision %d', async (before) => {
    const { server, log } = await withProject();
    setMetadata(server, 'project-X1', `{"$tb":${before}}`);
    expectClear(await failure(log.readStream('project-X1', 0, 10)), 'LOG_STREAM_DELETED', 'project-X1');
    setMetadata(server, 'project-X1', '{"$tb":0}');
    expect(await log.readStream('project-X1', 0, 10)).toHaveLength(3);
  });

  it('costs no reading more while the stream goes on', async () => {
    const { server, log } = await withProject();
    let readings = 0;
    server.faults = {
      onRead: () => {
        readings += 1;
        return null;
      },
    };
    await log.readStream('project-X1', 0, 10);
    await log.readStream('project-X1', 3, 10);
    expect(readings).toBe(2);
  });

  it.each([['project-X1'], ['project-村道〔2024〕1号']])('for good is told at the call: %s', async (stream) => {
    const { server, log } = await withProject(stream);
    server.log.setTombstone(stream);
    const append = { stream, expectedRevision: 2, events: sampleEvents(stream, 3, 1) };
    expectClear(await failure(log.append(append)), 'LOG_STREAM_DELETED', stream);
    const reading = await failure(log.readStream(stream, 0, 10));
    // The server cannot name such a stream, and only says that it has failed.
    if (stream === 'project-X1') expectClear(reading, 'LOG_STREAM_DELETED', stream);
    else
      expect(reading).toMatchObject({
        code: 'LOG_UNREACHABLE',
        message: expect.stringContaining('永久删除') as string,
      });
    expectClear(await failure(log.readAll(0, 10)), 'LOG_STREAM_DELETED', stream);
    expect(server.log.stream(stream)).toHaveLength(4);
  });

  it('stops a command to it before anything is written', async () => {
    const server = await startServer();
    const ledger = await Ledger.open({ dataDir: scratchDirectory(), eventLog: server.connectionString });
    setMetadata(server, 'registry-divisions', '{"$tb":9223372036854775807}');
    const before = server.log.records.length;
    expectClear(await failure(registerSmallWorld(ledger)), 'LOG_STREAM_DELETED', 'registry-divisions');
    expect(server.log.records).toHaveLength(before);
    await ledger.close();
  });

  it('stops a command to a project before anything is written', async () => {
    const server = await startServer();
    const settings = { dataDir: scratchDirectory(), eventLog: server.connectionString };
    const before = await Ledger.open(settings);
    await registerSmallWorld(before);
    await before.close();
    server.log.delete('project-ROAD-1');
    const records = server.log.records.length;
    const after = await Ledger.open(settings);
    expectClear(await failure(registerSmallWorld(after)), 'LOG_STREAM_DELETED', 'project-ROAD-1');
    expect(server.log.records).toHaveLength(records);
    await after.close();
  });

  it('is one that never was, where its metadata say something else', async () => {
    const server = await startServer();
    const log = openLog(server);
    for (const metadata of ['{"$acl":{"$r":"$all"}}', '{"$tb":0}', 'null', '[]', 'x']) {
      setMetadata(server, 'pool-630222-2024', metadata);
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

  const failureOfFollowing = async (log: EventStoreDbEventLog, after: number): Promise<unknown> => {
    const errors: unknown[] = [];
    const subscription = log.subscribeAll(after, {
      onEvents: async () => undefined,
      onError: (error) => errors.push(error),
    });
    while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await subscription.close();
    return errors[0];
  };

  it('is told by every reader that knows more', async () => {
    const { server, log, position } = await withHistory();
    server.log.truncate(server.log.records.length - 4);
    expectClear(await failure(log.readAll(position, 1)), 'LOG_POSITION_UNKNOWN', String(position));
    expectClear(await failure(log.readAt(position)), 'LOG_POSITION_UNKNOWN', String(position));
    expectClear(await failureOfFollowing(log, position), 'LOG_POSITION_UNKNOWN', String(position));
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
    const file = join(dataDir, '部门.csv');
    writeFileSync(file, '部门编码,名称\nSL,水利厅\n');
    expectClear(await failure(after.importFiles([file], { actor: TESTER })), 'LOG_POSITION_UNKNOWN', String(position));
    await after.close();
    expect(server.log.records).toHaveLength(records);
  });

  it('is told also after others have written more than was lost', async () => {
    const { server, log, position } = await withHistory();
    server.log.truncate(server.log.records.length - 4);
    const other = openLog(server);
    const revision = (await other.readStream('pool-1', 0, 10)).length;
    // Of another length, so that no record begins where one did before.
    const more = Array.from({ length: 9 }, (_, index) =>
      sampleEvent('pool-1', revision + index, { id: randomUUID(), data: { remark: 'x'.repeat(77) } }),
    );
    await other.append({ stream: 'pool-1', expectedRevision: revision - 1, events: more });
    expect(await log.head()).toBeGreaterThan(position);
    expectClear(await failure(log.readAll(position, 1)), 'LOG_POSITION_UNKNOWN', String(position));
    expectClear(await failureOfFollowing(log, position), 'LOG_POSITION_UNKNOWN', String(position));
  });

  it('knows positions that are no event’s', async () => {
    const { log, position } = await withHistory();
    expect(await log.readAt(position)).toMatchObject({ position, revision: 4 });
    expect(await log.readAt(position - 1)).toBeNull();
    expectClear(await failure(log.readAll(position - 1, 5)), 'LOG_POSITION_UNKNOWN', String(position - 1));
  });
});
