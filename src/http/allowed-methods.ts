import type { FastifyInstance } from 'fastify';

import { answerProblem } from './answer-problem';
import { DOCUMENTATION_PATH } from './openapi';
import { pathOfRequest } from './request-log';

/** The files of the documentation, looked for under every address below it that is no other route. */
const DOCUMENTATION_FILES = `/${DOCUMENTATION_PATH}/*`;

/** A route's address as patterns of its parts; `*` is the rest of the address. */
interface RouteMethods {
  readonly parts: readonly string[];
  readonly methods: Set<string>;
}

const partsOf = (path: string): readonly string[] => path.split('/');

const fits = (pattern: readonly string[], parts: readonly string[]): boolean => {
  const rest = pattern.indexOf('*');
  if (rest >= 0) return parts.length > rest && fits(pattern.slice(0, rest), parts.slice(0, rest));
  return (
    pattern.length === parts.length &&
    pattern.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]))
  );
};

/**
 * Tells who asks an address in a method that it does not have which it has: OPTIONS is answered with the list, any other
 * method with 405. The router itself only knows that the two together lead nowhere.
 */
export const answerOtherMethods = (server: FastifyInstance): void => {
  const routes = new Map<string, RouteMethods>();
  server.addHook('onRoute', ({ url, method }) => {
    if (url === DOCUMENTATION_FILES) return;
    const route = routes.get(url) ?? { parts: partsOf(url), methods: new Set() };
    routes.set(url, route);
    for (const each of [method].flat()) route.methods.add(each);
  });
  server.addHook('onRequest', (request, reply, done) => {
    if (!request.is404 && request.routeOptions.url !== DOCUMENTATION_FILES) return done();
    const parts = partsOf(pathOfRequest(request));
    const methods = [...routes.values()].flatMap((route) => (fits(route.parts, parts) ? [...route.methods] : []));
    if (methods.length === 0) return done();
    void reply.header('allow', [...new Set([...methods, 'OPTIONS'])].sort().join(', '));
    if (request.method === 'OPTIONS') void reply.status(204).send();
    else answerProblem(405, request, reply);
  });
};
