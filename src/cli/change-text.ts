import type { Diff } from '../audit/diff/diff';
import { eventWords } from '../audit/history/event-words';
import type { History } from '../audit/history/history';
import type { Provenance } from '../audit/provenance/provenance';
import type { TreeHead } from '../audit/bookmarks/tree-head';
import { type Measure, MEASURE_NAMES, MEASURES, type Measures } from '../balances/measures';
import { type AmountUnit, formatAmount } from '../money/amount-text';
import { ZERO_FEN } from '../money/fen';
import type { FenSum } from '../money/fen-sum';
import type { Language } from '../platform/settings';
import { momentText } from './moment-text';
import { registerChangeLines } from './register-change-text';
import { renderTable } from './table';

/** Differences, histories and provenance as a person reads them. */

interface Options {
  readonly language: Language;
  readonly unit: AmountUnit;
}

/** With its sign, because a change is one. */
const signed = (amount: FenSum, unit: AmountUnit): string => `${amount > 0 ? '+' : ''}${formatAmount(amount, unit)}`;

const changed = (change: Measures): readonly Measure[] => MEASURES.filter((measure) => change[measure] !== 0);

const changesText = (change: Measures, { language, unit }: Options): string =>
  changed(change)
    .map((measure) => `${MEASURE_NAMES[measure][language]} ${signed(change[measure], unit)}`)
    .join(language === 'zh' ? '，' : ', ');

/** One line for each measure that changed, and beneath each balance the events by which it did. */
export const renderDiff = (answer: Diff, options: Options): string => {
  const { language, unit } = options;
  const title =
    language === 'zh'
      ? `${momentText(answer.from, language)} → ${momentText(answer.to, language)}  单位：${unit}`
      : `${momentText(answer.from, language)} → ${momentText(answer.to, language)}, unit ${unit}`;
  const registers = registerChangeLines(answer.registerChanges, language);
  if (answer.rows.length === 0) {
    return [title, language === 'zh' ? '（没有余额变化）' : '(no balance changed)', ...registers].join('\n');
  }
  const head =
    language === 'zh'
      ? ['编码', '名称', '指标量', '原', '现', '变化', '事件数']
      : ['Key', 'Name', 'Measure', 'Before', 'After', 'Change', 'Events'];
  const rows = answer.rows.flatMap((row) =>
    changed(row.change).map((measure, index) => [
      index === 0 ? row.key : '',
      index === 0 ? row.name : '',
      MEASURE_NAMES[measure][language],
      formatAmount(row.from[measure], unit),
      formatAmount(row.to[measure], unit),
      signed(row.change[measure], unit),
      index === 0 ? String(row.eventCount) : '',
    ]),
  );
  const total = changed(answer.total.change).map((measure, index) => [
    index === 0 ? (language === 'zh' ? '合计' : 'Total') : '',
    '',
    MEASURE_NAMES[measure][language],
    formatAmount(answer.total.from[measure], unit),
    formatAmount(answer.total.to[measure], unit),
    signed(answer.total.change[measure], unit),
    '',
  ]);
  return [
    title,
    renderTable(head, [...rows, ...total], 3),
    ...answer.rows.flatMap((row) => eventLines(row, options)),
    ...registers,
  ].join('\n');
};

const eventLines = (row: Diff['rows'][number], options: Options): string[] => {
  const more = row.eventCount - row.events.length;
  return [
    `${row.key} ${row.name === row.key ? '' : row.name}`.trim(),
    ...row.events.map(
      ({ position, effectiveOn, type, documentNo, id, change }) =>
        `  ${effectiveOn}  ${position}  ${eventWords(type, options.language)}  ${documentNo ?? ''}  ${changesText(change, options)}  ${id}`,
    ),
    ...(more <= 0
      ? []
      : [
          options.language === 'zh'
            ? `  ……另有 ${more} 个事件，见 yichi history ${row.key}，或加 --events`
            : `  … and ${more} more events; see yichi history ${row.key}, or use --events`,
        ]),
  ];
};

/** Only the measures that ever were something have a column. */
export const renderHistory = (answer: History, options: Options): string => {
  const { language, unit } = options;
  const moment = momentText(answer, language);
  const of = answer.name === answer.key ? answer.key : `${answer.key} ${answer.name}`;
  const title = language === 'zh' ? `${of}  ${moment}  单位：${unit}` : `${of}, ${moment}, unit ${unit}`;
  const shown = MEASURES.filter((measure) => answer.rows.some(({ balance }) => balance[measure] !== ZERO_FEN));
  const head =
    language === 'zh'
      ? ['业务日期', '位置', '事件', '文号', '变化']
      : ['Date', 'Position', 'Event', 'Document', 'Change'];
  const rows = answer.rows.map(({ effectiveOn, position, type, documentNo, change, balance }) => [
    effectiveOn,
    String(position),
    eventWords(type, language),
    documentNo ?? '',
    changesText(change, options),
    ...shown.map((measure) => formatAmount(balance[measure], unit)),
  ]);
  return [
    title,
    renderTable([...head, ...shown.map((measure) => MEASURE_NAMES[measure][language])], rows, 5),
    ...registerChangeLines(answer.registerChanges, language),
  ].join('\n');
};

export const renderProvenance = (answer: Provenance, tree: TreeHead, { language, unit }: Options): string => {
  const measure = MEASURE_NAMES[answer.measure][language];
  const key = answer.key ?? (language === 'zh' ? '合计' : 'total');
  const figure = formatAmount(answer.figure, unit);
  const title =
    language === 'zh'
      ? `${key} ${measure} ${figure} ${unit}  ${momentText(answer, language)}\n事件 ${answer.eventCount} 个；该位置的树：${tree.size} 个事件，根 ${tree.root}`
      : `${key} ${measure} ${figure} ${unit}, ${momentText(answer, language)}\n${answer.eventCount} events; tree at this position: ${tree.size} events, root ${tree.root}`;
  const head =
    language === 'zh'
      ? ['位置', '业务日期', '事件', '文号', '事件编号', '贡献']
      : ['Position', 'Date', 'Event', 'Document', 'Event id', 'Contribution'];
  const rows = answer.rows.map(({ position, effectiveOn, type, documentNo, id, contribution }) => [
    String(position),
    effectiveOn,
    eventWords(type, language),
    documentNo ?? '',
    id,
    signed(contribution, unit),
  ]);
  const more =
    answer.next === null
      ? ''
      : language === 'zh'
        ? `\n（还有更多：加 --after ${answer.next}）`
        : `\n(there is more: use --after ${answer.next})`;
  return `${title}\n${renderTable(head, rows, 5)}${more}`;
};
