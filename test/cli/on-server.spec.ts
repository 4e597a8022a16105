import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { StandInServer } from '../support/eventstoredb/stand-in-server';
import { runCliHere as yichi } from '../support/run-cli-here';

const SCENARIO = join(__dirname, '../scenarios/a-qinghai.yaml');

/** What a user does with a ledger whose log lies in a server, command by command, on one ledger. */
describe('yichi with YICHI_EVENT_LOG=esdb://…', () => {
  let directory: string;
  let standIn: StandInServer;
  const environment = { ...process.env };
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'yichi-on-server-'));
    standIn = await StandInServer.start();
    process.env['YICHI_DATA'] = join(directory, 'data');
    process.env['YICHI_EVENT_LOG'] = standIn.connectionString;
    await yichi('scenario', 'run', SCENARIO);
  });
  afterAll(async () => {
    process.env = { ...environment };
    await standIn.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const json = async (...args: string[]): Promise<{ status: number; answer: Record<string, unknown> }> => {
    const { status, stdout } = await yichi(...args, '--json');
    return { status, answer: JSON.parse(stdout) as Record<string, unknown> };
  };
  const events = async (): Promise<readonly { readonly id: string; readonly type: string; readonly basis: string }[]> =>
    (await yichi('export')).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; type: string; basis: string });

  it('balances, traces and finds nothing wrong', async () => {
    const { answer } = await json('balances', '--by', 'county');
    expect(answer['rows']).not.toEqual([]);
    const payment = (await events()).find(({ type }) => type === 'PaymentExecuted');
    const trace = await json('trace', payment?.basis ?? '');
    expect(trace).toMatchObject({ status: 0, answer: { of: { kind: 'payment', id: payment?.basis } } });
    expect(await yichi('doctor')).toMatchObject({ status: 0 });
  });

  it('verifies with what was signed, also from a directory that knows nothing', async () => {
    const checkpoint = await yichi('checkpoint', '--now');
    expect(checkpoint.status).toBe(0);
    const file = join(directory, 'checkpoint');
    writeFileSync(file, checkpoint.stdout);
    const key = (await yichi('checkpoint', '--key')).stdout.trim();
    const elsewhere = ['--data', join(directory, 'auditor'), '--checkpoint', file, '--key', key];
    const count = (await events()).length;
    expect(await json('verify', ...elsewhere)).toMatchObject({
      status: 0,
      answer: { verify: { ok: true, events: count, checkpoints: 1, findings: [] } },
    });
    expect(await json('verify')).toMatchObject({ status: 0, answer: { verify: { ok: true, tables: true } } });
  });

  it('proves an event, and hands out evidence that stands by itself', async () => {
    const [event] = await events();
    expect(await yichi('proof', event?.id ?? '')).toMatchObject({ status: 0, stdout: expect.stringContaining('\n— ') });
    const bundle = join(directory, 'evidence.zip');
    const division = (await json('balances', '--by', 'county')).answer['rows'] as readonly { readonly key: string }[];
    expect(await yichi('evidence', 'export', '--scope', `division:${division[0]?.key}`, '-o', bundle)).toMatchObject({
      status: 0,
    });
    expect(existsSync(bundle)).toBe(true);
    const key = (await yichi('checkpoint', '--key')).stdout.trim();
    expect((await yichi('evidence', 'verify', bundle, '--key', key)).status).toBe(0);
  });

  it('is copied into a file and verified there with the server’s checkpoint', async () => {
    const file = join(directory, 'checkpoint-2');
    writeFileSync(file, (await yichi('checkpoint', '--now')).stdout);
    const key = (await yichi('checkpoint', '--key')).stdout.trim();
    const copied = await json(
      'log',
      'copy',
      '--from',
      standIn.connectionString,
      '--to',
      `sqlite:${directory}/log.sqlite`,
    );
    expect(copied.status).toBe(0);
    process.env['YICHI_EVENT_LOG'] = `sqlite:${directory}/log.sqlite`;
    try {
      const verified = await json('verify', '--data', directory, '--checkpoint', file, '--key', key);
      expect(verified).toMatchObject({ status: 0, answer: { verify: { ok: true, checkpoints: 1 } } });
    } finally {
      process.env['YICHI_EVENT_LOG'] = standIn.connectionString;
    }
  });

  it('verification ends with 5 when the server was restored from an older backup', async () => {
    const file = join(directory, 'checkpoint-3');
    writeFileSync(file, (await yichi('checkpoint', '--now')).stdout);
    const key = (await yichi('checkpoint', '--key')).stdout.trim();
    const last = standIn.log.records.findLastIndex(({ stream }) => stream.startsWith('pool-'));
    standIn.log.truncate(last);
    const { status, answer } = await json(
      'verify',
      ...['--data', join(directory, 'later'), '--checkpoint', file, '--key', key],
    );
    expect(status).toBe(5);
    expect(answer).toMatchObject({ verify: { ok: false, findings: [{ code: 'CHECKPOINT_BEYOND_LOG' }] } });
  });
});
