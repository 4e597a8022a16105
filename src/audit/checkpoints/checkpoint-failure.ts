import { DomainError } from '../../platform/domain-error';
import { type Cause, causeOf } from '../../platform/system-cause';

const KEEP_EVIDENCE = {
  remedy: '停止记账，保留数据目录和各处检查点备查；查明日志是否被改动，或是否恢复了较旧的备份。',
  remedyEn:
    'Stop, keep the data directory and every checkpoint as evidence, and find out whether the log was altered or an older backup restored.',
};

export const logShrunk = (source: string, proven: number, size: number): DomainError =>
  new DomainError('verification', {
    code: 'LOG_SHRUNK',
    message: `检查点 ${source} 证明曾有 ${proven} 条事件，日志现只有 ${size} 条：拒绝签署新的检查点。`,
    messageEn: `Checkpoint ${source} proves ${proven} events, and the log has ${size}: no new checkpoint is signed.`,
    ...KEEP_EVIDENCE,
    parameters: { source, proven, size },
  });

export const logForked = (source: string, proven: number, size: number): DomainError =>
  new DomainError('verification', {
    code: 'LOG_FORKED',
    message: `日志（${size} 条）的开头不是检查点 ${source} 证明的那 ${proven} 条事件：拒绝签署新的检查点。`,
    messageEn: `The log of ${size} events does not begin with the ${proven} that checkpoint ${source} proves: no new checkpoint is signed.`,
    ...KEEP_EVIDENCE,
    parameters: { source, proven, size },
  });

export const treeDamaged = (detail: string): DomainError =>
  new DomainError('verification', {
    code: 'TREE_DAMAGED',
    message: `日志的哈希树残缺或被改动：${detail}`,
    messageEn: `The hash tree of the log is incomplete or was altered: ${detail}`,
    remedy: '运行 yichi verify 查明位置；停止记账，保留数据目录备查。',
    remedyEn: 'Run yichi verify to find the place; stop, and keep the data directory as evidence.',
    parameters: { detail },
  });

/** Two checkpoints of one size, both with the log's signature. */
export const CHECKPOINT_CONTRADICTED = 'CHECKPOINT_CONTRADICTED';

export const noteContradicted = (file: string, size: number): DomainError =>
  new DomainError('verification', {
    code: CHECKPOINT_CONTRADICTED,
    message: `已有另一个 ${size} 条事件的检查点：${file}`,
    messageEn: `There is another checkpoint of ${size} events already: ${file}`,
    ...KEEP_EVIDENCE,
    parameters: { file, size },
  });

export const witnessContradicts = (place: string, detail: string): DomainError =>
  new DomainError('verification', {
    code: 'WITNESS_CONTRADICTS',
    message: `见证方 ${place} 见过的日志与现在的不一致：${detail}`,
    messageEn: `The witness ${place} has seen a log that is not this one: ${detail}`,
    ...KEEP_EVIDENCE,
    parameters: { place, detail },
  });

export const placeUnreachable = (place: string, { zh, en }: Cause, cause?: unknown): DomainError => {
  const failure = new DomainError('unavailable', {
    code: 'CHECKPOINT_PLACE_UNREACHABLE',
    message: `检查点没有送到 ${place}：${zh}`,
    messageEn: `The checkpoint did not get to ${place}: ${en}`,
    remedy: '记账不受影响，下一个检查点时重试；请检查该目录是否挂载、见证服务是否运行。',
    remedyEn:
      'The ledger goes on, and the next checkpoint tries again; check that the directory is mounted or the witness runs.',
    parameters: { place, detail: en },
  });
  if (cause !== undefined) failure.cause = cause;
  return failure;
};

export const witnessUnwilling = (place: string, detail: string, verifierKey: string): DomainError =>
  new DomainError('unavailable', {
    code: 'WITNESS_UNWILLING',
    message: `见证方 ${place} 不认识本账本或其密钥：${detail}`,
    messageEn: `The witness ${place} does not know this log or its key: ${detail}`,
    remedy: `请见证方登记本账本的公钥：yichi witness --log '${verifierKey}'`,
    remedyEn: `Have the witness add this log's key: yichi witness --log '${verifierKey}'`,
    parameters: { place, detail, verifierKey },
  });

export const placeInvalid = (place: string, zh: string, en: string): DomainError =>
  new DomainError('input', {
    code: 'SETTING_INVALID',
    message: `设置 YICHI_CHECKPOINT_TO 中的 ${place} 无效：${zh}`,
    messageEn: `${place} in setting YICHI_CHECKPOINT_TO is not valid: ${en}`,
    remedy: '写目录，或 https://见证地址#公钥；见证方用 yichi witness --key 打印公钥。多处以逗号分隔。',
    remedyEn:
      'Write a directory, or https://witness#verifier-key; yichi witness --key prints the key. Separate places with commas.',
    parameters: { name: 'YICHI_CHECKPOINT_TO', value: place },
  });

export const notesUnusable = (directory: string, cause: unknown): DomainError => {
  const { zh, en } = causeOf(cause);
  const failure = new DomainError('unavailable', {
    code: 'CHECKPOINTS_UNUSABLE',
    message: `检查点目录无法读写：${directory}（${zh}）`,
    messageEn: `The directory of checkpoints cannot be read or written: ${directory} (${en})`,
    remedy: '检查目录的权限和磁盘空间后重试；账目不受影响。',
    remedyEn: 'Check the rights on it and the disk, and try again; the ledger is not affected.',
    parameters: { directory, detail: en },
  });
  failure.cause = cause;
  return failure;
};

export const noTree = (engine: string): DomainError =>
  new DomainError('unavailable', {
    code: 'TREE_NOT_KEPT',
    message: `事件日志 ${engine} 还没有哈希树，不能出具检查点和证明。`,
    messageEn: `The event log ${engine} keeps no hash tree; there are no checkpoints and no proofs.`,
    remedy: '请先启动为该日志建立哈希树的服务，见 docs/operations.zh-CN.md。',
    remedyEn: 'Start the service that keeps the tree of this log first; see docs/operations.md.',
    parameters: { engine },
  });

export const noCheckpoint = (): DomainError =>
  new DomainError('not-found', {
    code: 'CHECKPOINT_NONE',
    message: '还没有检查点。',
    messageEn: 'There is no checkpoint yet.',
    remedy: '用 yichi checkpoint --now 立即出具一个；服务运行时会定时出具。',
    remedyEn: 'Make one with yichi checkpoint --now; a running service makes them by itself.',
  });

export const eventNotInLog = (eventId: string): DomainError =>
  new DomainError('not-found', {
    code: 'EVENT_NOT_FOUND',
    message: `没有事件 ${eventId}。`,
    messageEn: `There is no event ${eventId}.`,
    remedy: '核对事件编号；yichi export 和 yichi trace 给出编号。',
    remedyEn: 'Check the id; yichi export and yichi trace tell ids.',
    parameters: { id: eventId },
  });

export const sizesReversed = (from: number, to: number): DomainError =>
  new DomainError('input', {
    code: 'TREE_SIZE_INVALID',
    message: `from=${from} 大于 to=${to}。`,
    messageEn: `from=${from} is above to=${to}.`,
    remedy: 'from 是较早的条数；to 默认为最新检查点的条数，可用 to 另外写明。',
    remedyEn: 'from is the earlier number of events; to is that of the newest checkpoint where it is not given.',
    parameters: { from, to },
  });

export const sizeInvalid = (name: string, value: string, largest: number): DomainError =>
  new DomainError('input', {
    code: 'TREE_SIZE_INVALID',
    message: `${name}=${value} 无效：日志有 ${largest} 条事件。`,
    messageEn: `${name}=${value} is not valid: the log has ${largest} events.`,
    remedy: `写 0 到 ${largest} 之间的整数，且 from 不大于 to。`,
    remedyEn: `Write whole numbers from 0 to ${largest}, from not above to.`,
    parameters: { name, value, largest },
  });
