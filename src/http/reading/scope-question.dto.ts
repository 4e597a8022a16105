import { type Dimension, DIMENSIONS } from '../../balances/balances-query';
import { ChoiceField, CodeField, DivisionField, QueryField } from '../fields';
import { DatedQuestionDto, PagedQuestionDto } from './question.dto';

/** Fields that several questions have; each is declared here once. */
export const ByField = () => ChoiceField('汇总维度', 'dimension', DIMENSIONS);
export const UnderField = () =>
  DivisionField('只看该区划及以下', 'only money under this division', '630222', { optional: true });
export const YearField = () => QueryField('年度', 'fiscal year', '2024');
export const FromField = () => QueryField('业务日期不早于', 'business date from', '2024-01-01');
export const UnderListField = () =>
  DivisionField('只看该区划及以下', 'only this division and those under it', '630222', { optional: true });

/** What of the ledger a question about balances is restricted to. */
export abstract class ScopeQuestionDto extends DatedQuestionDto {
  @ByField()
  readonly by: Dimension;

  @UnderField()
  readonly under?: string | null;

  @YearField()
  readonly year?: string | null;
}

/** Which pools and lines a list of lines or movements is restricted to. */
export abstract class LineFilterDto extends PagedQuestionDto {
  @DivisionField('只看该区划及以下的资金池', 'only pools under this division', '630222', { optional: true })
  readonly under?: string | null;

  @YearField()
  readonly year?: string | null;

  @CodeField('指标文号', 'document number of the quota line', '青财农〔2024〕18号', { optional: true })
  readonly documentNo?: string | null;

  @CodeField('渠道编码', 'channel code', 'QH-SL', { optional: true })
  readonly channelCode?: string | null;

  @CodeField('用途编码', 'purpose code', '农村供水', { optional: true })
  readonly purposeCode?: string | null;

  @CodeField('部门编码', 'department code', 'QH-SLT', { optional: true })
  readonly departmentCode?: string | null;
}
