import { randomUUID } from 'node:crypto';

import type { Bookmark } from '../../audit/bookmarks/bookmark';
import { asUsage, EXIT } from '../exit-code';
import { commandLineActor, withLedger } from '../open-ledger';
import type { CommandContext, Register } from '../program';
import { momentOptions, type MomentOptions } from './question-options';

interface SetOptions extends MomentOptions {
  readonly remark?: string;
}

export const registerBookmark: Register = (line) => {
  const group = line.group('bookmark', '书签：给某一时点起名（月结、年终、巡察、评估）', 'names of moments');
  line.add<SetOptions>(
    {
      name: 'set',
      zh: '设置书签：位置、业务日期和当时的树根；名称永不改指别处',
      en: 'name a moment: position, business date and tree root; a name never means another moment',
      example: 'yichi bookmark set 2024年终 --as-of 2024-12-31 --remark 年终决算',
      configure: (command, say) =>
        momentOptions(command.argument('<name>', say('书签名', 'name')), say).option(
          '--remark <text>',
          say('说明', 'remark'),
        ),
      run: async (context, [name = ''], options) => {
        const { readMoment } = await import('../../balances/moment-request');
        const { requireBookmarkName } = await import('../../audit/bookmarks/bookmark');
        asUsage(() => readMoment(options));
        asUsage(() => requireBookmarkName(name));
        const bookmark = await withLedger(context, async (ledger) => {
          const { at, asOf, remark } = options;
          const asking = {
            commandId: randomUUID(),
            correlationId: randomUUID(),
            causationId: null,
            actor: await commandLineActor(),
          };
          await ledger.bookmarks.set({ name, at, asOf, remark: remark ?? null }, asking);
          return ledger.bookmark(name);
        });
        await show(context, bookmark);
        return EXIT.done;
      },
    },
    group,
  );
  line.add(
    {
      name: 'list',
      zh: '列出书签',
      en: 'list bookmarks',
      example: 'yichi bookmark list',
      run: async (context) => {
        const { bookmarkJson } = await import('../../audit/bookmarks/bookmark');
        const bookmarks = await withLedger(context, (ledger) => ledger.bookmarks.list());
        const { renderTable } = await import('../table');
        context.terminal.data(
          () => table(context, renderTable, bookmarks),
          () => ({ bookmarks: bookmarks.map(bookmarkJson) }),
        );
        return EXIT.done;
      },
    },
    group,
  );
  line.add(
    {
      name: 'show',
      zh: '查看一个书签',
      en: 'show one bookmark',
      example: 'yichi bookmark show 2024年终',
      configure: (command, say) => command.argument('<name>', say('书签名', 'name')),
      run: async (context, [name = '']) => {
        await show(context, await withLedger(context, (ledger) => ledger.bookmark(name)));
        return EXIT.done;
      },
    },
    group,
  );
};

const show = async (context: CommandContext, bookmark: Bookmark): Promise<void> => {
  const { bookmarkJson } = await import('../../audit/bookmarks/bookmark');
  const { renderTable } = await import('../table');
  context.terminal.data(
    () => table(context, renderTable, [bookmark]),
    () => ({ bookmark: bookmarkJson(bookmark) }),
  );
};

const table = (
  { terminal }: CommandContext,
  renderTable: (head: readonly string[], rows: readonly (readonly string[])[]) => string,
  bookmarks: readonly Bookmark[],
): string => {
  if (bookmarks.length === 0) return terminal.say('（还没有书签）', '(no bookmarks yet)');
  const head = [
    terminal.say('书签', 'Bookmark'),
    terminal.say('位置', 'Position'),
    terminal.say('业务日期', 'As of'),
    terminal.say('事件数', 'Events'),
    terminal.say('树根', 'Tree root'),
    terminal.say('说明', 'Remark'),
  ];
  return renderTable(
    head,
    bookmarks.map(({ name, position, asOf, treeSize, treeRoot, remark }) => [
      name,
      String(position),
      asOf ?? '',
      String(treeSize),
      treeRoot,
      remark ?? '',
    ]),
  );
};
