import { Router, type RequestHandler } from 'express';
import type { Logger } from '../../runtime/logger.ts';
import { visitorOf } from '../access.ts';
import { requireAccess, type ApiAccessDependencies } from './api-access.ts';
import { reportProblem } from './api-errors.ts';
import type { ApiServices, Endpoint } from './endpoint.ts';
import { API_PATH, Problem } from './problem.ts';
import { readBody, runEndpoint } from './run-endpoint.ts';

export interface ApiDependencies extends ApiAccessDependencies {
  readonly endpoints: readonly Endpoint[];
  readonly services: ApiServices;
  readonly logger: Logger;
  /** The documentation, which needs no login. */
  readonly docs: Router;
}

/** Of an address with its query. */
const MAX_ADDRESS_LENGTH = 4_096;

/**
 * Everything under `/api`, to be mounted there before the login of the pages: it has an access of its own, and answers whatever
 * goes wrong with a problem document.
 */
export function createApi({ endpoints, services, logger, docs, ...access }: ApiDependencies): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use(limitAddress);
  router.use('/v1', docs);
  router.use(requireAccess(access));
  addOldRoutes(router, services);
  // In this order `/videos/changes` is before `/videos/{id}`, as OpenAPI wants it.
  const sorted = endpoints.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  for (const [path, methods] of Map.groupBy(sorted, endpointPath)) {
    for (const endpoint of methods) {
      router[endpoint.method](path, requireRole(endpoint), readBody, async (request, response) => {
        await runEndpoint(endpoint, services, logger, request, response);
      });
    }
    router.all(path, refuseMethod(methods.map(({ method }) => method)));
  }
  router.use(() => {
    throw new Problem('not-found');
  });
  router.use(reportProblem(logger));
  return router;
}

/** As Express writes it, below `/api`. */
function endpointPath({ path }: Endpoint): string {
  return `/v1${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
}

/** The addresses of before there was `/api/v1`; monitoring knows them. */
function addOldRoutes(router: Router, { readStatus, readHealth }: ApiServices): void {
  router.get('/status', async (_request, response) => {
    response.json(await readStatus());
  });
  router.get('/health', async (_request, response) => {
    const health = await readHealth();
    response.status(health.healthy ? 200 : 503).json(health);
  });
  for (const path of ['/status', '/health']) router.all(path, refuseMethod(['get']));
}

/** Also tells programs where the API is described (RFC 8631). No answer has CORS headers: other sites have no business here. */
const limitAddress: RequestHandler = (request, response, next) => {
  response.set('link', `<${API_PATH}/openapi.json>; rel="service-desc"`);
  if (request.originalUrl.length > MAX_ADDRESS_LENGTH) throw new Problem('address-too-long');
  next();
};

function requireRole({ role }: Endpoint): RequestHandler {
  return (request, _response, next) => {
    if (role === 'operator' && visitorOf(request).role !== 'operator') throw new Problem('operators-only');
    next();
  };
}

function refuseMethod(methods: readonly string[]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  return (request, response) => {
    const allow = [...allowed, 'OPTIONS'].join(', ');
    if (request.method === 'OPTIONS') response.status(204).set('allow', allow).end();
    else throw new Problem('method-not-allowed', { headers: { allow } });
  };
}
