import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { villageYear } from '../projecting/on-server/village-year';
import { LedgerOnServer } from '../projecting/on-server/ledger-on-server';
import { projectionsOf } from '../support/eventstoredb/stand-in-projections';
import { StandInServer } from '../support/eventstoredb/stand-in-server';
import { runCliHere } from '../support/run-cli-here';

describe('yichi projections', () => {
  let directory: string;
  let standIn: StandInServer;
  const environment = { ...process.env };
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'yichi-projections-'));
    standIn = await StandInServer.start();
    process.env['YICHI_DATA'] = join(directory, 'data');
    process.env['YICHI_EVENT_LOG'] = standIn.connectionString;
  });
  afterEach(async () => {
    process.env = { ...environment };
    await standIn.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const yichi = (...args: string[]): ReturnType<typeof runCliHere> => runCliHere('projections', ...args);

  it('deploys, shows, compares and removes; a difference ends with 5 and names the cell', async () => {
    const ledger = new LedgerOnServer(standIn.connectionString);
    await ledger.write(villageYear('639960'));
    await ledger.close();

    expect((await yichi('compare', '--json')).status).toBe(3);
    const deployed = await yichi('deploy', '--json');
    expect(deployed.status).toBe(0);
    expect(JSON.parse(deployed.stdout)).toMatchObject({ projections: { deployed: Array(4).fill({ created: true }) } });

    const status = await yichi('status');
    expect(status.stdout.match(/运行中/g)).toHaveLength(5);
    expect(status.stdout).toContain('yichi-village-balance-');

    const equal = await yichi('compare');
    expect(equal).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^一致：位置 \d+，1 个资金池，\d+ 个数字/),
    });

    projectionsOf(standIn.log).tamper = (name, _partition, state) => {
      const cell = (state['cells'] as Record<string, Record<string, number>>)['639960'];
      if (name.startsWith('yichi-county') && cell !== undefined) cell['appropriated'] = 99_999;
    };
    const different = await yichi('compare', '--json');
    expect(different.status).toBe(5);
    expect(JSON.parse(different.stdout)).toMatchObject({
      compare: {
        ok: false,
        pools: 1,
        differences: [
          {
            projection: 'county-balance',
            pool: 'pool-639960-2024',
            cell: '639960',
            measure: 'appropriated',
            ours: '1000.00',
            theirs: '999.99',
          },
        ],
      },
    });
    const shown = await yichi('compare', '--lang', 'en');
    expect(shown.stdout).toContain('Not equal');
    expect(shown.stdout).toContain('999.99');

    const removed = await yichi('remove', '--json');
    expect((JSON.parse(removed.stdout) as { projections: { removed: string[] } }).projections.removed).toHaveLength(4);
    expect((await yichi('status', '--lang', 'en')).stdout.match(/│ not deployed/g)).toHaveLength(4);
  });

  it('tells a user who may only book and ask that nothing is deployed, and who deploys it', async () => {
    projectionsOf(standIn.log).denies = true;
    const status = await yichi('status');
    expect(status.status).toBe(0);
    expect(status.stdout.match(/│ 未部署/g)).toHaveLength(4);
    expect(status.stdout).toContain('$admins 组的用户，运行 yichi projections deploy');
    expect((await yichi('status', '--lang', 'en')).stdout).toContain('run `yichi projections deploy` with a user');
    expect((await yichi('deploy', '--json')).status).toBe(6);
  });

  it('has nowhere to deploy to when the ledger is in a file', async () => {
    process.env['YICHI_EVENT_LOG'] = `sqlite:${join(directory, 'log.sqlite')}`;
    const answer = await yichi('status', '--json');
    expect(answer.status).toBe(3);
    expect(JSON.parse(answer.stdout)).toMatchObject({ error: { code: 'PROJECTIONS_NEED_SERVER' } });
  });
});
