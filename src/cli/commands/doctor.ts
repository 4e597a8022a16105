import { statfsSync } from 'node:fs';

import { eventWords } from '../../audit/history/event-words';
import type { Position } from '../../event-log/event';
import type { UnfinishedImport } from '../../importing/import-journal';
import type { Ledger } from '../../ledger/ledger';
import { DomainError } from '../../platform/domain-error';
import { CLOCK_TOLERANCE_SECONDS } from '../../platform/health';
import { EXIT } from '../exit-code';
import { catchUp, withLedger } from '../open-ledger';
import type { CommandContext, Register } from '../program';

interface Finding {
  readonly ok: boolean;
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  /** What to do, when it is not well. */
  readonly remedy?: string;
  readonly remedyEn?: string;
}

/** Below this a day's work may not fit any more. */
const LOW_DISK_BYTES = 512 * 1024 * 1024;

const disk = (directory: string): Finding => {
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  const gigabytes = (free / 2 ** 30).toFixed(1);
  return {
    ok: free >= LOW_DISK_BYTES,
    name: 'disk',
    zh: `磁盘剩余 ${gigabytes} GiB`,
    en: `${gigabytes} GiB of disk are free`,
    remedy: '清理磁盘或迁移数据目录。',
    remedyEn: 'Free some room or move the data directory.',
  };
};

const examine = (context: CommandContext, finish: boolean): Promise<readonly Finding[]> =>
  withLedger(context, async (ledger) => {
    const head = await ledger.log.head();
    const tables = await readModel(ledger, context, head);
    return [
      disk(context.settings.dataDir),
      {
        ok: true,
        name: 'log',
        zh: `事件日志 ${ledger.log.engine} 可读，末位置 ${head}`,
        en: `event log ${ledger.log.engine} is readable, last position ${head}`,
      },
      ...(await storing(ledger)),
      clock(await ledger.clockBehindMs()),
      tables,
      // What crosses pools is looked up in the tables.
      ...(tables.ok ? await crossings(ledger, context, finish) : []),
      ...(await ledger.unfinishedImports()).map(unfinishedImport),
    ];
  });

const storing = async (ledger: Ledger): Promise<readonly Finding[]> => {
  if (ledger.log.requireStorable === undefined) return [];
  try {
    await ledger.log.requireStorable();
    return [{ ok: true, name: 'storing', zh: '可以写入账本', en: 'the ledger can be written to' }];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { message: zh, messageEn: en, remedy, remedyEn } = error;
    return [{ ok: false, name: 'storing', zh, en, remedy, remedyEn }];
  }
};

const clock = (behindMs: number): Finding => {
  const seconds = Math.round(behindMs / 1000);
  return {
    ok: seconds <= CLOCK_TOLERANCE_SECONDS,
    name: 'clock',
    zh: seconds === 0 ? '时钟不早于最新一笔' : `时钟比最新一笔的记录时间早 ${seconds} 秒`,
    en:
      seconds === 0
        ? 'the clock is not behind the newest event'
        : `the clock is ${seconds} seconds behind the newest event`,
    remedy: '校准本机时钟（如启用 NTP）后再记账。',
    remedyEn: 'Set the clock right (with NTP, for instance) before anything is entered.',
  };
};

const readModel = async (ledger: Ledger, context: CommandContext, head: Position): Promise<Finding> => {
  try {
    await catchUp(ledger, context);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { message: zh, messageEn: en, remedy, remedyEn } = error;
    return { ok: false, name: 'readModel', zh, en, remedy, remedyEn };
  }
  const { position } = ledger.readModel.health();
  return {
    ok: position === head,
    name: 'readModel',
    zh: `读模型位置 ${position}`,
    en: `read model at position ${position}`,
    remedy: '运行 yichi rebuild。',
    remedyEn: 'Run yichi rebuild.',
  };
};

const crossings = async (ledger: Ledger, context: CommandContext, finish: boolean): Promise<readonly Finding[]> => {
  if (finish) {
    await ledger.finishCrossings();
    await catchUp(ledger, context);
  }
  const unfinished = await ledger.unfinished();
  if (unfinished.length === 0) {
    return [{ ok: true, name: 'unfinished', zh: '没有未完成的跨池业务', en: 'nothing is unfinished between pools' }];
  }
  return unfinished.map((crossing) => ({
    ok: false,
    name: 'unfinished',
    zh: `另一方尚未入账：${eventWords(crossing.type, 'zh')} ${crossing.documentNo}（${crossing.stream}，位置 ${crossing.position}）`,
    en: `the other pool’s half is missing: ${eventWords(crossing.type, 'en')} ${crossing.documentNo} (${crossing.stream}, position ${crossing.position})`,
    remedy: '运行 yichi doctor --finish：补记另一方，另一方不予入账的自动冲回；运行中的服务也会自动办结。',
    remedyEn:
      'Run yichi doctor --finish: it brings the other half in or, where that is refused, takes this one back. A running service does so by itself.',
  }));
};

const unfinishedImport = ({ importId, files, rows, beganAt, by }: UnfinishedImport): Finding => ({
  ok: false,
  name: 'unfinishedImport',
  zh: `未完成的导入：${files.join('、')}（共 ${rows} 行，${by.id} 于 ${beganAt} 开始，编号 ${importId}）`,
  en: `unfinished import: ${files.join(', ')} (${rows} rows, begun by ${by.id} at ${beganAt}, id ${importId})`,
  remedy: `用同样的文件再运行一次 yichi import；若文件已改正，加 --instead-of ${importId}。`,
  remedyEn: `Run yichi import with the same files again; if they were corrected, with --instead-of ${importId}.`,
});

export const registerDoctor: Register = (line) =>
  void line.add<{ readonly finish?: boolean }>({
    name: 'doctor',
    zh: '检查：磁盘、日志、读模型、未完成的跨池业务',
    en: 'check disk, log, read model and what is unfinished between pools',
    example: 'yichi doctor --finish',
    configure: (command, say) =>
      command.option('--finish', say('办结未完成的跨池业务', 'finish what is unfinished between pools')),
    run: async (context, _args, { finish }) => {
      const findings = await examine(context, finish === true);
      const { terminal } = context;
      const ok = findings.every((finding) => finding.ok);
      terminal.data(
        () =>
          findings
            .map((finding) => {
              const remedy = finding.ok ? '' : `\n    → ${terminal.say(finding.remedy ?? '', finding.remedyEn ?? '')}`;
              return `${finding.ok ? '✓' : '✗'} ${terminal.say(finding.zh, finding.en)}${remedy}`;
            })
            .join('\n'),
        () => ({
          doctor: {
            ok,
            findings: findings.map(({ zh, en, ...finding }) => ({ ...finding, message: zh, messageEn: en })),
          },
        }),
      );
      return ok ? EXIT.done : EXIT.verificationFailed;
    },
  });
