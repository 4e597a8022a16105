import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Workbook } from 'exceljs';

import type { Trace } from '../../src/audit/lineage/trace-answer';
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

  it('cannot leave its label in a Mermaid picture', () => {
    const trace: Trace = {
      of: { kind: 'project', id: 'P1' },
      sources: [],
      uses: [
        {
          division: '63',
          projectCode: 'P1',
          place: null,
          voucherNo: '支1',
          payee: '"] --> X["<img src=x onerror=alert(1)>`**#quot;&lt;',
          state: 'paid',
          amount: fen(100),
        },
      ],
      reversed: [],
      registerChanges: [],
      events: [],
      position: 1,
      asOf: null,
    };
    const picture = renderTraceMermaid(trace, 'zh', (_kind, code) => code);
    expect(picture).toContain(
      'U0["63<br/>P1<br/>已支付<br/>支1<br/>#34;] --#62; X[#34;#60;img src=x onerror=alert(1)#62;#96;**#35;quot;#38;lt;"]',
    );
    expect(picture.split('\n')).toHaveLength(3);
  });

  it('is no formula in a marked copy', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yichi-formula-'));
    try {
      const texts = ['=HYPERLINK("http://x","y")', '+1+1', '-2+3', '@SUM(A1)', '项目'];
      writeFileSync(join(folder, 'a.csv'), texts.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
      const copy = await writeMarkedCopy(join(folder, 'a.csv'), [], join(folder, 'b.xlsx'));
      const workbook = new Workbook();
      await workbook.xlsx.readFile(copy);
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
