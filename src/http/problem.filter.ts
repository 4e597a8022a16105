import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, HttpStatus, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { DomainError } from '../platform/domain-error';
import type { Logger } from '../platform/logging';
import { type Problem, PROBLEM_MEDIA_TYPE, problemOfDomainError, problemOfStatus } from '../platform/problem-details';
import { pathOfRequest } from './request-log';

export const LOGGER = Symbol('structured log');

/** After this a caller may try again what is unavailable now. */
const RETRY_AFTER_SECONDS = '1';

/** The one place where a failure becomes an answer: problem details, and nothing of our inside. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger;

  constructor(@Inject(LOGGER) logger: Logger) {
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = this.#problem(error, request);
    if (problem.status === HttpStatus.UNAUTHORIZED) void reply.header('www-authenticate', 'Bearer');
    if (problem.status === HttpStatus.SERVICE_UNAVAILABLE) void reply.header('retry-after', RETRY_AFTER_SECONDS);
    void reply.status(problem.status).header('content-type', PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
  }

  #problem(error: unknown, request: FastifyRequest): Problem {
    const place = { instance: pathOfRequest(request), correlationId: request.id };
    if (error instanceof DomainError) {
      if (error.kind === 'unavailable') this.#logger.error({ ...place, err: error, cause: error.cause }, error.code);
      return problemOfDomainError(error, place);
    }
    if (error instanceof HttpException && error.getStatus() < 500) return problemOfStatus(error.getStatus(), place);
    this.#logger.error({ ...place, err: error }, 'defect');
    return problemOfStatus(HttpStatus.INTERNAL_SERVER_ERROR, place);
  }
}
