import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, HttpStatus, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { DomainError } from '../platform/domain-error';
import type { Logger } from '../platform/logging';
import { type Problem, PROBLEM_MEDIA_TYPE, problemOfDomainError, problemOfStatus } from '../platform/problem-details';
import { RETRY_AFTER_SECONDS } from './answer-problem';
import { pathOfRequest } from './request-log';

export const LOGGER = Symbol('structured log');

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
    const refused = refusedByFramework(error);
    if (refused !== null) return problemOfStatus(refused, place);
    this.#logger.error({ ...place, err: error }, 'defect');
    return problemOfStatus(HttpStatus.INTERNAL_SERVER_ERROR, place);
  }
}

/** Status of what the framework or one of its parts refuses, such as a path that leads out of the documentation. */
const refusedByFramework = (error: unknown): number | null => {
  const status =
    error instanceof HttpException
      ? error.getStatus()
      : (error as { readonly statusCode?: unknown } | null)?.statusCode;
  if (typeof status !== 'number' || status < 400 || status >= 500) return null;
  // There is nothing at such an address, and whoever asks for it learns no more than that.
  return status === HttpStatus.FORBIDDEN ? HttpStatus.NOT_FOUND : status;
};
