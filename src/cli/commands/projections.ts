import type { DeployedProjection } from '../../projecting/on-server/deploy-projections';
import type { StateComparison, StateDifference } from '../../projecting/on-server/compare-projections';
import type { ProjectionServer } from '../../projecting/on-server/projection-server';
import type { ProjectionStatus } from '../../projecting/on-server/projections-status';
import { fen, yuanFromFen } from '../../money/fen';
import { DomainError } from '../../platform/domain-error';
import { EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { CommandContext, Register } from '../program';
import { withProgress } from '../progress';
import { renderTable } from '../table';
import type { Terminal } from '../terminal';

/** More than anybody reads on a screen; `--json` has them all. */
const SHOWN_DIFFERENCES = 50;

const withServer = async <Result>(
  { settings }: CommandContext,
  work: (server: ProjectionServer) => Promise<Result>,
): Promise<Result> => {
  if (!/^esdb(\+discover)?:/.test(settings.eventLog)) throw noServer();
  const { ServerProjections } = await import('../../event-log/eventstoredb/server-projections');
  const server = new ServerProjections(settings.eventLog);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
};

const noServer = (): DomainError =>
  new DomainError('input', {
    code: 'PROJECTIONS_NEED_SERVER',
    message: '账本不在 EventStoreDB 服务器上，没有可部署投影的地方。',
    messageEn: 'The ledger is not on an EventStoreDB server, so that there is nowhere to deploy projections to.',
    remedy: '将 YICHI_EVENT_LOG 设为 esdb://…；嵌入式账本的官方余额表由本程序自行计算，无需部署。',
    remedyEn: 'Set YICHI_EVENT_LOG to esdb://…; an embedded ledger folds the official balances itself.',
  });

const deploy = async (context: CommandContext): Promise<readonly DeployedProjection[]> => {
  const { deployProjections } = await import('../../projecting/on-server/deploy-projections');
  const { poolEventsOf } = await import('../../projecting/on-server/pool-events');
  return withServer(context, (server) =>
    withLedger(context, async (ledger) => {
      await catchUp(ledger, context);
      const events = ledger.readModel.read(poolEventsOf);
      return withProgress(context.terminal, '服务器追赶', 'The server catches up', (waiting) =>
        deployProjections(server, events, waiting),
      );
    }),
  );
};

const compare = async (context: CommandContext): Promise<StateComparison> => {
  const { compareProjections } = await import('../../projecting/on-server/compare-projections');
  return withServer(context, (server) =>
    withLedger(context, (ledger) =>
      withProgress(context.terminal, '比对', 'Comparing', (waiting) =>
        compareProjections(server, ledger.readModel, () => catchUp(ledger, context), waiting),
      ),
    ),
  );
};

const deployedText = (deployed: readonly DeployedProjection[], terminal: Terminal): string =>
  deployed
    .map(({ name, created, replaced }) => {
      const what = created ? terminal.say('已部署', 'deployed') : terminal.say('未变', 'unchanged');
      const instead =
        replaced.length === 0
          ? ''
          : terminal.say(`，替换并删除 ${replaced.join('、')}`, `, in place of ${replaced.join(', ')}`);
      return `${name}  ${what}${instead}`;
    })
    .join('\n');

const STATES: Readonly<Record<ProjectionStatus['state'], readonly [zh: string, en: string]>> = {
  running: ['运行中', 'running'],
  starting: ['启动中', 'starting'],
  stopping: ['停止中', 'stopping'],
  stopped: ['已停止', 'stopped'],
  faulted: ['出错停止', 'faulted'],
  missing: ['未部署', 'not deployed'],
};

const statusText = (statuses: readonly ProjectionStatus[], terminal: Terminal): string => {
  const rows = statuses.map(({ name, projection, current, state, progress, behind }) => {
    const version = current ? terminal.say('当前', 'current') : terminal.say('旧版本', 'older');
    const of = projection === null ? terminal.say('服务器自带', "the server's own") : version;
    return [
      name,
      of,
      terminal.say(...STATES[state]),
      `${progress.toFixed(1)} %`,
      behind === null ? '—' : String(behind),
    ];
  });
  const head = [
    terminal.say('投影', 'Projection'),
    terminal.say('版本', 'Version'),
    terminal.say('状态', 'State'),
    terminal.say('进度', 'Progress'),
    terminal.say('落后事件', 'Events behind'),
  ];
  const faults = statuses
    .filter(({ fault }) => fault !== null)
    .map(({ name, fault }) => terminal.say(`${name} 出错：${fault}`, `${name} has failed: ${fault}`));
  return [renderTable(head, rows, 3), ...faults, ...notDeployedText(statuses, terminal)].join('\n');
};

/** Whoever sees that something is missing may not be who may put it there. */
const notDeployedText = (statuses: readonly ProjectionStatus[], terminal: Terminal): readonly string[] => {
  const missing = statuses.filter(({ state }) => state === 'missing').length;
  if (missing === 0) return [];
  return [
    terminal.say(
      `有 ${missing} 个官方投影未部署。部署：在 YICHI_EVENT_LOG 中换用 $ops 或 $admins 组的用户，运行 yichi projections deploy；记账和查询不需要部署。`,
      `${missing} official projections are not deployed. To deploy them run \`yichi projections deploy\` with a user of the group $ops or $admins in YICHI_EVENT_LOG; booking and asking do not need them.`,
    ),
  ];
};

const comparisonText = ({ position, pools, figures, differences }: StateComparison, terminal: Terminal): string => {
  if (differences.length === 0) {
    return terminal.say(
      `一致：位置 ${position}，${pools} 个资金池，${figures} 个数字逐一相等（到分）。`,
      `Equal: position ${position}, ${pools} pools, ${figures} figures, each to the fen.`,
    );
  }
  const rows = differences
    .slice(0, SHOWN_DIFFERENCES)
    .map((difference) => [
      difference.projection,
      difference.pool,
      difference.key,
      difference.measure ?? '',
      figureText(difference, difference.ours) ?? '—',
      figureText(difference, difference.theirs) ?? '—',
    ]);
  const head = [
    terminal.say('投影', 'Projection'),
    terminal.say('资金池', 'Pool'),
    terminal.say('对象', 'Cell'),
    terminal.say('指标', 'Measure'),
    terminal.say('本程序（元）', 'Ours (元)'),
    terminal.say('服务器（元）', 'Theirs (元)'),
  ];
  const count = terminal.say(
    `不一致：位置 ${position}，${differences.length} 处`,
    `Not equal: position ${position}, ${differences.length} differences`,
  );
  const rest =
    differences.length > SHOWN_DIFFERENCES
      ? terminal.say(
          `\n（只显示前 ${SHOWN_DIFFERENCES} 处，全部见 --json）`,
          `\n(the first ${SHOWN_DIFFERENCES}; all with --json)`,
        )
      : '';
  return `${count}\n${renderTable(head, rows, 4)}${rest}`;
};

const comparisonJson = ({ position, pools, figures, differences }: StateComparison) => ({
  compare: {
    ok: differences.length === 0,
    position: String(position),
    pools,
    figures,
    differences: differences.map((difference) => ({
      projection: difference.projection,
      pool: difference.pool,
      section: difference.section,
      cell: difference.key,
      measure: difference.measure,
      ours: figureText(difference, difference.ours),
      theirs: figureText(difference, difference.theirs),
    })),
  },
});

/** Amounts go out as texts of 元, like everywhere; what is no amount goes out as it is. */
const figureText = ({ measure }: StateDifference, figure: number | string | null): string | null => {
  if (measure === null || !Number.isSafeInteger(figure)) return figure === null ? null : String(figure);
  return yuanFromFen(fen(Number(figure)));
};

export const registerProjections: Register = (line) => {
  const group = line.group(
    'projections',
    '服务器上的官方余额投影（账本在 EventStoreDB 时）',
    'the official balances inside the server, where the ledger is on EventStoreDB',
  );
  line.add(
    {
      name: 'deploy',
      zh: '把四个官方投影部署到服务器；已有旧版本时并行追赶，追上后替换',
      en: 'put the four official projections on the server, beside older versions until they have caught up',
      example: 'yichi projections deploy',
      run: async (context) => {
        const deployed = await deploy(context);
        context.terminal.data(
          () => deployedText(deployed, context.terminal),
          () => ({ projections: { deployed } }),
        );
        return EXIT.done;
      },
    },
    group,
  );
  line.add(
    {
      name: 'status',
      zh: '显示服务器上各投影的版本、状态、进度和故障',
      en: 'show version, state, progress and faults of the projections on the server',
      example: 'yichi projections status',
      run: async (context) => {
        const { projectionsStatus } = await import('../../projecting/on-server/projections-status');
        const statuses = await withServer(context, (server) => projectionsStatus(server));
        context.terminal.data(
          () => statusText(statuses, context.terminal),
          () => ({ projections: { status: statuses } }),
        );
        return EXIT.done;
      },
    },
    group,
  );
  line.add(
    {
      name: 'compare',
      zh: '在同一位置逐格比对服务器与本程序的余额（到分）；不一致时退出码 5',
      en: "compare the server's balances with ours at one position, cell by cell to the fen; ends with 5 when they differ",
      example: 'yichi projections compare',
      run: async (context) => {
        const comparison = await compare(context);
        context.terminal.data(
          () => comparisonText(comparison, context.terminal),
          () => comparisonJson(comparison),
        );
        return comparison.differences.length === 0 ? EXIT.done : EXIT.verificationFailed;
      },
    },
    group,
  );
  line.add(
    {
      name: 'remove',
      zh: '从服务器上移除官方投影的所有版本（事件不受影响）',
      en: 'take every version of the official projections off the server; the events stay',
      example: 'yichi projections remove',
      run: async (context) => {
        const { removeProjections } = await import('../../projecting/on-server/deploy-projections');
        const removed = await withServer(context, removeProjections);
        context.terminal.data(
          () =>
            removed.length === 0
              ? context.terminal.say('服务器上没有官方投影。', 'There are no official projections on the server.')
              : context.terminal.say(`已移除：${removed.join('、')}`, `Removed: ${removed.join(', ')}`),
          () => ({ projections: { removed } }),
        );
        return EXIT.done;
      },
    },
    group,
  );
};
