import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import type { CopyReport, CopyStage } from '../../event-log/copying/copy-log';
import type { Position } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import { asUsage, EXIT } from '../exit-code';
import type { CommandContext, Register } from '../program';
import { Progress } from '../progress';
import type { Terminal } from '../terminal';

interface CopyCommand {
  readonly from: string;
  readonly to: string;
  readonly at?: string;
}

const SQLITE = 'sqlite:';

/** A file by its whole path, so that two spellings of one are the same. */
const spelled = (setting: string): string =>
  setting.startsWith(SQLITE) ? `${SQLITE}${resolve(setting.slice(SQLITE.length))}` : setting;

const copy = async ({ terminal }: CommandContext, { from, to, at }: CopyCommand): Promise<CopyReport> => {
  const { requireEventLogSetting } = await import('../../platform/settings');
  const { readMoment } = await import('../../balances/moment-request');
  const { sameLog, sourceMissing } = await import('../../event-log/copying/copy-failure');
  const { copyLog } = await import('../../event-log/copying/copy-log');
  const { openEventLog } = await import('../../ledger/open-event-log');
  const asked = asUsage(() => {
    requireEventLogSetting('--from', from);
    requireEventLogSetting('--to', to);
    if (spelled(from) === spelled(to)) throw sameLog(to);
    return readMoment({ at });
  });
  // Opening would create it, and an empty source is not what was meant.
  if (from.startsWith(SQLITE) && !existsSync(from.slice(SQLITE.length))) throw sourceMissing(from.slice(SQLITE.length));

  const stages: Readonly<Record<CopyStage, Progress>> = {
    comparing: new Progress(terminal, '比对已复制部分', 'Comparing what is there'),
    copying: new Progress(terminal, '复制', 'Copying'),
    checking: new Progress(terminal, '核对', 'Checking'),
  };
  const source = await openEventLog(from);
  try {
    const target = await openEventLog(to);
    try {
      return await copyLog(source, target, {
        at: asked.bookmark === null ? asked.at : await positionOfBookmark(source, asked.bookmark),
        progress: (stage, ...told) => stages[stage].update(...told),
      });
    } finally {
      await target.close();
    }
  } finally {
    for (const stage of Object.values(stages)) stage.stop();
    await source.close();
  }
};

/** By the number of events that it sealed, because in a log that was copied before positions are others. */
const positionOfBookmark = async (source: EventLog, name: string): Promise<Position | null> => {
  const { BookmarkDesk } = await import('../../audit/bookmarks/bookmark-desk');
  const { positionOfEvent } = await import('../../event-log/copying/log-pages');
  const { CommandRunner } = await import('../../event-log/command-runner');
  const now = (): Date => new Date();
  const bookmark = await new BookmarkDesk(source, new CommandRunner(source, { now }), now).find(name);
  return (await positionOfEvent(source, bookmark.treeSize)) ?? bookmark.position;
};

const reportText = (report: CopyReport, terminal: Terminal): string =>
  terminal.say(
    `已复制 ${report.copied} 个事件，目标共 ${report.events} 个事件；树根一致：${report.root}\n` +
      `源位置 ${report.sourcePosition}，目标位置 ${report.targetPosition}。`,
    `Copied ${report.copied} events; the target holds ${report.events}. The tree roots agree: ${report.root}\n` +
      `Source position ${report.sourcePosition}, target position ${report.targetPosition}.`,
  );

const reportJson = (report: CopyReport) => ({
  copy: {
    events: report.events,
    copied: report.copied,
    root: report.root,
    sourcePosition: String(report.sourcePosition),
    targetPosition: String(report.targetPosition),
  },
});

export const registerLog: Register = (line) => {
  const group = line.group('log', '事件日志', 'the event log');
  line.add<CopyCommand>(
    {
      name: 'copy',
      zh: '把总账复制到另一日志（SQLite 与 EventStoreDB 之间均可）；可中断后续传，完成后核对树根',
      en: 'copy the ledger into another log (SQLite or EventStoreDB, either way); resumable, verified by tree root',
      example: 'yichi log copy --from sqlite:data/log.sqlite --to "esdb://localhost:2113?tls=false"',
      configure: (command, say) =>
        command
          .requiredOption('--from <log>', say('源日志：sqlite:<文件> 或 esdb://…', 'source: sqlite:<file> or esdb://…'))
          .requiredOption(
            '--to <log>',
            say('目标日志；须为空或为源日志的开头部分', 'target: empty, or a beginning of the source'),
          )
          .option(
            '--at <position|bookmark>',
            say('只复制到源日志的这一位置或书签', 'copy up to this position or bookmark of the source'),
          ),
      run: async (context, _args, options) => {
        const report = await copy(context, options);
        context.terminal.data(
          () => reportText(report, context.terminal),
          () => reportJson(report),
        );
        return EXIT.done;
      },
    },
    group,
  );
};
