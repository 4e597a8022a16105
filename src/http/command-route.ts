import {
  applyDecorators,
  type CallHandler,
  Controller,
  type ExecutionContext,
  HttpStatus,
  Inject,
  Injectable,
  type NestInterceptor,
  Post,
  SetMetadata,
  type Type,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { catchError, map, type Observable } from 'rxjs';

import type { CommandAnswer } from '../event-log/decider';
import { Metrics, outcomeOfError } from '../platform/metrics';
import { IDEMPOTENCY_KEY } from './command-request';
import { ApiProblem } from './problem-answer';

/** The document of a 红字冲销. */
class ReversalBody {
  @ApiProperty({ description: '红字冲销文号 · number of the reversal', type: String })
  readonly reversalNo: string;

  @ApiProperty({ description: '冲销日期 · its business date', type: String, example: '2024-06-30' })
  readonly effectiveOn: string;
}

/** What came of a command. */
export class CommandAnswerBody {
  @ApiProperty({
    description:
      '由此产生的事件编号；文件早已登记时为空 · ids of the events; empty when the document was there already',
    type: String,
    isArray: true,
    format: 'uuid',
  })
  readonly eventIds: readonly string[];

  @ApiProperty({
    description:
      '日志位置：查询时以 waitFor 带上，即可读到本次结果 · position: give it as waitFor to read your own write',
    type: String,
    example: '57',
  })
  readonly position: string;

  @ApiProperty({ description: '事件所在的流 · stream of the events', type: String, example: 'pool-630222-2024' })
  readonly stream: string;

  @ApiProperty({
    description: '同一命令或同一文件早已登记，本次未写入 · nothing was stored: it was there already',
    type: Boolean,
  })
  readonly unchanged: boolean;

  @ApiProperty({
    description:
      '同一内容已被冲销，本次未写入：冲销它的红字文号和日期；确要再记，用 rebooks（重记） · the same content was reversed, by this document; to enter it again, say so by rebooks',
    type: ReversalBody,
    required: false,
  })
  readonly reversal?: ReversalBody;
}

const COMMAND_NAME = 'yichi:command';

const NANOSECONDS_PER_SECOND = 1e9;

/** Answers 201 with what was stored or 200 when nothing was, and counts commands by their outcome. */
@Injectable()
export class CommandInterceptor implements NestInterceptor<CommandAnswer, CommandAnswerBody> {
  readonly #metrics: Metrics;
  readonly #reflector: Reflector;

  constructor(@Inject(Metrics) metrics: Metrics, @Inject(Reflector) reflector: Reflector) {
    this.#metrics = metrics;
    this.#reflector = reflector;
  }

  intercept(context: ExecutionContext, next: CallHandler<CommandAnswer>): Observable<CommandAnswerBody> {
    const name = this.#reflector.get<string>(COMMAND_NAME, context.getHandler());
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const begun = process.hrtime.bigint();
    const seconds = (): number => Number(process.hrtime.bigint() - begun) / NANOSECONDS_PER_SECOND;
    return next.handle().pipe(
      map(({ revision: _, position, ...answer }) => {
        this.#metrics.countCommand(name, answer.unchanged ? 'unchanged' : 'stored', seconds());
        reply.status(answer.unchanged ? HttpStatus.OK : HttpStatus.CREATED);
        return { ...answer, position: String(position) };
      }),
      catchError((error: unknown) => {
        this.#metrics.countCommand(name, outcomeOfError(error), seconds());
        throw error;
      }),
    );
  }
}

/** A controller of commands under /api/v1. */
export const CommandController = (path: string, tag: string): ClassDecorator =>
  applyDecorators(Controller(path), ApiTags(tag), ApiBearerAuth());

/** POST of one command; texts in Chinese, then English. */
export const CommandRoute = (
  name: string,
  zh: string,
  en: string,
  path = '',
  answer: Type<CommandAnswerBody> = CommandAnswerBody,
): MethodDecorator =>
  applyDecorators(
    Post(path),
    SetMetadata(COMMAND_NAME, name),
    UseInterceptors(CommandInterceptor),
    ApiOperation({ operationId: name, summary: `${zh} · ${en}` }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: true,
      description:
        '每笔业务一个新键，重试用原键；相同的键和内容只记一次 · a new key for each command, the same for a retry; never booked twice',
      schema: { type: 'string', pattern: IDEMPOTENCY_KEY.source, example: '0190f3c2-7b1e-7a55-9d0e-3f6f1c2b7a11' },
    }),
    ApiCreatedResponse({ description: '已记账 · stored', type: answer }),
    ApiOkResponse({ description: '早已登记，本次未写入 · was there already', type: answer }),
    ApiProblem(),
  );
