import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Workbook } from 'exceljs';

import type { Trace } from '../../src/audit/lineage/trace-answer';
import { changedFieldText } from '../../src/cli/register-change-text';
import { Terminal } from '../../src/cli/terminal';
import { renderTraceMermaid } from '../../src/cli/trace-text';
import { writeMarkedCopy } from '../../src/importing/marked-copy';
import { fen } from '../../src/money/fen';
import { DomainError } from '../../src/platform/domain-error';

/** Clears the screen, writes another line over it, turns the line round, hides itself. */
const HOSTILE = '\u001b[2J\u001b[31m完整\u009b1A\u202e0.00\u200b\u2028\r';
const SHOWN = '\\u{1b}[2J\\u{1b}[31m完整\\u{9b}1A\\u{202e}0.00\\u{200b}\\u{2028}\\u{d}';

const written = (stream: NodeJS.WriteStream, work: () => void): string => {
  let text = '';
  const spy = jest.spyOn(stream, 'write').mockImplementation((part) => (text += String(part)) !== '');
  try {
    work();
  } finally {
    spy.mockRestore();
  }
  return text;
};

/** What a label may hold: plain letters, line breaks of ours, and letters by their numbers. */
const LABEL = '"((?:[^"&<>`#\\\\%:\\p{Cc}]|<br/>|#\\d+;|\\\\u\\{[0-9a-f]+\\})*)"';
const PICTURE_LINE = new RegExp(
  `^  (?:T\\[${LABEL}\\]|S\\d+\\[${LABEL}\\] -->\\|${LABEL}\\| T|T -->\\|${LABEL}\\| U\\d+\\[${LABEL}\\])$`,
  'u',
);

/** The texts of a line that is nothing but one node, or one node and its arrow. */
const readPictureLine = (line: string): readonly string[] => {
  const [, ...labels] = PICTURE_LINE.exec(line) ?? [];
  return labels
    .filter((label) => label !== undefined)
    .flatMap((label) => label.split('<br/>'))
    .map((text) =>
      text
        .replace(/#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
        .replace(/\\u\{([0-9a-f]+)\}/g, (_, code: string) => String.fromCodePoint(Number(`0x${code}`))),
    );
};

describe('a name that is written to deceive', () => {
  it('cannot move the cursor of a terminal, in tables and in errors', () => {
    const terminal = new Terminal('zh', false);
    expect(written(process.stdout, () => terminal.line(`项目\t${HOSTILE}\n合计`))).toBe(`项目\t${SHOWN}\n合计\n`);
    const error = new DomainError('input', {
      code: 'X',
      message: HOSTILE,
      messageEn: HOSTILE,
      remedy: HOSTILE,
      remedyEn: HOSTILE,
    });
    expect(written(process.stderr, () => terminal.failure(error))).toBe(`错误 X：${SHOWN}\n办法：${SHOWN}\n`);
  });

  it('reaches programs as it is', () => {
    const terminal = new Terminal('zh', true);
    const told = written(process.stdout, () =>
      terminal.data(
        () => '',
        () => ({ name: HOSTILE }),
      ),
    );
    expect(JSON.parse(told)).toEqual({ name: HOSTILE });
  });

  it('cannot make a line that looks like one of ours', () => {
    const terminal = new Terminal('zh', false);
    const error = new DomainError('input', {
      code: 'X',
      message: '没有这份文件：a\n入账 5 行',
      messageEn: 'no such file',
      remedy: '核对。',
      remedyEn: 'Look.',
    });
    expect(written(process.stderr, () => terminal.failure(error))).toBe(
      '错误 X：没有这份文件：a\n    入账 5 行\n办法：核对。\n',
    );
    const change = { ledger: 'projects', key: 'P1', field: 'content', from: null, to: '修路\n入账 5 行' } as const;
    expect(changedFieldText(change, 'zh')).toBe('项目台账 P1 建设内容：（空） → 修路\\u{a}入账 5 行');
  });

  it.each([
    'click U0 "javascript:alert(1)"',
    '"] --> X["<img src=x onerror=alert(1)>`**#quot;&lt;',
    '"]; click A "javascript:alert(1)"',
    "%%{init: {'theme':'dark','securityLevel':'loose'}}%%",
    '支出 %% 其余',
    '公司\nclick T "https://x.example"',
    '`**粗**` [字](https://x.example)',
    '|"1.00 元"| U9["',
    'style T fill:#f00;',
    '\u001b[2J\u202e',
    '#quot;#93;',
  ])('cannot leave its label in a Mermaid picture: %j', (name) => {
    const use = { division: '63', projectCode: 'P1', place: null, state: 'paid', amount: fen(100) } as const;
    const trace: Trace = {
      of: { kind: 'project', id: 'P1' },
      sources: [{ documentNo: '文1', channelCode: 'C', purposeCode: 'ROAD', departmentCode: 'JT', amount: fen(200) }],
      uses: [
        { ...use, voucherNo: '支1', payee: name },
        { ...use, voucherNo: name, payee: '公司' },
      ],
      reversed: [],
      registerChanges: [],
      events: [],
      position: 1,
      asOf: null,
    };
    const told = written(process.stdout, () =>
      new Terminal('zh', false).line(
        renderTraceMermaid(trace, 'zh', (kind, code) => (kind === 'project' ? name : code)),
      ),
    );
    const [first, ...lines] = told.split('\n').slice(0, -1);
    expect(first).toBe('flowchart LR');
    expect(lines.map(readPictureLine)).toEqual([
      [`项目 P1 ${name}`, '2.00 元'],
      ['文1/C/ROAD', '2.00 元'],
      ['1.00 元', '63', `P1 ${name}`, '已支付', '支1', name],
      ['1.00 元', '63', `P1 ${name}`, '已支付', name, '公司'],
    ]);
  });

  it('is no formula in a marked copy', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yichi-formula-'));
    try {
      const texts = ['=HYPERLINK("http://x","y")', '+1+1', '-2+3', '@SUM(A1)', '项目'];
      writeFileSync(join(folder, 'a.csv'), texts.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
      const refusals = texts.map((text, index) => ({
        ...{
          file: 'a.csv',
          sheet: 'a',
          row: 1,
          column: text,
          cell: `${'ABCDE'.charAt(index)}1`,
          value: text,
          code: 'X',
        },
        ...{ message: text, messageEn: text, remedy: text, remedyEn: text },
      }));
      const copy = await writeMarkedCopy(join(folder, 'a.csv'), refusals, join(folder, 'b.xlsx'));
      const workbook = new Workbook();
      await workbook.xlsx.readFile(copy);
      for (const sheet of workbook.worksheets) {
        sheet.eachRow((each) => each.eachCell((cell) => expect(cell.formula).toBeUndefined()));
      }
      const list = workbook.getWorksheet('导入错误');
      texts.forEach((text, index) => {
        const told = [3, 5, 6, 7, 8, 9].map((column) => list?.getRow(index + 2).getCell(column));
        for (const cell of told)
          expect({ value: cell?.value, format: cell?.numFmt }).toEqual({ value: text, format: '@' });
      });
      const row = workbook.worksheets[0]?.getRow(1);
      texts.forEach((text, index) => {
        const cell = row?.getCell(index + 1);
        expect({ value: cell?.value, formula: cell?.formula }).toEqual({ value: text, formula: undefined });
        if (text !== '项目') expect(cell?.numFmt).toBe('@');
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
