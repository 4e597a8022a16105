import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

import {
  EventStoreDbEventLog,
  type EventStoreDbOptions,
} from '../../../src/event-log/eventstoredb/eventstoredb-event-log';
import { parseServerAddress } from '../../../src/event-log/eventstoredb/server-address';
import { StandInServer } from './stand-in-server';

/** Connection string of a real server; without it only the stand-in is tested. */
const REAL_URL = process.env['YICHI_TEST_EVENTSTOREDB'];
/** Script that does `kill <port>` and `start <port>` with the real server's processes. */
const REAL_CONTROL = process.env['YICHI_TEST_EVENTSTOREDB_CONTROL'];

/** A server under test. Each namespace is a log of its own on it, so that tests do not meet. */
export interface TestServer {
  /** Processes that serve it. */
  readonly nodes: number;
  open(namespace: string, options?: EventStoreDbOptions): EventStoreDbEventLog;
  /** Kills one of its processes, as with -9. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Waits as short as a test can bear; the server is on the same machine. */
const PATIENCE = { deadlineMs: 3000, patienceMs: 60_000, awayAfterMs: 60_000, firstPauseMs: 5, longestPauseMs: 200 };

export const newNamespace = (): string => `t${randomUUID().replaceAll('-', '')}`;

const openOn = (setting: string, namespace: string, options: EventStoreDbOptions = {}): EventStoreDbEventLog =>
  new EventStoreDbEventLog(setting, { patience: PATIENCE, moreCategories: ['contract'], namespace, ...options });

const startStandIn = async (): Promise<TestServer> => {
  const server = await StandInServer.start();
  return {
    nodes: 1,
    open: (namespace, options) => openOn(server.connectionString, namespace, options),
    kill: () => server.kill(),
    restart: () => server.restart(),
    stop: () => server.stop(),
  };
};

const startReal = async (): Promise<TestServer> => {
  const setting = REAL_URL ?? '';
  const control = async (action: 'kill' | 'start', port: number): Promise<void> => {
    await promisify(execFile)(REAL_CONTROL ?? '', [action, String(port)]);
  };
  const { hosts } = parseServerAddress(setting);
  let killed: number | null = null;
  return {
    nodes: hosts.length,
    open: (namespace, options) => openOn(setting, namespace, options),
    kill: async () => {
      killed = hosts[Math.floor(Math.random() * hosts.length)]?.port ?? 0;
      await control('kill', killed);
    },
    restart: async () => {
      if (killed !== null) await control('start', killed);
      killed = null;
    },
    stop: async () => undefined,
  };
};

/** The same tests on the stand-in, always, and on a real server where there is one; else they show as skipped. */
export const describeOnServers = (name: string, tests: (start: () => Promise<TestServer>) => void): void => {
  describe(`${name} on the stand-in server`, () => tests(startStandIn));
  if (REAL_URL === undefined) {
    describe.skip(`${name} on a real server (YICHI_TEST_EVENTSTOREDB is not set)`, () => tests(startReal));
  } else {
    describe(`${name} on a real server`, () => tests(startReal));
  }
};

/** Tests that kill processes; on a real server only where a script for that is named. */
export const describeOnKillableServers = (name: string, tests: (start: () => Promise<TestServer>) => void): void => {
  describe(`${name} on the stand-in server`, () => tests(startStandIn));
  if (REAL_URL === undefined || REAL_CONTROL === undefined) {
    const missing = REAL_URL === undefined ? 'YICHI_TEST_EVENTSTOREDB' : 'YICHI_TEST_EVENTSTOREDB_CONTROL';
    describe.skip(`${name} on a real server (${missing} is not set)`, () => tests(startReal));
  } else {
    describe(`${name} on a real server`, () => tests(startReal));
  }
};
