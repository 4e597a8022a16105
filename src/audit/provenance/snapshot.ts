import { canonicalJson } from '../../event-log/canonical-json';
import type { StreamKind } from '../../event-log/decider';
import type { DomainEvent } from '../../event-log/event';
import type { BalancesScope, Dimension } from '../../balances/balances-query';
import { type Measures, type MeasuresJson, measuresJson } from '../../balances/measures';
import { DomainError } from '../../platform/domain-error';
import { readBookmarkName } from '../bookmarks/bookmark';
import { sha256Of } from './kept-projection';

/** What an evaluation asked. */
export interface SnapshotQuestion {
  readonly by: Dimension;
  readonly under: string | null;
  readonly year: number | null;
  readonly asOf: string | null;
}

export interface SnapshotRow {
  readonly key: string;
  readonly name: string;
  readonly measures: MeasuresJson;
}

/**
 * A frozen answer, with all that is needed to find it again: the question, how far the log was read, and by which texts
 * of the projections.
 */
export interface Snapshot {
  readonly name: string;
  readonly question: SnapshotQuestion;
  /** The engine's own position then; the size of the tree names the moment everywhere. */
  readonly position: string;
  readonly treeSize: number;
  readonly treeRoot: string;
  /** The bookmark that the question was asked at. */
  readonly bookmark: string | null;
  /** SHA-256 of each official projection as it ran then, by name. */
  readonly projections: Readonly<Record<string, string>>;
  /** The projection that the answer comes from. */
  readonly answeredBy: string;
  /** SHA-256 of the answer in canonical form: keys and figures, without names. */
  readonly answerHash: string;
  readonly rows: readonly SnapshotRow[];
  readonly total: MeasuresJson;
}

export type SnapshotTaken = DomainEvent<'SnapshotTaken', Snapshot>;

interface Evaluation {
  snapshot: Snapshot | null;
}

export const evaluationKind: StreamKind<Evaluation, SnapshotTaken> = {
  category: 'evaluation',
  schemaVersion: 1,
  initial: () => ({ snapshot: null }),
  evolve: (evaluation, event) => {
    evaluation.snapshot = event.data;
    return evaluation;
  },
};

export const evaluationStream = (name: string): string => `evaluation-${name}`;

/** A frozen answer never changes: the same again is no new event, another is refused. */
export const takeSnapshot =
  (wanted: Snapshot) =>
  ({ snapshot }: Evaluation): readonly SnapshotTaken[] => {
    if (snapshot === null) return [{ type: 'SnapshotTaken', data: wanted }];
    if (snapshot.answerHash === wanted.answerHash && snapshot.treeSize === wanted.treeSize) return [];
    throw new DomainError('rule', {
      code: 'SNAPSHOT_NAME_TAKEN',
      message: `评估快照“${wanted.name}”已经冻结，不能改为另一答案。`,
      messageEn: `The snapshot “${wanted.name}” is frozen and never becomes another answer.`,
      remedy: '请另取一个名称；已有的用 yichi snapshot read 读取。',
      remedyEn: 'Choose another name; read the one there is with yichi snapshot read.',
      parameters: { name: wanted.name },
    });
  };

/** The hash that the answer is known by. */
export const answerHashOf = (cells: readonly (readonly [key: string, measures: Measures])[], total: Measures): string =>
  sha256Of(
    canonicalJson({
      rows: cells.map(([key, measures]) => ({ key, measures: measuresJson(measures) })),
      total: measuresJson(total),
    }),
  );

/** @throws DomainError(input) SNAPSHOT_NAME_INVALID */
export const requireSnapshotName = (text: string): string => {
  const name = readBookmarkName(text);
  if (name !== null && !name.includes(' ')) return name;
  throw new DomainError('input', {
    code: 'SNAPSHOT_NAME_INVALID',
    message: `“${text}”不能作快照名。`,
    messageEn: `“${text}” cannot be the name of a snapshot.`,
    remedy: '快照名为 1–64 个字母、数字、汉字或 -_.〔〕（）()，中间没有空格，例如“第三方评估2024”。',
    remedyEn: 'A name has 1–64 letters, digits, Chinese characters or -_.〔〕（）(), without spaces.',
    parameters: { field: 'name', value: text },
  });
};

export const snapshotUnknown = (name: string): DomainError =>
  new DomainError('not-found', {
    code: 'SNAPSHOT_UNKNOWN',
    message: `没有名为“${name}”的评估快照。`,
    messageEn: `There is no snapshot called “${name}”.`,
    remedy: '用 yichi snapshot list 查看已有快照。',
    remedyEn: 'See yichi snapshot list.',
    parameters: { name },
  });

export const notOfficial = (question: BalancesScope): DomainError =>
  new DomainError('input', {
    code: 'SNAPSHOT_NOT_OFFICIAL',
    message: '快照只冻结正式投影能回答的问题：部门、区划、县（不限年度和范围）、村、项目（不限范围）。',
    messageEn:
      'A snapshot freezes what an official projection answers: department, division and county unrestricted, villages, and projects without a division.',
    remedy: '去掉 --under 或 --year，或按村（--by village）汇总。',
    remedyEn: 'Leave out --under or --year, or ask --by village.',
    parameters: { ...question },
  });

/** Rows of one snapshot; an event has to stay below what every engine takes. */
export const MOST_SNAPSHOT_ROWS = 1000;

export const snapshotTooLarge = (rows: number): DomainError =>
  new DomainError('input', {
    code: 'SNAPSHOT_TOO_LARGE',
    message: `答案有 ${rows} 行，一个快照最多 ${MOST_SNAPSHOT_ROWS} 行。`,
    messageEn: `The answer has ${rows} rows; a snapshot holds ${MOST_SNAPSHOT_ROWS} at most.`,
    remedy: '用 --under 按县分成几个快照。',
    remedyEn: 'Take one snapshot a county with --under.',
    parameters: { rows, most: MOST_SNAPSHOT_ROWS },
  });
