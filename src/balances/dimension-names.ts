import type { Dimension } from './balances-query';

/** What people call a dimension. */
export const DIMENSION_NAMES: Readonly<Record<Dimension, { readonly zh: string; readonly en: string }>> = {
  department: { zh: '部门', en: 'Department' },
  division: { zh: '区划', en: 'Division' },
  county: { zh: '县', en: 'County' },
  village: { zh: '村（地点）', en: 'Village (place)' },
  project: { zh: '项目', en: 'Project' },
  channel: { zh: '渠道', en: 'Channel' },
  line: { zh: '指标', en: 'Quota line' },
  document: { zh: '文号', en: 'Document' },
};
