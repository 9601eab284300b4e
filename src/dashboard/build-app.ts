import express, { type Express, type Request, type Response } from 'express';
import { hasAccountCookies } from '../config/account-cookies.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { watchYtDlpVersion } from '../media/media-tools.ts';
import { readHealth as readSourceHealth } from '../reports/collection/read-health.ts';
import { readSnapshotHealth } from '../snapshots/snapshot-health.ts';
import { collectStatus } from '../reports/status.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { runHealthChecks, shareRuns } from '../runtime/health-server.ts';
import type { Logger } from '../runtime/logger.ts';
import { createAssets } from './assets.ts';
import { createBoard } from './board.ts';
import { html, type Html } from '../text/html.ts';
import { messagesOf } from '../text/messages/messages-of.ts';
import { AccessLog } from './access-log.ts';
import { visitorOf } from './access.ts';
import { guardChanges } from './guard-changes.ts';
import { createLogin } from './login/login.ts';
import { SessionStore } from './login/session-store.ts';
import { Sessions } from './login/sessions.ts';
import type { Users } from './login/users.ts';
import { noteUnknownProxy } from './unknown-proxy.ts';
import { FailedLogins } from '../queues/failed-logins.ts';
import { createMetrics } from './metrics.ts';
import { requireLocalHost, requireSameOrigin } from './origin-checks.ts';
import { renderPage, type PageFrame } from './page.ts';
import { PAGES } from './pages.ts';
import { protectiveHeaders } from './protective-headers.ts';
import { reportError } from './report-error.ts';
import { createPlaylistRoutes } from './playlists/playlist-routes.ts';
import { createVideoRoutes } from './videos/video-routes.ts';

export interface DashboardDependencies {
  readonly config: Pick<Config, 'dashboard' | 'azure' | 'language' | 'egress' | 'media'>;
  readonly database: Database;
  readonly queues: JobQueues;
  /** The bucket, for the audio. */
  readonly store: ObjectStore;
  readonly logger: Logger;
  /** Who may log in; undefined without a login. */
  readonly users: Users | undefined;
  /** False as soon as the process is stopping. */
  readonly isLive: () => boolean;
}

const BOARD_PATH = '/queues';
/** Below Prometheus's usual scrape timeout of 10 s. */
const READING_DEADLINE_MS = 8_000;

/** The dashboard as an Express app that does not listen yet. */
export function buildApp(dependencies: DashboardDependencies): Express {
  const { config, database, queues, store, logger, users, isLive } = dependencies;
  const { trustedProxies, session, isBoardWritable } = config.dashboard;
  const log = new AccessLog(logger);
  const ytDlpVersion = watchYtDlpVersion(config.media.ytDlpPath);
  const readStatus = shareReading('Reading the status', () =>
    collectStatus(database, queues, ytDlpVersion()),
  );
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
    accessCounts: log.counts,
  });

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', [...trustedProxies]);
  app.use(protectiveHeaders());
  // What may be kept says so itself.
  app.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  if (users === undefined) app.use(requireLocalHost);
  app.get('/livez', (_request, response) => {
    response.status(isLive() ? 200 : 503).json({ live: isLive() });
  });
  app.get('/readyz', async (_request, response) => {
    const readiness = await checkReadiness();
    const ready = readiness.ready && isLive();
    response.status(ready ? 200 : 503).json({ ...readiness, ready });
  });
  app.use(requireSameOrigin(log));
  app.use(createAssets());
  if (users !== undefined) {
    const sessions = new Sessions(users, new SessionStore(queues.redis, queues.prefix), session);
    const failedLogins = new FailedLogins(queues.redis, queues.prefix);
    app.use(noteUnknownProxy(logger));
    app.use(createLogin({ users, sessions, failedLogins, log }));
  }
  app.use(guardChanges(log));

  app.use(BOARD_PATH, createBoard(queues, BOARD_PATH, isBoardWritable));
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
  const messages = messagesOf(config.language);
  const frameFor = (request: Request): PageFrame => ({ navigation: { visitor: visitorOf(request) } });
  for (const { path, title, refreshSeconds, render } of PAGES) {
    app.get(path, async (request, response) => {
      const body = await render({ database, readStatus, readHealth, messages });
      response.type('html').send(renderPage(title, body, { ...frameFor(request), refreshSeconds }));
    });
  }
  const sendPage = (request: Request, response: Response, title: string, body: Html) => {
    response.type('html').send(renderPage(title, body, frameFor(request)));
  };
  const routes = { database, queues, store, sendPage };
  app.use('/videos', createVideoRoutes({ ...routes, hasMirror: config.azure !== undefined }));
  app.use('/playlists', createPlaylistRoutes({ ...routes, personalLists: hasAccountCookies(config) }));
  app.get('/reports/:name', async (request, response, next) => {
    const report = await database.reports.findById(request.params.name);
    if (report === undefined) next();
    else response.type('html').send(report.html);
  });
  app.use((request, response) => {
    const body = html`<main><h1>Page not found</h1></main>`;
    response
      .status(404)
      .type('html')
      .send(renderPage('Not found', body, frameFor(request)));
  });
  app.use(reportError(logger));
  return app;
}

/** Requests that ask for the same reading at once share one, which ends in time for a Prometheus scrape. */
function shareReading<T>(what: string, read: () => Promise<T>): () => Promise<T> {
  return shareRuns(() => withDeadline(read, { deadlineMs: READING_DEADLINE_MS, what }));
}
