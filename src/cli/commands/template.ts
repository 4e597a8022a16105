import type { Register } from '../program';
import { EXIT } from '../exit-code';

export const registerTemplate: Register = (line) =>
  void line.add<{ readonly output: string }>({
    name: 'template',
    zh: '写出空白台账工作簿（含下拉列表、说明和示例行）',
    en: 'write the empty ledger workbook (validation lists, notes, example rows)',
    example: 'yichi template -o 台账模板.xlsx',
    configure: (command, say) =>
      command.option('-o, --output <file>', say('写到哪个文件', 'file to write'), '台账模板.xlsx'),
    run: async ({ terminal }, _args, { output }) => {
      const { writeTemplate } = await import('../../exporting/template');
      await writeTemplate(output);
      terminal.data(
        () => terminal.say(`已写出 ${output}`, `Wrote ${output}`),
        () => ({ template: { file: output } }),
      );
      return EXIT.done;
    },
  });
