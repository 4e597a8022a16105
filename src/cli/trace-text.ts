import { eventWords } from '../audit/history/event-words';
import type { MoneyState, ReversedEntry, Trace, TraceKind, TraceSource, TraceUse } from '../audit/lineage/trace-answer';
import { formatAmount } from '../money/amount-text';
import { type FenSum, sumOfSums } from '../money/fen-sum';
import type { Language } from '../platform/settings';
import { momentText } from './moment-text';
import { registerChangeLines } from './register-change-text';

/** What codes are called; a code that has no name is called by itself. */
export type NameOfCode = (kind: 'division' | 'department' | 'project', code: string) => string;

const KIND_NAMES: Readonly<Record<TraceKind, Readonly<Record<Language, string>>>> = {
  appropriation: { zh: '指标下达', en: 'appropriation' },
  transfer: { zh: '分解下达', en: 'transfer' },
  allocation: { zh: '资金安排', en: 'allocation' },
  payment: { zh: '支付', en: 'payment' },
  project: { zh: '项目', en: 'project' },
  event: { zh: '事件', en: 'event' },
};

const STATE_NAMES: Readonly<Record<MoneyState, Readonly<Record<Language, string>>>> = {
  unintegrated: { zh: '未整合', en: 'not integrated' },
  available: { zh: '池内可用', en: 'available in the pool' },
  inTransit: { zh: '在途', en: 'in transit' },
  unspent: { zh: '已安排未支付', en: 'allocated, not paid' },
  held: { zh: '支付冻结', en: 'held' },
  paid: { zh: '已支付', en: 'paid' },
  recalled: { zh: '收回', en: 'recalled' },
};

const yuan = (amount: FenSum): string => `${formatAmount(amount)} 元`;

const sourceName = (source: TraceSource): string => `${source.documentNo}/${source.channelCode}/${source.purposeCode}`;

/** A code with its name behind it, once where the two are the same. */
const named = (kind: Parameters<NameOfCode>[0], code: string, nameOf: NameOfCode): string => {
  const name = nameOf(kind, code);
  return name === code ? code : `${code} ${name}`;
};

const placeName = ({ projectCode, place }: TraceUse, nameOf: NameOfCode): string => {
  if (projectCode === null) return '';
  const project = named('project', projectCode, nameOf);
  return place === null ? project : `${project} @ ${named('division', place, nameOf)}`;
};

/** Branches of a tree drawn with the usual lines. */
const branches = (texts: readonly (readonly string[])[]): string[] =>
  texts.flatMap((lines, index) => {
    const last = index === texts.length - 1;
    return lines.map((line, row) => `${row === 0 ? (last ? '└─ ' : '├─ ') : last ? '   ' : '│  '}${line}`);
  });

const groupBy = <Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> => {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
};

const ofWhat = ({ of: { kind, id } }: Trace, nameOf: NameOfCode): string =>
  kind === 'project' ? named('project', id, nameOf) : id;

/** 支付 支002 2024-06-01: what was taken back, by its kind, number and date. */
const reversedName = ({ type, documentNo, effectiveOn }: ReversedEntry, language: Language): string =>
  [eventWords(type, language), documentNo ?? '', effectiveOn].filter((part) => part !== '').join(' ');

const reversalName = ({ reversalNo, reversedOn }: ReversedEntry, language: Language): string => {
  const number = reversalNo === null ? '' : ` ${reversalNo}`;
  return language === 'zh' ? `${reversedOn}${number} 冲销` : `reversed ${reversedOn}${number}`;
};

/** Where the money came from and where it is, as a tree: division, project and place, state and voucher. */
export const renderTrace = (trace: Trace, language: Language, nameOf: NameOfCode): string => {
  const total = sumOfSums(trace.uses.map((use) => use.amount));
  const divisions = [...groupBy(trace.uses, (use) => use.division)].map(([division, uses]) => [
    `${named('division', division, nameOf)}  ${yuan(sumOfSums(uses.map((use) => use.amount)))}`,
    ...branches(
      [...groupBy(uses, (use) => placeName(use, nameOf))].map(([place, ofPlace]) => {
        const states = ofPlace.map((use) => {
          const voucher = [use.voucherNo, use.payee].map((part) => (part === null ? '' : ` ${part}`)).join('');
          return `${STATE_NAMES[use.state][language]}${voucher}  ${yuan(use.amount)}`;
        });
        return place === ''
          ? states
          : [
              `${place}  ${yuan(sumOfSums(ofPlace.map((use) => use.amount)))}`,
              ...branches(states.map((state) => [state])),
            ];
      }),
    ),
  ]);
  const sources = trace.sources.map((source) => [
    `${sourceName(source)}  ${named('department', source.departmentCode, nameOf)}  ${yuan(source.amount)}`,
  ]);
  const words =
    language === 'zh'
      ? {
          from: '来源（指标/渠道/用途  主管部门）',
          to: '去向',
          reversed: '已冲销（不计入以上金额）',
          events: `事件 ${trace.events.length} 个  ${momentText(trace, language)}`,
        }
      : {
          from: 'From (document/channel/purpose, department)',
          to: 'To',
          reversed: 'Reversed (in none of the amounts above)',
          events: `${trace.events.length} events, ${momentText(trace, language)}`,
        };
  return [
    `${KIND_NAMES[trace.of.kind][language]} ${ofWhat(trace, nameOf)}  ${yuan(total)}`,
    words.from,
    ...branches(sources),
    words.to,
    ...branches(divisions),
    ...(trace.reversed.length === 0 ? [] : [words.reversed]),
    ...branches(
      trace.reversed.map((entry) => [
        `${reversedName(entry, language)}  ${yuan(entry.amount)}  ${reversalName(entry, language)}`,
      ]),
    ),
    ...registerChangeLines(trace.registerChanges, language),
    words.events,
    ...trace.events.map((id) => `   ${id}`),
  ].join('\n');
};

/**
 * What Mermaid, and the page that shows it, would read as quotes, mark-up, entities, Markdown or a new line, or as remarks
 * and settings of the picture: `%%`, `%%{…}%%` and `style …:…;` are seen wherever they stand, before a text is read.
 */
const MARKS = /["&<>#`\\%:\p{Cc}\p{Zl}\p{Zp}]/gu;

/** Lines of a label. Names may hold anything, so that whatever means something to Mermaid goes in by its number. */
const label = (...lines: readonly string[]): string =>
  `"${lines.map((line) => line.replace(MARKS, (mark) => `#${mark.charCodeAt(0)};`)).join('<br/>')}"`;

/**
 * The same as a Mermaid flow chart: lines on the left, what is traced in the middle, where it is on the right, and what
 * was taken back behind dots.
 */
export const renderTraceMermaid = (trace: Trace, language: Language, nameOf: NameOfCode): string => {
  const total = sumOfSums(trace.uses.map((use) => use.amount));
  const title = `${KIND_NAMES[trace.of.kind][language]} ${ofWhat(trace, nameOf)}`;
  const lines = ['flowchart LR', `  T[${label(title, yuan(total))}]`];
  trace.sources.forEach((source, index) => {
    lines.push(`  S${index}[${label(sourceName(source))}] -->|${label(yuan(source.amount))}| T`);
  });
  trace.uses.forEach((use, index) => {
    const division = named('division', use.division, nameOf);
    const state = STATE_NAMES[use.state][language];
    const name = [division, placeName(use, nameOf), state, use.voucherNo ?? '', use.payee ?? ''].filter(
      (part) => part !== '',
    );
    lines.push(`  T -->|${label(yuan(use.amount))}| U${index}[${label(...name)}]`);
  });
  // Dotted, because it is history: it is in none of the amounts.
  trace.reversed.forEach((entry, index) => {
    const name = [reversedName(entry, language), reversalName(entry, language)];
    lines.push(`  T -.-|${label(yuan(entry.amount))}| R${index}[${label(...name)}]`);
  });
  return lines.join('\n');
};
