import { recogniseHeader } from '../../src/importing/header-row';

const CASH = ['到账凭证号', '日期', '区划', '年度', '指标文号', '渠道编码', '用途编码'];

const read = (header: readonly (string | number | undefined)[]) => recogniseHeader(header);

const problems = (header: readonly (string | number | undefined)[]) => {
  const reading = read(header);
  return reading.recognised ? [] : reading.problems.map(({ refusal, index }) => `${refusal.code} ${index}`);
};

describe('a header row', () => {
  it.each(['金额（万元）', '金额(万元)', 'amount (万元)', 'Amount（万元）', ' 金额 （ 万元 ） ', '金额\n（万元）'])(
    'may name the unit beside the amount: %j',
    (amount) => {
      const reading = read([...CASH, amount]);
      expect(reading).toMatchObject({
        recognised: true,
        header: { headerUnit: '万元', definition: { kind: 'cash-receipts' } },
      });
    },
  );

  it('may name the unit in both places', () => {
    expect(read([...CASH, '金额（元）', '单位'])).toMatchObject({ recognised: true, header: { headerUnit: '元' } });
  });

  it('must name a unit that is known', () => {
    expect(problems([...CASH, '金额（千元）'])).toEqual(['UNIT_UNKNOWN 7']);
    expect(problems([...CASH, '金额'])).toEqual(['SHEET_NOT_RECOGNISED null']);
  });

  it.each(['备注', '备注2', 'Note', 'notes of the office', '备注（内部）'])(
    'may have a column %s of its own',
    (note) => {
      expect(read([...CASH, '金额', '单位', note])).toMatchObject({ recognised: true, header: { noteColumns: [9] } });
    },
  );

  it('reads English in any case and headers with white space around', () => {
    expect(read(['DIVISIONCODE', ' name '])).toMatchObject({ recognised: true });
  });

  it('passes over columns without a header', () => {
    const reading = read([undefined, '用途编码', '', '名称']);
    expect(reading.recognised && reading.header.columns.map(({ letters }) => letters)).toEqual(['B', 'D']);
  });

  it('names the nearest ledger, what it lacks and what it does not know', () => {
    const reading = read([...CASH.slice(0, -1), '金额', '单位', '经办人']);
    expect(reading).toMatchObject({
      recognised: false,
      problems: [
        {
          index: 8,
          refusal: {
            code: 'SHEET_NOT_RECOGNISED',
            message: '这张表最像“资金到位”，但缺少列：用途编码；有不认识的列：经办人。',
            messageEn:
              'This sheet is most like "cash receipts", but lacks 用途编码/purposeCode; has unknown columns: 经办人.',
          },
        },
      ],
    });
  });

  it('that shares nothing with any ledger is told so', () => {
    expect(problems(['合计', 2024])).toEqual(['SHEET_NOT_RECOGNISED null']);
  });

  it('has no column twice, in whatever language', () => {
    expect(problems(['用途编码', '名称', 'name'])).toEqual(['COLUMN_TWICE 2']);
    expect(problems([...CASH, '金额', '单位', '金额（元）'])).toEqual(['COLUMN_TWICE 9']);
  });

  it('of payments is not taken for one of allocations, although it has most of its columns', () => {
    const allocations = [
      '安排文号',
      '日期',
      '区划',
      '年度',
      '项目编号',
      '建设地点',
      '渠道编码',
      '用途编码',
      '金额',
      '单位',
    ];
    expect(read(allocations)).toMatchObject({ header: { definition: { kind: 'allocations' } } });
    expect(read(['支付凭证号', ...allocations.slice(1), '收款人'])).toMatchObject({
      header: { definition: { kind: 'payments' } },
    });
    expect(read([...allocations, '收款人'])).toMatchObject({ recognised: false });
  });
});
