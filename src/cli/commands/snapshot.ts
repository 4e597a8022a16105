import { randomUUID } from 'node:crypto';

import type { Snapshot } from '../../audit/provenance/snapshot';
import type { SnapshotDesk } from '../../audit/provenance/snapshot-desk';
import { DIMENSION_NAMES } from '../../balances/dimension-names';
import { MEASURE_NAMES, MEASURES } from '../../balances/measures';
import { formatAmount } from '../../money/amount-text';
import { sumFromYuan } from '../../money/fen-sum';
import { asUsage, EXIT } from '../exit-code';
import { catchUp, commandLineActor, withLedger } from '../open-ledger';
import type { CommandContext, Register } from '../program';
import { type Update, withProgress } from '../progress';
import { momentOptions, type MomentOptions, scopeOptions, type ScopeOptions } from './question-options';

type TakeOptions = ScopeOptions & MomentOptions;

export const registerSnapshot: Register = (line) => {
  const group = line.group('snapshot', '评估快照：冻结一次答案，多年后仍可原样重算', 'frozen answers for evaluations');
  line.add<TakeOptions>(
    {
      name: 'take',
      zh: '冻结一次余额查询：问题、位置、树根、各投影的哈希、答案及其哈希，都记入总账',
      en: 'freeze an answer: question, position, tree root, hashes of the projections, the figures and their hash',
      example: 'yichi snapshot take 第三方评估2024 --by village --under 630222 --as-of 2024-12-31',
      configure: (command, say) =>
        momentOptions(scopeOptions(command.argument('<name>', say('快照名', 'name')), say), say),
      run: async (context, [name = ''], options) => {
        const { parseScope } = await import('../../balances/balances-query');
        const { readMoment } = await import('../../balances/moment-request');
        const { requireSnapshotName } = await import('../../audit/provenance/snapshot');
        const scope = asUsage(() => parseScope(options));
        asUsage(() => readMoment(options));
        asUsage(() => requireSnapshotName(name));
        const snapshot = await withDesk(context, '冻结', 'Freezing', async (desk, ledger, progress) => {
          const asking = {
            commandId: randomUUID(),
            correlationId: randomUUID(),
            causationId: null,
            actor: await commandLineActor(),
          };
          return desk.take({ name, scope, moment: await ledger.moment(options) }, asking, progress);
        });
        await show(context, snapshot, null);
        return EXIT.done;
      },
    },
    group,
  );
  line.add(
    {
      name: 'read',
      zh: '读取快照：按当时的投影从日志重算，并证明与冻结的答案相同',
      en: 'read a snapshot: fold the log anew under the projections of then, and prove that the answer is the same',
      example: 'yichi snapshot read 第三方评估2024',
      configure: (command, say) => command.argument('<name>', say('快照名', 'name')),
      run: async (context, [name = '']) => {
        const again = await withDesk(context, '重算', 'Folding', (desk, _ledger, progress) =>
          desk.read(name, progress),
        );
        await show(context, again.snapshot, again);
        return again.problems.length === 0 ? EXIT.done : EXIT.verificationFailed;
      },
    },
    group,
  );
  line.add(
    {
      name: 'list',
      zh: '列出快照',
      en: 'list snapshots',
      example: 'yichi snapshot list',
      run: async (context) => {
        const snapshots = await withDesk(context, '', '', (desk) => desk.list());
        const { renderTable } = await import('../table');
        const { terminal } = context;
        const head = terminal.say(
          '快照 维度 区划 年度 业务日期 位置 行数 答案哈希',
          'Snapshot By Under Year As-of Position Rows Hash',
        );
        terminal.data(
          () =>
            snapshots.length === 0
              ? terminal.say('（还没有快照）', '(no snapshots yet)')
              : renderTable(
                  head.split(' '),
                  snapshots.map(({ name, question: { by, under, year, asOf }, position, rows, answerHash }) => [
                    name,
                    DIMENSION_NAMES[by][terminal.language],
                    under ?? '',
                    year === null ? '' : String(year),
                    asOf ?? '',
                    position,
                    String(rows.length),
                    answerHash,
                  ]),
                ),
          () => ({ snapshots: snapshots.map(({ rows, ...snapshot }) => ({ ...snapshot, rows: rows.length })) }),
        );
        return EXIT.done;
      },
    },
    group,
  );
};

type Ledger = import('../../ledger/ledger').Ledger;

const withDesk = async <Result>(
  context: CommandContext,
  zh: string,
  en: string,
  work: (desk: SnapshotDesk, ledger: Ledger, progress: Update) => Promise<Result>,
): Promise<Result> => {
  const { SnapshotDesk: Desk } = await import('../../audit/provenance/snapshot-desk');
  return withProgress(context.terminal, zh, en, (progress) =>
    withLedger(context, async (ledger) => {
      await catchUp(ledger, context);
      const { log, commands, readModel } = ledger;
      const desk = new Desk({ log, commands, live: readModel, now: () => new Date() });
      return work(desk, ledger, progress);
    }),
  );
};

const show = async (
  { terminal }: CommandContext,
  snapshot: Snapshot,
  again: Awaited<ReturnType<SnapshotDesk['read']>> | null,
): Promise<void> => {
  const { renderTable } = await import('../table');
  const { language } = terminal;
  const { name, question, position, treeSize, treeRoot, answerHash, rows, total } = snapshot;
  const shown = MEASURES.filter((measure) => rows.some(({ measures }) => measures[measure] !== '0.00'));
  const figures = (measures: Snapshot['total']): string[] =>
    shown.map((measure) => formatAmount(sumFromYuan(measures[measure])));
  const text = (): string =>
    [
      terminal.say(
        `快照“${name}”  按${DIMENSION_NAMES[question.by].zh}  ${question.asOf === null ? '' : `截至 ${question.asOf}  `}位置 ${position}  单位：元`,
        `Snapshot “${name}” by ${DIMENSION_NAMES[question.by].en.toLowerCase()}${question.asOf === null ? '' : `, as of ${question.asOf}`}, position ${position}, unit 元`,
      ),
      renderTable(
        [
          terminal.say('编码', 'Key'),
          terminal.say('名称', 'Name'),
          ...shown.map((each) => MEASURE_NAMES[each][language]),
        ],
        [
          ...rows.map((row) => [row.key, row.name, ...figures(row.measures)]),
          [terminal.say('合计', 'Total'), '', ...figures(total)],
        ],
        2,
      ),
      terminal.say(`树：${treeSize} 个事件，根 ${treeRoot}`, `Tree: ${treeSize} events, root ${treeRoot}`),
      terminal.say(`答案哈希 ${answerHash}`, `Hash of the answer ${answerHash}`),
      ...(again === null
        ? []
        : again.problems.map(({ code, message, messageEn }) => `${code}  ${terminal.say(message, messageEn)}`)),
      ...(again === null || again.problems.length > 0
        ? []
        : [
            terminal.say(
              '相同：用当时的投影从日志重算，与冻结的答案逐分相同。',
              'Equal: folded anew from the log under the projections of then, the answer is the frozen one.',
            ),
          ]),
    ].join('\n');
  terminal.data(text, () => ({
    snapshot,
    ...(again === null
      ? {}
      : { ok: again.problems.length === 0, answerHash: again.answerHash, problems: again.problems }),
  }));
};
