import { EXIT } from '../exit-code';
import { commandLineActor, withLedger } from '../open-ledger';
import type { Register } from '../program';
import { Progress } from '../progress';

export const registerScenario: Register = (line) => {
  const group = line.group('scenario', '情景文件', 'scenario files');
  line.add(
    {
      name: 'run',
      zh: '执行情景文件并核对其中的余额（写入当前总账）',
      en: 'play a scenario file on this ledger and check the balances that it expects',
      example: 'yichi scenario run test/scenarios/a-qinghai.yaml --data /tmp/试算',
      configure: (command, say) => command.argument('<file>', say('情景文件（YAML）', 'scenario file (YAML)')),
      run: async (context, [file = '']) => {
        const { loadScenario, runScenario, scenarioReportText, scenarioReportJson } =
          await import('../../scenarios/run-scenario');
        const { terminal } = context;
        const scenario = await loadScenario(file);
        const progress = new Progress(terminal, '执行', 'Playing');
        const report = await withLedger(context, async (ledger) =>
          runScenario(ledger, scenario, {
            actor: await commandLineActor(),
            progress: (done, total) => progress.update(done, total),
          }),
        );
        progress.stop();
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
