import { EXIT, UsageError } from '../exit-code';
import type { Ledger } from '../../ledger/ledger';
import { DomainError } from '../../platform/domain-error';
import type { ScenarioReport } from '../../scenarios/scenario-report';
import { commandLineActor, withLedger } from '../open-ledger';
import type { Register } from '../program';
import { withProgress } from '../progress';

interface ScenarioOptions {
  readonly recordedAt?: string;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/;

const parseInstant = (text: string): Date => {
  const instant = new Date(text);
  if (INSTANT.test(text) && !Number.isNaN(instant.getTime())) return instant;
  throw new UsageError(
    new DomainError('input', {
      code: 'INSTANT_INVALID',
      message: `--recorded-at ${text} 不是 UTC 时刻。`,
      messageEn: `--recorded-at ${text} is not an instant in UTC.`,
      remedy: '写作 2026-01-05T01:00:00Z。',
      remedyEn: 'Write it as 2026-01-05T01:00:00Z.',
      parameters: { value: text },
    }),
  );
};

/** A clock that stands still is for trying out: no event of a ledger that is in use gets another time than its own. */
const requireEmpty = async (ledger: Ledger): Promise<void> => {
  if ((await ledger.log.readAll(0, 1)).length === 0) return;
  throw new DomainError('input', {
    code: 'LEDGER_NOT_EMPTY',
    message: '--recorded-at 只用于空的总账。',
    messageEn: '--recorded-at is for an empty ledger only.',
    remedy: '用 --data 指定一个空目录，或不带 --recorded-at。',
    remedyEn: 'Name an empty directory by --data, or leave --recorded-at out.',
  });
};

export const registerScenario: Register = (line) => {
  const group = line.group('scenario', '情景文件', 'scenario files');
  line.add<ScenarioOptions>(
    {
      name: 'run',
      zh: '执行情景文件并核对其中的余额（写入当前总账）',
      en: 'play a scenario file on this ledger and check the balances that it expects',
      example: 'yichi scenario run test/scenarios/a-qinghai.yaml --data /tmp/试算',
      configure: (command, say) =>
        command
          .argument('<file>', say('情景文件（YAML）', 'scenario file (YAML)'))
          .option(
            '--recorded-at <instant>',
            say(
              '仅限空总账：全部事件记为此刻，同一文件在任何日志上得到同一树根',
              'on an empty ledger only: record all at this instant, so that the file gives the same tree root on every log',
            ),
          ),
      run: async (context, [file = ''], { recordedAt }) => {
        const instant = recordedAt === undefined ? undefined : parseInstant(recordedAt);
        const { loadScenario, runScenario, scenarioReportText, scenarioReportJson } =
          await import('../../scenarios/run-scenario');
        const { terminal } = context;
        const scenario = await loadScenario(file);
        const play = async (
          ledger: Ledger,
          progress: (done: number, total: number) => void,
        ): Promise<ScenarioReport> => {
          if (instant !== undefined) await requireEmpty(ledger);
          return runScenario(ledger, scenario, {
            actor: await commandLineActor(),
            ...(instant === undefined ? {} : { runId: `scenario@${instant.toISOString()}` }),
            progress,
          });
        };
        const now = instant === undefined ? undefined : () => instant;
        const report = await withProgress(terminal, '执行', 'Playing', (update) =>
          withLedger(context, (ledger) => play(ledger, update), now),
        );
        terminal.data(
          () => scenarioReportText(report, terminal.language),
          () => scenarioReportJson(report),
        );
        return report.ok ? EXIT.done : EXIT.verificationFailed;
      },
    },
    group,
  );
};
