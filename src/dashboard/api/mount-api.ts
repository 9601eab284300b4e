import type { Router } from 'express';
import type { FailedLogins } from '../../queues/failed-logins.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { AccessLog } from '../access-log.ts';
import type { Users } from '../login/users.ts';
import { FigureCounter } from '../playlists/figure-counter.ts';
import { createTokenAttempts } from '../tokens/token-attempts.ts';
import type { ApiLogin } from './api-access.ts';
import { createApi } from './api-router.ts';
import { createApiDocs } from './docs-routes.ts';
import type { ApiServices } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';

export interface DashboardApiDependencies {
  readonly services: Omit<ApiServices, 'figures'>;
  /** Undefined without a login. */
  readonly login: (ApiLogin & { readonly users: Users }) | undefined;
  readonly failedLogins: FailedLogins;
  readonly log: AccessLog;
  readonly logger: Logger;
}

/** The API of the dashboard with its documentation, to be mounted at `/api`. */
export function createDashboardApi(dependencies: DashboardApiDependencies): Router {
  const { services, login, failedLogins, log, logger } = dependencies;
  const attemptToken = createTokenAttempts({
    ...{ tokens: services.database.tokens, failedLogins, log, logger },
    findRole: login && (async (name) => (await login.users.find(name))?.role),
  });
  return createApi({
    ...{ endpoints: ENDPOINTS, login, attemptToken, log, logger },
    services: { ...services, figures: new FigureCounter(services.database, logger) },
    docs: createApiDocs(ENDPOINTS),
  });
}
