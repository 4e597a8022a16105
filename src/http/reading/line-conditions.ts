import { parseYear } from '../../balances/parsing';
import { prefixRange } from '../../balances/facts';
import { Conditions } from './conditions';
import type { LineFilterDto } from './scope-question.dto';

/** Conditions on the tables `quota_line` and `stream` of its pool. */
export const lineConditions = (question: LineFilterDto): Conditions => {
  const { under, year } = question;
  const conditions = new Conditions()
    .add('stream.fiscal_year = ?', typeof year === 'string' ? parseYear(year) : null)
    .add('quota_line.document_no = ?', question.documentNo)
    .add('quota_line.channel_code = ?', question.channelCode)
    .add('quota_line.purpose_code = ?', question.purposeCode)
    .add('quota_line.department_code = ?', question.departmentCode);
  return typeof under === 'string'
    ? conditions.add('stream.division >= ? AND stream.division < ?', ...prefixRange(under))
    : conditions;
};
