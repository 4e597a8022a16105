import { applyDecorators, Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { Public } from '../../identity/bearer.guard';
import { Ledger } from '../../ledger/ledger';
import { ApiProblem } from '../problem-answer';
import { pathOfRequest } from '../request-log';
import { compressed, entryBundle, hashTile, type LogResource, newestCheckpoint } from './log-resource';

const BINARY = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } as const;

const GZIP = /(^|,)\s*(gzip|\*)\s*(;\s*q=(0\.0*[1-9]|[1-9])[0-9.]*)?\s*(,|$)/;

const EntriesRoute = (name: string, operationId: string, zh: string, en: string): MethodDecorator =>
  applyDecorators(
    Get(`tile/${name}/*`),
    ApiBearerAuth(),
    ApiOperation({ operationId, summary: `${zh} · ${en}` }),
    ApiParam({ name: 'path', example: '000.p/57' }),
    ApiOkResponse({ description: '长度与事件相间 · lengths and events', content: BINARY }),
    ApiProblem(),
  );

/**
 * The log as C2SP tlog-tiles serves it. Checkpoint and hashes are for everybody, so that a monitor needs no account;
 * the events themselves name payees, and need a token like every other question about them.
 */
@Controller('log')
@ApiTags('证明 · proof')
export class LogController {
  readonly #ledger: Ledger;

  constructor(@Inject(Ledger) ledger: Ledger) {
    this.#ledger = ledger;
  }

  @Get('checkpoint')
  @Public()
  @ApiOperation({ operationId: 'LogCheckpoint', summary: '最新检查点（C2SP tlog-checkpoint）· the newest checkpoint' })
  @ApiOkResponse({ description: '签名文书 · signed note', content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblem()
  async checkpoint(@Res({ passthrough: true }) reply: FastifyReply): Promise<Uint8Array | string> {
    return answer(reply, await newestCheckpoint(this.#ledger));
  }

  @EntriesRoute(
    'data',
    'LogData',
    '事件原文，256 条一份，每条前有 16 位长度（C2SP tlog-tiles）',
    'events as stored, in bundles of 256',
  )
  data(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Uint8Array | string> {
    return this.#entries(request, reply);
  }

  @EntriesRoute('entries', 'LogEntries', '同 data：规范所用的名称', 'the same under the name of the specification')
  entries(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Uint8Array | string> {
    return this.#entries(request, reply);
  }

  @EntriesRoute('wide', 'LogWideEntries', '同 data，长度为 32 位', 'the same with lengths of 32 bits')
  wide(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Uint8Array | string> {
    return this.#entries(request, reply);
  }

  @Get('tile/*')
  @Public()
  @ApiParam({ name: 'path', example: '0/000.p/57' })
  @ApiOperation({
    operationId: 'LogTile',
    summary: '哈希树，256 个哈希一份：tile/<层>/<号>[.p/<宽>]（C2SP tlog-tiles）· hashes of the tree',
  })
  @ApiOkResponse({ description: '每个哈希 32 字节 · 32 bytes a hash', content: BINARY })
  @ApiProblem()
  async tile(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Uint8Array | string> {
    return answer(reply, await hashTile(this.#ledger, pathInLog(request)));
  }

  async #entries(request: FastifyRequest, reply: FastifyReply): Promise<Uint8Array | string> {
    const body = answer(reply, await entryBundle(this.#ledger, pathInLog(request)));
    void reply.header('vary', 'accept-encoding');
    if (!GZIP.test(String(request.headers['accept-encoding'] ?? ''))) return body;
    void reply.header('content-encoding', 'gzip');
    return compressed(body);
  }
}

/** The path under the log's prefix, without a leading slash; generated clients encode the slashes in it. */
const pathInLog = (request: FastifyRequest): string =>
  decodeURIComponent(pathOfRequest(request)).replace(/^\/log\//, '');

const answer = (reply: FastifyReply, { body, type, caching }: LogResource): Uint8Array | string => {
  void reply.header('content-type', type).header('cache-control', caching);
  return body;
};
