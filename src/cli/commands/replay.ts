import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import type { OwnProjection } from '../../audit/replay/own-projection';
import type { ReplayReport } from '../../audit/replay/replay';
import { refuseValue } from '../../platform/domain-error';
import { causeOf } from '../../platform/system-cause';
import { asUsage, EXIT } from '../exit-code';
import { withLedger } from '../open-ledger';
import type { Register } from '../program';
import { withProgress } from '../progress';
import type { Terminal } from '../terminal';

interface Options {
  readonly to?: string;
  readonly projection?: string;
}

export const registerReplay: Register = (line) =>
  void line.add<Options>({
    name: 'replay',
    zh: '重放：从第一个事件起另行计算全部余额，与现有读取库逐分比对；不写入、不发送任何东西',
    en: 'replay: fold the log anew from its first event and compare with the live tables to the fen; has no effect',
    example: 'yichi replay --to 2024年终 --projection 我的口径.js',
    configure: (command, say) =>
      command
        .option('--to <position>', say('到该总账位置或书签为止（含）', 'up to this position or bookmark, inclusive'))
        .option(
          '--projection <file>',
          say(
            '审计人自己的投影文件（写法同 projections 目录），输出其各分区的状态；与正式投影同名时互相比对',
            'a projection file of your own, written as those in projections; its state per partition is printed, and compared where it has the name of an official one',
          ),
        ),
    run: async (context, _args, options) => {
      const { terminal } = context;
      const { readMoment } = await import('../../balances/moment-request');
      asUsage(() => readMoment({ at: options.to }));
      const own =
        options.projection === undefined ? undefined : asUsage(() => readProjection(options.projection ?? ''));
      const { replay } = await import('../../audit/replay/replay');
      const { readFileFindings } = await import('../../audit/checkpoints/read-file-findings');
      const report = await withProgress(terminal, '重放', 'Replaying', (progress) =>
        withLedger(context, async (ledger) => {
          const { at } = await ledger.moment({ at: options.to });
          const { log, readModel: live } = ledger;
          return replay({ log, live, to: at, own, checkFile: () => readFileFindings(live.file), progress });
        }),
      );
      if (terminal.json) terminal.line(JSON.stringify({ replay: reportJson(report) }));
      // One after the other: the states of all partitions, written with indents, may be longer than one text can be.
      else for (const line of reportLines(report, terminal)) terminal.line(line);
      return report.findings.length === 0 ? EXIT.done : EXIT.verificationFailed;
    },
  });

const readProjection = (file: string): OwnProjection => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { zh, en } = causeOf(error);
    throw refuseValue(
      'FILE_UNREADABLE',
      'projection',
      file,
      `不能读取 ${file}：${zh}。`,
      `${file} cannot be read: ${en}.`,
      '核对文件名和权限。',
      'Check the name and the rights of the file.',
    );
  }
  if (!isUtf8(bytes)) {
    throw refuseValue(
      'PROJECTION_NOT_UTF8',
      'projection',
      file,
      `${file} 不是 UTF-8 编码。`,
      `${file} is not encoded in UTF-8.`,
      '请用编辑器另存为 UTF-8。',
      'Save it as UTF-8 in an editor.',
    );
  }
  return { name: basename(file).replace(/\.js$/, ''), source: bytes.toString('utf8') };
};

const reportJson = ({ position, events, projections, compared, own, findings }: ReplayReport) => ({
  ok: findings.length === 0,
  position: String(position),
  events,
  compared,
  projections,
  ...(own === null ? {} : { own }),
  findings: findings.map((finding) => ({
    ...finding,
    position: finding.position === null ? null : String(finding.position),
  })),
});

function* reportLines(
  { position, events, projections, compared, own, findings }: ReplayReport,
  terminal: Terminal,
): Generator<string> {
  yield terminal.say(
    `已重放 ${events} 个事件，到位置 ${position}；资金池 ${projections[0]?.partitions ?? 0} 个。`,
    `Replayed ${events} events up to position ${position}; ${projections[0]?.partitions ?? 0} pools.`,
  );
  for (const { name, version } of projections) yield `  ${name}  SHA-256 ${version}`;
  for (const { partition, state } of own?.partitions ?? []) {
    yield `${own?.name ?? ''} ${partition}`;
    yield JSON.stringify(state, null, 2);
  }
  if (own?.partitions.length === 0) {
    yield terminal.say(`${own.name}：账中没有它所取的事件。`, `${own.name}: the log has no events that it takes.`);
  }
  for (const { code, message, messageEn } of findings) yield `${code}  ${terminal.say(message, messageEn)}`;
  if (findings.length === 0) {
    yield terminal.say('一致：与现有读取库逐分相同。', 'Equal: the live tables are the same to the fen.');
  } else if (compared) {
    yield terminal.say(`不一致：${findings.length} 处。`, `Not equal: ${findings.length} findings.`);
  }
}
