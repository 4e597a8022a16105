import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { commandIdFrom, isUuid } from '../event-log/event-id';
import { requireActing } from '../identity/acting';
import type { CommandRequest } from '../ledger/ledger-desk';
import { DomainError } from '../platform/domain-error';

export const IDEMPOTENCY_HEADER = 'idempotency-key';

/** 1–200 printable ASCII characters, no space at either end: what survives proxies unchanged. */
export const IDEMPOTENCY_KEY = /^[!-~](?:[ -~]{0,198}[!-~])?$/;

/**
 * The command id that an Idempotency-Key names. A UUID is the id itself; any other text names one of the actor's own
 * commands, so that two people may both begin to count at 1.
 */
export const commandIdOfKey = (key: string, actorId: string): string =>
  isUuid(key) ? key.toLowerCase() : commandIdFrom(`key:${actorId}:${key}`);

const commandRequestOf = (request: FastifyRequest): CommandRequest => {
  const actor = requireActing(request);
  // Several headers of one name are joined by the platform, and would name a command that nobody asked for.
  const [key, ...more] = request.raw.headersDistinct[IDEMPOTENCY_HEADER] ?? [];
  if (key === undefined || more.length > 0 || !IDEMPOTENCY_KEY.test(key)) throw keyMissing(key !== undefined);
  return { commandId: commandIdOfKey(key, actor.id), correlationId: request.id, causationId: null, actor };
};

/** Who asks, and under which ids: from the token, the Idempotency-Key and the correlation id. */
export const Requested = createParamDecorator((_: unknown, context: ExecutionContext): CommandRequest =>
  commandRequestOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

const keyMissing = (given: boolean): DomainError =>
  new DomainError('input', {
    code: given ? 'IDEMPOTENCY_KEY_INVALID' : 'IDEMPOTENCY_KEY_MISSING',
    message: given ? 'Idempotency-Key 的写法无效，或不止一个。' : '记账请求必须带 Idempotency-Key 请求头。',
    messageEn: given
      ? 'The Idempotency-Key is not valid, or there is more than one.'
      : 'A command needs an Idempotency-Key header.',
    remedy: '为每一笔业务取一个新的键（建议用 UUID，1–200 个可打印的 ASCII 字符）；重试时用原来的键。',
    remedyEn:
      'Take a new key for each command (a UUID is best, 1–200 printable ASCII characters) and the same one for a retry.',
    parameters: { header: 'Idempotency-Key' },
  });
