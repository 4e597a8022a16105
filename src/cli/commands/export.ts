import { once } from 'node:events';

import type { Ledger } from '../../ledger/ledger';
import { asUsage, EXIT } from '../exit-code';
import { withLedger } from '../open-ledger';
import type { Register } from '../program';
import { type Update, withProgress } from '../progress';

/** Events read at once. */
const PAGE = 1000;

/** Lines in the order of the log; `position` is the engine's own and stands between `metadata` and `recordedAt`. */
async function* exportedLines(ledger: Ledger, leaves: boolean, to: number, progress: Update): AsyncGenerator<string> {
  const { exportedEvent } = await import('../../exporting/exported-event');
  let events = 0;
  for (let after = 0; ;) {
    const page = await ledger.log.readAll(after, PAGE);
    for (const stored of page) {
      if (stored.position > to) return;
      yield leaves ? stored.canonical : exportedEvent(stored);
    }
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.position;
    events += page.length;
    progress(after, to, events);
  }
}

export const registerExport: Register = (line) =>
  void line.add<{ readonly leaves?: boolean; readonly at?: string }>({
    name: 'export',
    zh: '导出事件：每行一个 JSON 对象（RFC 8785 规范形式）',
    en: 'export events, one JSON object a line (RFC 8785 canonical form)',
    example: 'yichi export > 事件.jsonl',
    configure: (command, say) =>
      command
        .option('--leaves', say('不含 position：即默克尔树的叶子', 'without position: the leaves of the Merkle tree'))
        .option('--at <position>', say('到该总账位置或书签为止', 'up to this position or bookmark')),
    run: async (context, _args, { leaves, at }) => {
      const { readMoment } = await import('../../balances/moment-request');
      asUsage(() => readMoment({ at }));
      await withLedger(context, async (ledger) => {
        const moment = await ledger.moment({ at });
        const head = await ledger.log.head();
        const to = moment.at ?? head;
        const { positionNotReached, requireAfterFirstEvent } = await import('../../balances/moment');
        if (to > head) throw positionNotReached(to, head);
        // Nothing at all is only what an empty ledger holds, not what one knew at some moment.
        if (moment.at !== null) requireAfterFirstEvent(to > 0);
        const write = async (update: Update): Promise<void> => {
          // Lines that scroll by on the same terminal are progress enough.
          const progress = process.stdout.isTTY ? () => undefined : update;
          for await (const text of exportedLines(ledger, leaves === true, to, progress)) {
            if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
          }
        };
        await withProgress(context.terminal, '导出', 'Exporting', write);
        const { bookmark } = moment;
        if (bookmark !== undefined) {
          context.terminal.message(
            `导出到书签“${bookmark.name}”：位置 ${bookmark.position}，事件 ${bookmark.treeSize}，树根 ${bookmark.treeRoot}`,
            `Exported up to bookmark “${bookmark.name}”: position ${bookmark.position}, ${bookmark.treeSize} events, tree root ${bookmark.treeRoot}`,
          );
        }
      });
      return EXIT.done;
    },
  });
