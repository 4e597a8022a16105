import { DomainError } from '../platform/domain-error';

/** The command's id belongs to another command already. */
export const commandIdReused = (commandId: string, stream: string): DomainError =>
  new DomainError('conflict', {
    code: 'COMMAND_ID_REUSED',
    message: `命令编号（幂等键）${commandId} 已用于另一内容的命令。`,
    messageEn: `The command id (idempotency key) ${commandId} was used for a command with other content.`,
    remedy: '请为新的内容使用新的编号；若是重试，请原样重发原来的内容。',
    remedyEn: 'Use a new id for new content; to retry, send the original content unchanged.',
    parameters: { commandId, stream },
  });

export const CONCURRENT_WRITE = 'CONCURRENT_WRITE';

/** Others wrote to the same stream again and again while this was being decided. */
export const concurrentWrite = (stream: string): DomainError =>
  new DomainError('conflict', {
    code: CONCURRENT_WRITE,
    message: `其他程序同时写入了 ${stream}，本次未写入任何内容。`,
    messageEn: `Somebody else wrote to ${stream} at the same time; nothing of this was stored.`,
    remedy: '请重试；同一编号的命令不会重复记账。',
    remedyEn: 'Try again; a command with the same id is never booked twice.',
    parameters: { stream },
  });
