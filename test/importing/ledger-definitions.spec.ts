import { recogniseHeader } from '../../src/importing/header-row';
import { LEDGER_DEFINITIONS } from '../../src/importing/ledger-definitions';

/** The promise to users, to the letter: Chinese/English, `*` for required. */
const PROMISE = `
区划 divisions | 区划编码/divisionCode* 名称/name* 启用日期/validFrom 停用日期/validTo
部门 departments | 部门编码/departmentCode* 名称/name* 启用日期/validFrom 停用日期/validTo 并入部门/mergedInto
用途 purposes | 用途编码/purposeCode* 名称/name* 上级用途/parentPurpose
渠道 channels | 渠道编码/channelCode* 名称/name* 主管部门编码/departmentCode* 级次/level* 类型/kind* 允许用途/allowedPurposes 须到账/cashRequired
指标台账 appropriations | 指标文号/documentNo* 上级文号/parentDocumentNo 下达日期/effectiveOn* 区划/division* 年度/fiscalYear* 渠道编码/channelCode* 用途编码/purposeCode* 金额/amount* 单位/unit* 行号/lineNo 重记/rebooks
整合台账 integrations | 整合文号/integrationNo* 日期/effectiveOn* 区划/division* 年度/fiscalYear* 整合方式/regime* 指标文号/documentNo* 渠道编码/channelCode* 用途编码/purposeCode* 金额/amount* 单位/unit* 行号/lineNo 重记/rebooks
分解下达 transfers | 下达文号/transferNo* 日期/effectiveOn* 下达区划/fromDivision* 接收区划/toDivision* 年度/fiscalYear* 指标文号/documentNo* 渠道编码/channelCode* 用途编码/purposeCode* 已整合/integrated 金额/amount* 单位/unit* 行号/lineNo 重记/rebooks
资金到位 cash receipts | 到账凭证号/receiptNo* 日期/effectiveOn* 区划/division* 年度/fiscalYear* 指标文号/documentNo* 渠道编码/channelCode* 用途编码/purposeCode* 金额/amount* 单位/unit* 行号/lineNo 重记/rebooks
项目台账 projects | 项目编号/projectCode* 项目名称/projectName* 区划/division* 用途编码/purposeCode* 建设地点/places* 入库日期/enteredOn* 类别/category 建设性质/nature 实施单位/implementer 建设内容/content 开工日期/startedOn 竣工日期/completedOn 验收日期/acceptedOn
资金安排 allocations | 安排文号/allocationNo* 日期/effectiveOn* 区划/division* 年度/fiscalYear* 项目编号/projectCode* 建设地点/place* 指标文号/documentNo 渠道编码/channelCode* 用途编码/purposeCode* 金额/amount* 单位/unit* 行号/lineNo 重记/rebooks
调剂 reallocations | 调剂文号/reallocationNo* 日期/effectiveOn* 区划/division* 年度/fiscalYear* 指标文号/documentNo* 渠道编码/channelCode* 用途编码/purposeCode* 调出项目/fromProject* 调出地点/fromPlace* 调入项目/toProject 调入地点/toPlace 金额/amount* 单位/unit* 行号/lineNo 重记/rebooks
支付台账 payments | 支付凭证号/voucherNo* 日期/effectiveOn* 区划/division* 年度/fiscalYear* 项目编号/projectCode* 建设地点/place* 指标文号/documentNo 渠道编码/channelCode* 用途编码/purposeCode* 收款人/payee* 金额/amount* 单位/unit* 状态/status 原凭证号/originalVoucherNo 申请人/requestedBy 批准人/approvedBy 行号/lineNo 重记/rebooks
收回 recalls | 收回文号/recallNo* 日期/effectiveOn* 区划/division* 年度/fiscalYear* 项目编号/projectCode 建设地点/place 指标文号/documentNo* 渠道编码/channelCode* 用途编码/purposeCode* 金额/amount* 单位/unit* 收回至/recalledTo 行号/lineNo 重记/rebooks
结转 carry-overs | 结转文号/carryOverNo* 日期/effectiveOn* 区划/division* 年度/fiscalYear* 转入年度/toFiscalYear* 重记/rebooks
`
  .trim()
  .split('\n')
  .map((line) => {
    const [titles = '', columns = ''] = line.split(' | ');
    const [title = '', ...titleEn] = titles.split(' ');
    return {
      title,
      titleEn: titleEn.join(' '),
      columns: columns.split(' ').map((column) => {
        const [zh = '', en = ''] = column.replace('*', '').split('/');
        return { zh, en, required: column.endsWith('*') };
      }),
    };
  });

const titleOf = (header: readonly string[]): string | null => {
  const reading = recogniseHeader(header);
  return reading.recognised ? reading.header.definition.title : null;
};

describe('the fourteen ledgers', () => {
  it('are those promised, in their order, with their columns', () => {
    const built = LEDGER_DEFINITIONS.map(({ title, titleEn, columns }) => ({
      title,
      titleEn,
      columns: [...columns.values()].map((column) => ({
        zh: column.title,
        en: column.titleEn,
        required: column.required,
      })),
    }));
    expect(built).toEqual(PROMISE);
  });

  it.each(PROMISE)(
    '$title: is recognised by all its columns in either language, in any order',
    ({ title, columns }) => {
      expect(titleOf(columns.map((column) => column.zh))).toBe(title);
      expect(titleOf(columns.map((column) => column.en))).toBe(title);
      expect(titleOf(columns.map((column) => column.zh).reverse())).toBe(title);
      expect(titleOf(columns.map((column, index) => (index % 2 === 0 ? column.zh : column.en)))).toBe(title);
    },
  );

  it.each(PROMISE)('$title: is recognised by its required columns alone, and by no fewer', ({ title, columns }) => {
    const required = columns.filter((column) => column.required);
    expect(titleOf(required.map((column) => column.zh))).toBe(title);
    for (const missing of required) {
      expect(titleOf(required.filter((column) => column !== missing).map((column) => column.zh))).not.toBe(title);
    }
  });

  it('explain every column in both languages', () => {
    for (const { columns } of LEDGER_DEFINITIONS) {
      for (const { hint, hintEn } of columns.values()) expect([hint, hintEn]).not.toContain('');
    }
  });
});
