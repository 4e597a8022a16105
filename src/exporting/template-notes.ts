import type { Worksheet } from 'exceljs';
import stringWidth from 'string-width';

import { LEDGER_DEFINITIONS } from '../importing/ledger-definitions';

/** Importing passes over the sheet of this name. */
export const NOTES_SHEET = '说明';

const RULES: readonly (readonly [zh: string, en: string])[] = [
  [
    '每张表是一种台账，按第一行的表头识别；表名、列的顺序随意，深色表头的列必填。用不到的表可以删除或空着。',
    'Each sheet is one ledger, recognised by its header row; sheet names and the order of columns are free, columns with a dark header are required. Sheets you do not need may be deleted or left empty.',
  ],
  [
    '自己要加的列，表头以“备注”开头，内容不导入；其他不认识的列会被拒绝。',
    'Begin the headers of columns of your own with 备注 or "note"; they are not imported. Other unknown columns are refused.',
  ],
  [
    '灰色斜体、备注为“示例”的行是示例，导入时跳过。改写示例行时请清空它的“示例”，否则该行会被拒绝，以免漏记。',
    'Grey rows marked 示例 are examples and passed over. If you write over one, clear its mark; otherwise the row is refused, so that nothing is lost unnoticed.',
  ],
  [
    '金额填正数，最多到分，单位写在“单位”列（元、万元、亿元）或表头“金额（万元）”；系统从不四舍五入。',
    'Amounts are positive and whole fen, their unit (元, 万元, 亿元) in the unit column or in the header 金额（万元）; nothing is ever rounded.',
  ],
  [
    '日期写 2024-03-20、2024/3/20、2024年3月20日，或用日期格式。',
    'Dates are 2024-03-20, 2024/3/20, 2024年3月20日 or date cells.',
  ],
  [
    '编码和文号 1–64 个字符：字母、数字、汉字和 -_.〔〕（）()，不含空格。区划编码 2、4、6、9、12 位，可补零到 12 位。',
    'Codes and document numbers have 1–64 characters: letters, digits, Chinese characters and -_.〔〕（）(), no spaces. Division codes have 2, 4, 6, 9 or 12 digits; zeros may follow up to 12.',
  ],
  [
    '文号和日期相同的行是同一笔业务。同一文件导入两次，账不会变。',
    'Rows with the same document number and date are one entry. Importing the same file twice changes nothing.',
  ],
  [
    '一次导入的全部文件要么全部入账，要么全部不入账；有错时会生成标出错误的副本。导入命令：yichi import 文件…',
    'All files of one import are booked together or not at all; mistakes are marked in a copy. Command: yichi import <files…>',
  ],
];

const WIDTH = 66;
const LINE_HEIGHT = 16;

/** Spreadsheet programs do not all make room for wrapped text by themselves. */
const addWrapped = (sheet: Worksheet, cells: readonly [mark: string | number, zh: string, en: string]): void => {
  const [, zh, en] = cells;
  const lines = Math.max(...[zh, en].map((text) => Math.ceil(stringWidth(text) / (WIDTH - 6))));
  const row = sheet.addRow([...cells]);
  row.alignment = { wrapText: true, vertical: 'top' };
  row.height = lines * LINE_HEIGHT + 2;
};

/** Fills the sheet of notes: how to fill in the workbook, and what each sheet is for. */
export const writeNotesSheet = (sheet: Worksheet): void => {
  sheet.views = [{ showGridLines: false }];
  Object.assign(sheet.pageSetup, { orientation: 'landscape', fitToPage: true, fitToWidth: 1, fitToHeight: 0 });
  sheet.getColumn(1).width = 6;
  sheet.getColumn(2).width = WIDTH;
  sheet.getColumn(3).width = WIDTH;
  sheet.addRow(['一池：台账导入模板 · Yichi: template for importing ledgers']).font = { bold: true, size: 14 };
  sheet.addRow([]);
  RULES.forEach(([zh, en], index) => {
    addWrapped(sheet, [index + 1, zh, en]);
  });
  sheet.addRow([]);
  sheet.addRow(['', '台账', 'ledger']).font = { bold: true };
  for (const { title, titleEn, purpose, purposeEn } of LEDGER_DEFINITIONS) {
    addWrapped(sheet, ['', `${title}：${purpose}`, `${titleEn}: ${purposeEn}`]);
  }
};
