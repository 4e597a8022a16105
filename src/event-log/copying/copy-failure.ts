import { DomainError } from '../../platform/domain-error';
import type { Position, StoredEvent } from '../event';

/** The source has another event, or none, where the target has this one. */
export const targetDiffers = (number: number, target: StoredEvent, source: StoredEvent | undefined): DomainError => {
  const there = `${target.stream}@${target.revision}`;
  const here = source === undefined ? null : `${source.stream}@${source.revision}`;
  return new DomainError('rule', {
    code: 'LOG_COPY_TARGET_DIFFERS',
    message:
      here === null
        ? `目标日志比源日志长：第 ${number} 个事件 ${there}（位置 ${target.position}）在源日志中没有。`
        : `目标日志不是源日志的开头部分：第 ${number} 个事件在目标中是 ${there}（位置 ${target.position}），在源中是 ${here}${there === here ? '，内容不同' : ''}。`,
    messageEn:
      here === null
        ? `The target is longer than the source: event ${number}, ${there} (position ${target.position}), is not in the source.`
        : `The target does not begin like the source: event ${number} is ${there} in the target (position ${target.position}) and ${here} in the source${there === here ? ', with other content' : ''}.`,
    remedy: '请复制到空的日志，或复制到此前由同一来源复制而未写入其他内容的日志。目标未被改动。',
    remedyEn:
      'Copy into an empty log, or into one that holds nothing but an earlier copy of the same source. The target was not touched.',
    parameters: { event: number, targetPosition: target.position, targetEvent: there, sourceEvent: here },
  });
};

export const sourceMoved = (copiedTo: Position, head: Position): DomainError =>
  new DomainError('conflict', {
    code: 'LOG_COPY_SOURCE_MOVED',
    message: `复制期间源日志有新的写入：已复制到位置 ${copiedTo}，源日志现已到 ${head}。`,
    messageEn: `The source was written to meanwhile: copied up to position ${copiedTo}, and it is at ${head} now.`,
    remedy: '请停止源账本的服务和导入后再运行一次（从断点继续），或用 --at 指定位置。',
    remedyEn: 'Stop the services and imports of the source and run it again (it goes on from here), or pin --at.',
    parameters: { copiedTo, head },
  });

export const sourceTooShort = (at: Position, head: Position): DomainError =>
  new DomainError('input', {
    code: 'POSITION_NOT_REACHED',
    message: `位置 ${at} 尚未到达，源日志目前为 ${head}。`,
    messageEn: `Position ${at} has not been reached; the source is at ${head}.`,
    remedy: '请用不大于目前位置的 --at。',
    remedyEn: 'Use an --at that is not greater.',
    parameters: { at, position: head },
  });

export const targetWritten = (stream: string): DomainError =>
  new DomainError('conflict', {
    code: 'LOG_COPY_TARGET_WRITTEN',
    message: `复制期间其他程序写入了目标日志（${stream}），复制已停止。`,
    messageEn: `Somebody else wrote to the target meanwhile (${stream}); the copying has stopped.`,
    remedy: '请停止使用目标日志的程序；目标若已有其他内容，请另用空的日志重新复制。',
    remedyEn: 'Stop whatever uses the target; if it holds other events now, copy into an empty log.',
    parameters: { stream },
  });

export const rootsDiffer = (what: string, whatEn: string, expected: string, found: string): DomainError =>
  new DomainError('verification', {
    code: 'LOG_COPY_ROOT_DIFFERS',
    message: `复制后的核对不通过：${what}的树根 ${found} 与源日志事件的树根 ${expected} 不一致。`,
    messageEn: `The copy does not verify: the tree root of ${whatEn} is ${found}, that of the source's events ${expected}.`,
    remedy: '请勿启用该副本；用 yichi verify 检查两个日志，并另用空的日志重新复制。',
    remedyEn: 'Do not use the copy; examine both logs with yichi verify and copy again into an empty log.',
    parameters: { expected, found },
  });

export const sourceMissing = (file: string): DomainError =>
  new DomainError('not-found', {
    code: 'LOG_COPY_SOURCE_MISSING',
    message: `没有源日志文件：${file}`,
    messageEn: `There is no such source: ${file}`,
    remedy: '请核对 --from 的路径。',
    remedyEn: 'Check the path of --from.',
    parameters: { file },
  });

/** @param setting of both; its user and password are not shown */
export const sameLog = (setting: string): DomainError => {
  const shown = setting.replace(/^(esdb\S*:\/\/)[^?]*@/, '$1');
  return new DomainError('input', {
    code: 'LOG_COPY_SAME_LOG',
    message: `源和目标是同一个日志：${shown}`,
    messageEn: `Source and target are the same log: ${shown}`,
    remedy: '请为 --to 指定另一个日志。',
    remedyEn: 'Name another log as --to.',
    parameters: { setting: shown },
  });
};
