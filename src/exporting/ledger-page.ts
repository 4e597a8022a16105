import { LEDGER_DEFINITIONS } from '../importing/ledger-definitions';
import type { Language } from '../platform/settings';

const WORDS = {
  zh: {
    title: '# 台账的列',
    other: '[English](ledgers.md)',
    intro: `\`yichi import\` 按表头识别台账，与文件名、表名、列的顺序无关；中文和英文表头均可。不认识的列会被拒绝，以“备注”或 \`note\`
开头的列除外。金额的单位写在“单位”列（元、万元、亿元）或表头中（\`金额（万元）\`），最多到分，每笔不超过 1 万亿元，
一个资金池累计转入的资金、累计到位的资金各不超过 10 万亿元；日期写 \`2024-03-20\`、\`2024/3/20\`、
\`2024年3月20日\` 或表格日期。指标由 \`文号/渠道/用途\` 唯一标识。文号和日期相同的行是同一笔业务；同一业务再次导入不会重复，内容
不同则拒绝。一次导入的全部文件为一个单位：先登记表，再项目，再按业务日期记资金；内容完全相同的两个文件会被拒绝，以免每笔都记两次。`,
    head: '| 中文表头 | 英文表头 | 必填 | 说明 |',
    yes: '是',
    generated: '本页由列定义生成（`npm run docs`）。',
  },
  en: {
    title: '# Columns of the ledgers',
    other: '[简体中文](ledgers.zh-CN.md)',
    intro: `\`yichi import\` recognises a ledger by its header row; the names of files and sheets and the order of columns are
free, headers are Chinese or English. Unknown columns are refused unless they begin with 备注 or \`note\`. The unit of
amounts stands in the unit column (元, 万元, 亿元) or in the header (\`金额（万元）\`), at most whole fen and 1 万亿元 (10¹² yuan) each;
what ever comes into one pool, and the cash received in it, is at most 10 万亿元 each; dates are
\`2024-03-20\`, \`2024/3/20\`, \`2024年3月20日\` or date cells. A quota line is \`document/channel/purpose\`. Rows with the same
document number and date are one entry; the same entry again changes nothing, with other content it is refused. All
files of one import are one unit: registries first, then projects, then money by business date. Two files with the very
same content are refused, because every amount in them would be doubled.`,
    head: '| Chinese header | English header | required | what to enter |',
    yes: 'yes',
    generated: 'This page is generated from the column definitions (`npm run docs`).',
  },
} as const;

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The page of docs/ that lists every ledger and its columns, in one language. */
export const ledgerPage = (language: Language): string => {
  const words = WORDS[language];
  const ledgers = LEDGER_DEFINITIONS.map(({ title, titleEn, purpose, purposeEn, columns }) => {
    const rows = [...columns.values()].map((column) => {
      const hint = language === 'zh' ? column.hint : column.hintEn;
      const choices = column.choices === undefined ? '' : ` (${column.choices.join(' ')})`;
      return `| ${column.title} | ${column.titleEn} | ${column.required ? words.yes : ''} | ${cell(hint + choices)} |`;
    });
    const heading = language === 'zh' ? `${title} · ${titleEn}` : `${titleEn} · ${title}`;
    return [
      `## ${heading}`,
      '',
      language === 'zh' ? purpose : purposeEn,
      '',
      words.head,
      '|---|---|---|---|',
      ...rows,
    ].join('\n');
  });
  return `${[words.title, words.other, words.intro, ...ledgers, words.generated].join('\n\n')}\n`;
};
