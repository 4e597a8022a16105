import { type CanActivate, type ExecutionContext, Inject, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';

import { setActor } from './acting';
import { actorOfToken, type TokenKeys, tokenMissing } from './tokens';

export const TOKEN_KEYS = Symbol('keys that tokens are checked with');

const PUBLIC = 'yichi:public';

/** A route that tells nothing about the ledger's content and may be asked for by anybody. */
export const Public = () => SetMetadata(PUBLIC, true);

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * The one place where it is decided who may ask for what. Any valid token may do everything now; roles and scopes are
 * checked here when they come.
 */
@Injectable()
export class BearerGuard implements CanActivate {
  readonly #keys: TokenKeys;
  readonly #reflector: Reflector;

  constructor(@Inject(TOKEN_KEYS) keys: TokenKeys, @Inject(Reflector) reflector: Reflector) {
    this.#keys = keys;
    this.#reflector = reflector;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.#reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()]) === true) {
      return true;
    }
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw tokenMissing();
    setActor(request, await actorOfToken(this.#keys, token));
    return true;
  }
}
