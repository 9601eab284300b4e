import express, { type ErrorRequestHandler, type Express } from 'express';
import helmet from 'helmet';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { readHealth } from '../reports/collection/read-health.ts';
import { readSnapshotHealth } from '../snapshots/snapshot-health.ts';
import { collectStatus } from '../reports/status.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { runHealthChecks, shareRuns } from '../runtime/health-server.ts';
import { toJobError, JobError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { createAssets } from './assets.ts';
import { createBoard } from './board.ts';
import { createCollectionPages } from './collection-pages.ts';
import { renderHome } from './home-page.ts';
import { html } from '../text/html.ts';
import { createLogin } from './login.ts';
import { createMetrics } from './metrics.ts';
import { requireLocalHost, requireSameOrigin } from './origin-checks.ts';
import { renderPage } from './page.ts';

/** What the dashboard shows and how it is protected. */
export interface DashboardDependencies {
  readonly config: Pick<Config, 'dashboard' | 'azure'>;
  readonly database: Database;
  readonly queues: JobQueues;
  readonly logger: Logger;
  /** False from the moment the process is stopping. */
  readonly isLive: () => boolean;
}

const BOARD_PATH = '/queues';
const REFRESH_SECONDS = 30;
/** Below Prometheus's usual scrape timeout of 10 s. */
const STATUS_DEADLINE_MS = 8_000;

/** The dashboard as an Express app that does not listen yet. */
export function buildApp(dependencies: DashboardDependencies): Express {
  const { config, database, queues, logger, isLive } = dependencies;
  const { credentials } = config.dashboard;
  const readStatus = shareRuns(() =>
    withDeadline(() => collectStatus(database, queues), {
      signal: new AbortController().signal,
      deadlineMs: STATUS_DEADLINE_MS,
      what: 'Reading the status',
    }),
  );
  const readCollection = shareRuns(() =>
    withDeadline(() => readHealth({ database, configured: undefined }, new Date()), {
      signal: new AbortController().signal,
      deadlineMs: STATUS_DEADLINE_MS,
      what: 'Reading the health of the sources',
    }),
  );
  const checkReadiness = shareRuns(() =>
    runHealthChecks({ redis: () => queues.ping(), mongo: () => database.ping() }),
  );
  const metrics = createMetrics({
    queues,
    readStatus,
    readHealth: readCollection,
    readSnapshots: () => readSnapshotHealth(database.snapshots, new Date()),
    hasMirror: config.azure !== undefined,
  });

  const app = express();
  app.disable('x-powered-by');
  app.use(protectiveHeaders());
  if (credentials === undefined) app.use(requireLocalHost);
  app.get('/livez', (_request, response) => {
    response.status(isLive() ? 200 : 503).json({ live: isLive() });
  });
  app.get('/readyz', async (_request, response) => {
    const readiness = await checkReadiness();
    const ready = readiness.ready && isLive();
    response.status(ready ? 200 : 503).json({ ...readiness, ready });
  });
  app.use(requireSameOrigin);
  app.use(createAssets());
  if (credentials !== undefined) app.use(createLogin(credentials));

  app.use(BOARD_PATH, createBoard(queues, BOARD_PATH));
  app.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  app.get('/metrics', async (_request, response) => {
    response.set('content-type', metrics.contentType).send(await metrics.render());
  });
  app.get('/api/status', async (_request, response) => {
    response.json(await readStatus());
  });
  const navigation = { canLogOut: credentials !== undefined };
  app.use(createCollectionPages({ database, readHealth: readCollection, navigation }));
  app.get('/', async (_request, response) => {
    const body = renderHome(await readStatus());
    response.type('html').send(renderPage('Overview', body, { navigation, refreshSeconds: REFRESH_SECONDS }));
  });
  app.use((_request, response) => {
    const body = html`<main><h1>There is no such page</h1></main>`;
    response
      .status(404)
      .type('html')
      .send(renderPage('Not found', body, { navigation }));
  });
  app.use(reportError(logger));
  return app;
}

/** Our pages need no scripts and no inline styles; Bull Board has inline styles and nothing else that is unusual. */
function protectiveHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // With `no-referrer` browsers would send `Origin: null` with our own forms, which the origin check refuses.
    referrerPolicy: { policy: 'same-origin' },
    // Whether there is TLS is the affair of the proxy in front.
    strictTransportSecurity: false,
  });
}

/** Expected failures say what to do; of unexpected ones only the log tells more. */
function reportError(logger: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const refused = clientErrorStatus(thrown);
    const error = toJobError(thrown);
    const isExpected = thrown instanceof JobError;
    if (refused === undefined) {
      logger.error({ err: thrown, path: request.path }, 'A page could not be made');
    }
    const status = refused ?? (isExpected ? 503 : 500);
    const text = isExpected
      ? `${error.message} ${error.advice}`
      : refused === undefined
        ? 'Something unexpected happened; the log of the dashboard tells more.'
        : 'The request could not be read.';
    if (request.path.startsWith('/api/')) {
      response.status(status).json({ error: text });
      return;
    }
    const body = html`<main>
      <h1>This page cannot be shown</h1>
      <p class="problem">${text}</p>
    </main>`;
    response.status(status).type('html').send(renderPage('Problem', body));
  };
}

/** The status of errors that Express's own parsers raise about a bad request. */
function clientErrorStatus(thrown: unknown): number | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('status' in thrown)) return undefined;
  const { status } = thrown;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
