import { applyDecorators } from '@nestjs/common';
import { ApiDefaultResponse, ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';

import type { Problem } from '../platform/problem-details';

/** Problem details as the documentation shows them. */
export class ProblemAnswer implements Problem {
  @ApiProperty({ type: String, example: 'urn:yichi:problem:OVERDRAFT' })
  readonly type: string;

  @ApiProperty({ type: String, example: '总账规则不允许 · Refused by a rule of the ledger' })
  readonly title: string;

  @ApiProperty({ type: Number, example: 422 })
  readonly status: number;

  @ApiProperty({ description: '稳定的错误码 · stable code', type: String, example: 'OVERDRAFT' })
  readonly code: string;

  @ApiProperty({
    type: String,
    example:
      '民和县 2024 年池余额不足：指标 青财〔2024〕1号/SL/YS，2024-06-30 可用 1,200.00 元，申请 1,500.00 元，缺 300.00 元。',
  })
  readonly detail: string;

  @ApiProperty({ type: String, example: 'the pool of 630222 2024 is short: … 300.00 yuan are missing.' })
  readonly detailEn: string;

  @ApiProperty({ description: '怎么办 · what to do, in Chinese', type: String })
  readonly remedy: string;

  @ApiProperty({ description: 'what to do, in English', type: String })
  readonly remedyEn: string;

  @ApiProperty({ type: String, example: '/api/v1/allocations' })
  readonly instance: string;

  @ApiProperty({
    description: '说明中提到的各值；请求有误时 fields 逐项列出 · the values; of a bad request, fields lists every one',
    type: 'object',
    additionalProperties: true,
    example: { available: '1200.00', asked: '1500.00', short: '300.00', on: '2024-06-30' },
  })
  readonly parameters: Readonly<Record<string, unknown>>;

  @ApiProperty({ description: '与日志和事件对应 · the same in logs and events', type: String })
  readonly correlationId: string;
}

/** Whatever a route refuses, it refuses as problem details. */
export const ApiProblem = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    ApiExtraModels(ProblemAnswer),
    ApiDefaultResponse({
      description: '问题说明 · problem details (RFC 9457)',
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemAnswer) } } },
    }),
  );
