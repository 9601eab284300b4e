import express, { type ErrorRequestHandler, type Express } from 'express';
import helmet from 'helmet';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { readHealth as readSourceHealth } from '../reports/collection/read-health.ts';
import { readSnapshotHealth } from '../snapshots/snapshot-health.ts';
import { collectStatus } from '../reports/status.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { runHealthChecks, shareRuns } from '../runtime/health-server.ts';
import { toJobError, JobError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { createAssets } from './assets.ts';
import { createBoard } from './board.ts';
import { html } from '../text/html.ts';
import { createLogin } from './login.ts';
import { createMetrics } from './metrics.ts';
import { requireLocalHost, requireSameOrigin } from './origin-checks.ts';
import { renderPage, type PageFrame } from './page.ts';
import { PAGES } from './pages.ts';

export interface DashboardDependencies {
  readonly config: Pick<Config, 'dashboard' | 'azure'>;
  readonly database: Database;
  readonly queues: JobQueues;
  readonly logger: Logger;
  /** False as soon as the process is stopping. */
  readonly isLive: () => boolean;
}

const BOARD_PATH = '/queues';
/** Below Prometheus's usual scrape timeout of 10 s. */
const READING_DEADLINE_MS = 8_000;

/** The dashboard as an Express app that does not listen yet. */
export function buildApp(dependencies: DashboardDependencies): Express {
  const { config, database, queues, logger, isLive } = dependencies;
  const { credentials } = config.dashboard;
  const readStatus = shareReading('Reading the status', () => collectStatus(database, queues));
  const readHealth = shareReading('Reading the health of the sources', () =>
    readSourceHealth({ database, configured: undefined }, new Date()),
  );
  const checkReadiness = shareRuns(() =>
    runHealthChecks({ redis: () => queues.ping(), mongo: () => database.ping() }),
  );
  const metrics = createMetrics({
    queues,
    readStatus,
    readHealth,
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
  app.get('/api/health', async (_request, response) => {
    const health = await readHealth();
    response.status(health.healthy ? 200 : 503).json(health);
  });
  const frame: PageFrame = { navigation: { canLogOut: credentials !== undefined } };
  for (const { path, title, refreshSeconds, render } of PAGES) {
    app.get(path, async (_request, response) => {
      const body = await render({ database, readStatus, readHealth });
      response.type('html').send(renderPage(title, body, { ...frame, refreshSeconds }));
    });
  }
  app.get('/reports/:name', async (request, response, next) => {
    const report = await database.reports.findById(request.params.name);
    if (report === undefined) next();
    else response.type('html').send(report.html);
  });
  app.use((_request, response) => {
    const body = html`<main><h1>Page not found</h1></main>`;
    response
      .status(404)
      .type('html')
      .send(renderPage('Not found', body, frame));
  });
  app.use(reportError(logger));
  return app;
}

/** Requests that ask for the same reading at once share one, which ends in time for a Prometheus scrape. */
function shareReading<T>(what: string, read: () => Promise<T>): () => Promise<T> {
  return shareRuns(() => withDeadline(read, { deadlineMs: READING_DEADLINE_MS, what }));
}

/** Our pages need no scripts and no inline styles; Bull Board needs inline styles. */
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
    // With `no-referrer` browsers send `Origin: null` with our own forms, which the origin check rejects.
    referrerPolicy: { policy: 'same-origin' },
    // TLS is up to the reverse proxy in front.
    strictTransportSecurity: false,
  });
}

/** Expected errors show what to do; the details of unexpected ones are only in the log. */
function reportError(logger: Logger): ErrorRequestHandler {
  // Express recognises an error handler by its four parameters.
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const clientStatus = clientErrorStatus(thrown);
    const error = toJobError(thrown);
    const isExpected = thrown instanceof JobError;
    if (clientStatus === undefined) {
      logger.error({ err: thrown, path: request.path }, 'Rendering a page failed');
    }
    const status = clientStatus ?? (isExpected ? 503 : 500);
    const text = isExpected
      ? `${error.message} ${error.advice}`
      : clientStatus === undefined
        ? 'An unexpected error occurred. The log of the dashboard has the details.'
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

/** The HTTP status of an error that Express's own parsers raise about a bad request. */
function clientErrorStatus(thrown: unknown): number | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('status' in thrown)) return undefined;
  const { status } = thrown;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
