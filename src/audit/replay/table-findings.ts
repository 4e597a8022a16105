import type { Position } from '../../event-log/event';
import { DomainError } from '../../platform/domain-error';
import type { Cause } from '../../platform/system-cause';
import { readModelOfOtherVersion } from '../../projecting/read-model-failure';
import { readModelVersion } from '../../projecting/read-model-version';
import type { SnapshotSource } from '../../projecting/read-database';
import { type LiveFinding, type LiveFindingCode, liveFinding } from './live-finding';

/** What a failure to read the live tables, or to bring them up to the log, says of them. */
const FINDING_OF: Readonly<Record<string, LiveFindingCode>> = {
  READ_MODEL_MISSING: 'LIVE_TABLES_MISSING',
  READ_MODEL_DAMAGED: 'LIVE_TABLES_MISSING',
  PROJECTION_HALTED: 'LIVE_TABLES_MISSING',
  READ_MODEL_OF_OTHER_VERSION: 'LIVE_TABLES_OF_OTHER_VERSION',
};

/** Any other failure is thrown again: a full disk or a lock is nobody's finding. */
export const findingOfTables = (error: unknown): LiveFinding => {
  const code = error instanceof DomainError ? FINDING_OF[error.code] : undefined;
  if (!(error instanceof DomainError) || code === undefined) throw error;
  return liveFinding(code, null, `${error.message}请运行 yichi rebuild。`, `${error.messageEn} Run \`yichi rebuild\`.`);
};

/**
 * Position of the live tables.
 * @throws DomainError(unavailable) READ_MODEL_MISSING, READ_MODEL_OF_OTHER_VERSION, READ_MODEL_DAMAGED
 */
export const positionOfTables = (live: SnapshotSource): Position =>
  live.read((snapshot) => {
    const [version] = snapshot.first<readonly [string]>("SELECT value FROM meta WHERE name = 'version'") ?? [];
    if (version !== readModelVersion()) throw readModelOfOtherVersion();
    return snapshot.position;
  });

/** What is wrong with the file that the tables lie in. */
export const fileDamaged = (file: string, { zh, en }: Cause): LiveFinding =>
  liveFinding(
    'LIVE_TABLES_DAMAGED',
    null,
    `读取库文件 ${file} 被改动或损坏：${zh}。请运行 yichi rebuild。`,
    `The file of the read tables ${file} was altered or is damaged: ${en}. Run \`yichi rebuild\`.`,
  );

export const behind = (position: Position, head: Position): LiveFinding =>
  liveFinding(
    'LIVE_TABLES_BEHIND',
    position,
    `读取库只到位置 ${position}，日志已到 ${head}；请启动服务或运行 yichi rebuild 后再核对。`,
    `The read tables are at position ${position} and the log is at ${head}; start the service or run \`yichi rebuild\`.`,
  );

export const aheadOfLog = (head: Position, position: Position): LiveFinding =>
  liveFinding(
    'LIVE_TABLE_DIFFERS',
    head,
    `读取库到了位置 ${position}，而日志只到 ${head}：读取库讲的不是这个日志。`,
    `The read tables are at position ${position}, but the log ends at ${head}: they tell of another log.`,
  );
