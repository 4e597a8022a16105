import { EXIT } from '../exit-code';
import { withLedger } from '../open-ledger';
import type { Register } from '../program';
import { withProgress } from '../progress';

export const registerRebuild: Register = (line) =>
  void line.add({
    name: 'rebuild',
    zh: '由事件重建读模型（在旧库旁重建，完成后切换）',
    en: 'rebuild the read model from the events, beside the live one, then switch',
    example: 'yichi rebuild',
    run: async (context) => {
      const { terminal } = context;
      const position = await withProgress(terminal, '重建', 'Rebuilding', (update) =>
        withLedger(context, (ledger) => ledger.readModel.rebuild(update)),
      );
      terminal.data(
        () => terminal.say(`读模型已重建至位置 ${position}。`, `The read model is rebuilt up to position ${position}.`),
        () => ({ rebuild: { position: String(position) } }),
      );
      return EXIT.done;
    },
  });
