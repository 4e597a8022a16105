import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { readEvent } from '../../src/event-log/upcasting';
import { issueToken, openKeys } from '../../src/identity/tokens';
import { Ledger } from '../../src/ledger/ledger';
import { findingsOf } from '../support/findings-of';
import { Office } from './office';
import { ServiceProcess } from './service-process';

const CLERKS = 8;
const READERS = 2;
const DAY_SECONDS = 86_400;
const MINUTE_MS = 60_000;
/** Every so many ends the service is asked to stop instead of killed. */
const STOPPED_EVERY = 5;
const PAGE = 10_000;

interface Soak {
  readonly minutes: number;
  readonly kills: number;
}

const soak = async ({ minutes, kills }: Soak, dataDir: string): Promise<Record<string, unknown>> => {
  const keys = await openKeys(dataDir);
  const token = await issueToken(keys, { id: '浸泡', role: 'finance', division: '' }, DAY_SECONDS);
  let service = await ServiceProcess.start(dataDir);
  const office = new Office(() => service.url, token);
  await office.settle();
  const working = [
    ...Array.from({ length: CLERKS }, () => office.work()),
    ...Array.from({ length: READERS }, () => office.read()),
  ];
  const codes: (number | null)[] = [];
  const memory: number[] = [];
  for (let ended = 1; ended <= kills; ended += 1) {
    await pause((minutes * MINUTE_MS) / (kills + 1));
    memory.push(service.memory());
    codes.push(await service.end(ended % STOPPED_EVERY === 0 ? 'SIGTERM' : 'SIGKILL'));
    service = await ServiceProcess.start(dataDir);
    process.stderr.write(`\r${ended}/${kills}`);
  }
  await pause((minutes * MINUTE_MS) / (kills + 1));
  office.close();
  await Promise.all(working);
  memory.push(service.memory());
  codes.push(await service.end('SIGTERM'));
  process.stderr.write('\n');
  return {
    minutes,
    kills,
    acknowledged: office.acknowledged.size,
    surprises: office.surprises,
    badStops: codes.filter((code) => code !== null && code !== 0).length,
    mostMemoryMiB: Math.round(Math.max(...memory) / 2 ** 20),
    ...(await examine(dataDir, office.acknowledged)),
  };
};

/** What the ledger is afterwards; everything but the count of events should be 0 or empty. */
const examine = async (dataDir: string, acknowledged: ReadonlySet<string>): Promise<Record<string, unknown>> => {
  const ledger = await Ledger.open({ dataDir, eventLog: `sqlite:${join(dataDir, 'log.sqlite')}` });
  try {
    await ledger.catchUp();
    const refused = await ledger.finishCrossings();
    await ledger.catchUp();
    const ids: string[] = [];
    for (let page = await ledger.log.readAll(0, PAGE); page.length > 0;) {
      ids.push(...page.map((stored) => readEvent(stored).id));
      page = await ledger.log.readAll(page.at(-1)?.position ?? 0, PAGE);
    }
    const known = new Set(ids);
    return {
      events: ids.length,
      lost: [...acknowledged].filter((id) => !known.has(id)).length,
      doubled: ids.length - known.size,
      halves: refused.length,
      findings: (await findingsOf(ledger)).map(({ code }) => code),
    };
  } finally {
    await ledger.close();
  }
};

const isSound = (report: Record<string, unknown>): boolean =>
  ['badStops', 'lost', 'doubled', 'halves'].every((name) => report[name] === 0) &&
  ['surprises', 'findings'].every((name) => (report[name] as readonly unknown[]).length === 0);

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { minutes: { type: 'string' }, kills: { type: 'string' } } });
  const [minutes, kills] = [Number(values.minutes ?? '10'), Number(values.kills ?? '40')];
  if (!(minutes > 0) || !Number.isSafeInteger(kills) || kills < 0) {
    process.stderr.write('npm run soak -- [--minutes N] [--kills N]\n');
    return 2;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'yichi-soak-'));
  try {
    const report = await soak({ minutes, kills }, dataDir);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return isSound(report) ? 0 : 5;
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
};

void main().then((code) => {
  process.exitCode = code;
});
