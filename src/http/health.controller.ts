import { Controller, Get, HttpStatus, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { Public } from '../identity/bearer.guard';
import type { Readiness } from '../platform/health';
import { Metrics } from '../platform/metrics';
import { arrayOf, objectOf, POSITION, TEXT, TEXT_OR_NULL, textsOf } from './reading/answer-schemas';
import { ServiceState } from './service-state';

const readableLog = objectOf({ engine: TEXT, position: { ...POSITION, nullable: true } });

const READINESS = objectOf({
  status: { type: 'string', enum: ['ready', 'not-ready'] },
  log: {
    ...readableLog,
    properties: {
      ...readableLog.properties,
      subscriptions: arrayOf(
        objectOf({ state: TEXT, position: POSITION, reconnects: { type: 'integer' }, lastFailure: TEXT_OR_NULL }),
      ),
    },
  },
  projection: objectOf({
    position: POSITION,
    lag: { type: 'integer', nullable: true },
    halted: { type: 'boolean' },
  }),
  crossings: objectOf({ unfinished: { type: 'integer', nullable: true } }),
  reasons: arrayOf(objectOf(textsOf(['code', 'message', 'messageEn']))),
});

@Controller()
@Public()
@ApiTags('运行 · operation')
export class HealthController {
  readonly #state: ServiceState;
  readonly #metrics: Metrics;

  constructor(@Inject(ServiceState) state: ServiceState, @Inject(Metrics) metrics: Metrics) {
    this.#state = state;
    this.#metrics = metrics;
  }

  @Get('health/live')
  @ApiOperation({ operationId: 'HealthLive', summary: '存活：进程在运行 · the process is running' })
  @ApiOkResponse({ description: '在运行 · running', schema: objectOf({ status: { type: 'string', enum: ['live'] } }) })
  live(): { readonly status: 'live' } {
    return { status: 'live' };
  }

  @Get('health/ready')
  @ApiOperation({
    operationId: 'HealthReady',
    summary: '就绪：日志可读、读模型未停且未落后 · the log can be read, the read model follows',
  })
  @ApiOkResponse({ description: '就绪 · ready', schema: READINESS })
  @ApiServiceUnavailableResponse({
    description: '未就绪，reasons 说明原因 · not ready; see reasons',
    schema: READINESS,
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.#state.readiness();
    void reply.status(readiness.status === 'ready' ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return readiness;
  }

  @Get('metrics')
  @ApiOperation({
    operationId: 'Metrics',
    summary: '指标（Prometheus 文本格式）· metrics in the Prometheus text format',
  })
  @ApiOkResponse({ description: '指标 · metrics', content: { 'text/plain': { schema: { type: 'string' } } } })
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.#metrics.contentType);
    return this.#metrics.text();
  }
}
