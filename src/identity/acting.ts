import type { FastifyRequest } from 'fastify';

import type { Actor } from '../event-log/event';

/** Who acts in a request; put there by the guard. */
const ACTORS = new WeakMap<FastifyRequest, Actor>();

export const setActor = (request: FastifyRequest, actor: Actor): void => {
  ACTORS.set(request, actor);
};

/** The request's actor; undefined on public routes. */
export const findActor = (request: FastifyRequest): Actor | undefined => ACTORS.get(request);

/** The request's actor. A route that gets here without one was left out of the guard, which is a defect. */
export const requireActing = (request: FastifyRequest): Actor => {
  const actor = ACTORS.get(request);
  if (actor === undefined) throw new Error(`${request.url} has no actor`);
  return actor;
};
