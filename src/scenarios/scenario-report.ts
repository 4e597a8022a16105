import { MEASURE_NAMES } from '../balances/measures';
import { formatAmount } from '../money/amount-text';
import { yuanFromSum } from '../money/fen-sum';
import type { Language } from '../platform/settings';
import type { Refusal } from '../platform/domain-error';
import type { CheckedFigure } from './check-moment';
import type { Played } from './play-scenario';
import type { ScenarioSource } from './scenario';

/** A step that the ledger refused as the file says. */
export interface RejectedStep {
  readonly step: string;
  readonly on: string;
  readonly refusal: Refusal;
}

/** A refusal that can no longer be judged as it was then, because an earlier run has taken the ledger further. */
export interface NotComparableStep {
  readonly step: string;
  readonly on: string;
  readonly expectedCode: string;
  /** What the ledger says today; null: it would take it. */
  readonly codeNow: string | null;
}

/** A step or moment of a later capability, which nothing has checked. */
export interface PendingItem {
  readonly kind: 'step' | 'moment';
  readonly name: string;
  readonly on: string;
  /** The step's command, or the moment's business date. */
  readonly what: string;
  readonly why: string;
}

/** Why the run ended before its end. */
export type ScenarioFailure = { readonly step: string; readonly source: ScenarioSource } & (
  | { readonly kind: 'rejected'; readonly refusal: Refusal; readonly expectedCode: string | null }
  | { readonly kind: 'not-rejected'; readonly expectedCode: string }
);

/** What a run of a scenario came to. */
export interface ScenarioReport {
  readonly scenario: string;
  readonly title: string;
  readonly file: string;
  /** Registrations; `unchanged` were in the ledger already. */
  readonly registry: Played;
  /** How many steps there are, and what their commands came to. */
  readonly steps: Played & { readonly total: number };
  readonly rejectedAsExpected: readonly RejectedStep[];
  readonly notComparable: readonly NotComparableStep[];
  readonly pending: readonly PendingItem[];
  readonly failure: ScenarioFailure | null;
  /** Why the periods that it closed have no checkpoint; null when they have one, or when it closed none. */
  readonly notSealed: Refusal | null;
  readonly expectations: readonly CheckedFigure[];
  /** The run came to its end and every balance is as expected. Pending items are neither. */
  readonly ok: boolean;
}

/** The report for programs; amounts are 元 with two decimals. */
export const scenarioReportJson = (report: ScenarioReport): { readonly scenario: object } => ({
  scenario: {
    name: report.scenario,
    title: report.title,
    file: report.file,
    ok: report.ok,
    registry: report.registry,
    steps: report.steps,
    rejectedAsExpected: report.rejectedAsExpected.map(({ step, on, refusal }) => ({ step, on, ...refusal })),
    notComparable: report.notComparable,
    pending: report.pending,
    failure: report.failure,
    notSealed: report.notSealed,
    expectations: report.expectations.map(({ moment, asOf, by, key, measure, expected, actual, ok, source }) => ({
      moment,
      asOf,
      by,
      key,
      measure,
      expected: yuanFromSum(expected),
      actual: yuanFromSum(actual),
      ok,
      ...(ok ? {} : { file: source.file, line: source.line }),
    })),
  },
});

/** The report for people. */
export const scenarioReportText = (report: ScenarioReport, language: Language): string => {
  const zh = language === 'zh';
  const { registry, steps, pending, rejectedAsExpected } = report;
  const lines = [
    zh ? `情景 ${report.scenario}：${report.title}` : `Scenario ${report.scenario}: ${report.title}`,
    zh
      ? `登记：新增 ${registry.stored}，已有 ${registry.unchanged}`
      : `Registry: ${registry.stored} stored, ${registry.unchanged} unchanged`,
    zh
      ? `步骤 ${steps.total}：新入账 ${steps.stored} 条命令，已在账 ${steps.unchanged} 条`
      : `${steps.total} steps: ${steps.stored} commands stored, ${steps.unchanged} unchanged`,
  ];
  if (report.failure === null && registry.stored === 0 && steps.stored === 0) {
    lines.push(zh ? '本情景此前已全部入账，总账没有变化。' : 'All of it was recorded before; the ledger is unchanged.');
  }
  if (rejectedAsExpected.length > 0) {
    lines.push(zh ? '按预期被拒：' : 'Refused as expected:');
    for (const { step, on, refusal } of rejectedAsExpected) {
      lines.push(`  ${on}  ${step}  ${refusal.code}  ${zh ? refusal.message : refusal.messageEn}`);
    }
  }
  if (report.notComparable.length > 0) {
    lines.push(
      zh
        ? '此前已执行过，总账已经往前走，以下拒绝不能按当时重判：'
        : 'Played before, and the ledger has gone on; these refusals cannot be judged as they were then:',
    );
    for (const { step, on, expectedCode, codeNow } of report.notComparable) {
      lines.push(`  ${on}  ${step}  ${expectedCode} → ${codeNow ?? (zh ? '会接受' : 'would be taken')}`);
    }
  }
  if (pending.length > 0) {
    lines.push(
      zh
        ? `待后续功能（${pending.length} 项，未核对）：`
        : `Waiting for later capabilities (${pending.length}, not checked):`,
    );
    for (const item of pending) lines.push(`  ${item.on}  ${item.name}  ${item.what}  ${item.why}`);
  }
  if (report.failure !== null) lines.push(...failureText(report.failure, zh));
  if (report.notSealed !== null) {
    const { message, messageEn, remedy, remedyEn } = report.notSealed;
    lines.push(zh ? message : messageEn, `  ${zh ? remedy : remedyEn}`);
  }
  lines.push(...momentsText(report.expectations, zh));
  lines.push(report.ok ? (zh ? '结果：通过' : 'Result: passed') : zh ? '结果：未通过' : 'Result: failed');
  return lines.join('\n');
};

const failureText = (failure: ScenarioFailure, zh: boolean): readonly string[] => {
  const at = zh
    ? `步骤 ${failure.step}（${failure.source.file} 第 ${failure.source.line} 行）`
    : `Step ${failure.step} (${failure.source.file}, line ${failure.source.line})`;
  if (failure.kind === 'not-rejected') {
    return [
      zh
        ? `${at}应被拒（${failure.expectedCode}），但总账会接受它；后面的步骤未执行。`
        : `${at} should be refused with ${failure.expectedCode}, but the ledger would take it; later steps were not played.`,
    ];
  }
  const { refusal, expectedCode } = failure;
  const instead = expectedCode === null ? '' : zh ? `，而不是预期的 ${expectedCode}` : ` instead of ${expectedCode}`;
  return [
    zh
      ? `${at}被拒 ${refusal.code}${instead}；后面的步骤未执行。`
      : `${at} was refused with ${refusal.code}${instead}; later steps were not played.`,
    `  ${zh ? refusal.message : refusal.messageEn}`,
    `  ${zh ? refusal.remedy : refusal.remedyEn}`,
  ];
};

const momentsText = (figures: readonly CheckedFigure[], zh: boolean): readonly string[] => {
  const lines: string[] = [];
  for (const moment of new Set(figures.map((figure) => `${figure.moment} ${figure.asOf}`))) {
    const ofMoment = figures.filter((figure) => `${figure.moment} ${figure.asOf}` === moment);
    const wrong = ofMoment.filter((figure) => !figure.ok);
    const right = ofMoment.length - wrong.length;
    lines.push(
      zh
        ? `余额 ${moment}：${right}/${ofMoment.length} 相符`
        : `Balances ${moment}: ${right} of ${ofMoment.length} as expected`,
    );
    for (const figure of wrong) {
      const name = MEASURE_NAMES[figure.measure];
      const key = figure.key ?? (zh ? '合计' : 'total');
      const expected = formatAmount(figure.expected, '万元');
      const actual = formatAmount(figure.actual, '万元');
      lines.push(
        zh
          ? `  第 ${figure.source.line} 行 ${figure.by} ${key} ${name.zh}：应为 ${expected} 万元，账上 ${actual} 万元`
          : `  line ${figure.source.line} ${figure.by} ${key} ${name.en}: expected ${expected} 万元, the ledger has ${actual} 万元`,
      );
    }
  }
  return lines;
};
