import { once } from 'node:events';

import type { Ledger } from '../../ledger/ledger';
import { EXIT } from '../exit-code';
import { withLedger } from '../open-ledger';
import type { Register } from '../program';

/** Events read at once. */
const PAGE = 1000;

/** Lines in the order of the log; `position` is the engine's own and stands between `metadata` and `recordedAt`. */
async function* exportedLines(ledger: Ledger, leaves: boolean): AsyncGenerator<string> {
  const { exportedEvent } = await import('../../exporting/exported-event');
  for (let after = 0; ;) {
    const page = await ledger.log.readAll(after, PAGE);
    for (const stored of page) yield leaves ? stored.canonical : exportedEvent(stored);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}

export const registerExport: Register = (line) =>
  void line.add<{ readonly leaves?: boolean }>({
    name: 'export',
    zh: '导出全部事件：每行一个 JSON 对象（RFC 8785 规范形式）',
    en: 'export all events, one JSON object a line (RFC 8785 canonical form)',
    example: 'yichi export > 事件.jsonl',
    configure: (command, say) =>
      command.option(
        '--leaves',
        say('不含 position：即默克尔树的叶子', 'without position: the leaves of the Merkle tree'),
      ),
    run: async (context, _args, { leaves }) => {
      await withLedger(context, async (ledger) => {
        for await (const text of exportedLines(ledger, leaves === true)) {
          if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
        }
      });
      return EXIT.done;
    },
  });
