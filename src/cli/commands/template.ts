import { DomainError } from '../../platform/domain-error';
import { EXIT, UsageError } from '../exit-code';
import type { Register } from '../program';

/** Under another name a spreadsheet program, and an import, would take the workbook for what it is not. */
const requireWorkbookName = (file: string): void => {
  if (file.toLowerCase().endsWith('.xlsx')) return;
  throw new UsageError(
    new DomainError('input', {
      code: 'TEMPLATE_NOT_XLSX',
      message: `模板是 .xlsx 工作簿，不能写成“${file}”。`,
      messageEn: `The template is an .xlsx workbook and cannot be written as "${file}".`,
      remedy: '文件名以 .xlsx 结尾，例如 台账模板.xlsx。',
      remedyEn: 'End the name in .xlsx, such as ledgers.xlsx.',
      parameters: { file },
    }),
  );
};

export const registerTemplate: Register = (line) =>
  void line.add<{ readonly output: string }>({
    name: 'template',
    zh: '写出空白台账工作簿（含下拉列表、说明和示例行）',
    en: 'write the empty ledger workbook (validation lists, notes, example rows)',
    example: 'yichi template -o 台账模板.xlsx',
    configure: (command, say) =>
      command.option('-o, --output <file>', say('写到哪个文件', 'file to write'), '台账模板.xlsx'),
    run: async ({ terminal }, _args, { output }) => {
      requireWorkbookName(output);
      const { writeTemplate } = await import('../../exporting/template');
      await writeTemplate(output);
      terminal.data(
        () => terminal.say(`已写出 ${output}`, `Wrote ${output}`),
        () => ({ template: { file: output } }),
      );
      return EXIT.done;
    },
  });
