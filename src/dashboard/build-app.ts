import express, { type Express } from 'express';
import { hasAccountCookies } from '../config/account-cookies.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { watchYtDlpVersion } from '../media/media-tools.ts';
import { readHealth as readSourceHealth } from '../reports/collection/read-health.ts';
import { readSnapshotHealth } from '../snapshots/snapshot-health.ts';
import { collectOverview } from '../reports/overview.ts';
import { collectStatus } from '../reports/status.ts';
import { ThroughputReader } from '../reports/throughput.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { runHealthChecks, shareRuns } from '../runtime/health-server.ts';
import type { Logger } from '../runtime/logger.ts';
import { createDashboardApi } from './api/mount-api.ts';
import { createAssets } from './assets.ts';
import { createBoard } from './board.ts';
import { loadSources } from '../collectors/sources-file.ts';
import { AccessLog } from './access-log.ts';
import { isSafe } from './access.ts';
import { guardChanges } from './guard-changes.ts';
import { chooseLanguage, createLanguageSwitch } from './language.ts';
import { createAttempts } from './login/attempts.ts';
import { createLogin } from './login/login.ts';
import { SessionStore } from './login/session-store.ts';
import { Sessions } from './login/sessions.ts';
import type { Users } from './login/users.ts';
import { noteUnknownProxy } from './unknown-proxy.ts';
import { FailedLogins } from '../queues/failed-logins.ts';
import { createFeeds } from './feeds/create-feeds.ts';
import { SECRET_FEEDS_PATH } from './feeds/secret-feed-routes.ts';
import { createMetrics } from './metrics.ts';
import { requireLocalHost, requireSameOrigin } from './origin-checks.ts';
import { createOverviewRoutes } from './overview/overview-routes.ts';
import { SharedReading } from './overview/shared-reading.ts';
import { sendPage } from './page.ts';
import { PAGES } from './pages.ts';
import { sendProblem } from './problem-page.ts';
import { protectiveHeaders } from './protective-headers.ts';
import { readerOf } from './reader.ts';
import { reportError } from './report-error.ts';
import { createPlaylistRoutes } from './playlists/playlist-routes.ts';
import { createTokenRoutes } from './tokens/token-routes.ts';
import type { BulkRuns } from './videos/bulk-runs.ts';
import { createVideoRoutes } from './videos/video-routes.ts';

export interface DashboardDependencies {
  readonly config: Pick<
    Config,
    'dashboard' | 'azure' | 'language' | 'egress' | 'media' | 'staging' | 'collect'
  >;
  readonly database: Database;
  readonly queues: JobQueues;
  /** The bucket, for the audio. */
  readonly store: MinioStore;
  readonly logger: Logger;
  /** Who may log in; undefined without a login. */
  readonly users: Users | undefined;
  /** What is done with many videos in the background. */
  readonly runs: BulkRuns;
  /** False as soon as the process is stopping. */
  readonly isLive: () => boolean;
}

const BOARD_PATH = '/queues';
/** Below Prometheus's usual scrape timeout of 10 s. */
const READING_DEADLINE_MS = 8_000;

/** The dashboard as an Express app that does not listen yet. */
export function buildApp(dependencies: DashboardDependencies): Express {
  const { config, database, queues, store, logger, users, runs, isLive } = dependencies;
  const { trustedProxies, session, isBoardWritable, publicUrl } = config.dashboard;
  const hasMirror = config.azure !== undefined;
  const log = new AccessLog(logger);
  const ytDlpVersion = watchYtDlpVersion(config.media.ytDlpPath);
  const status = new SharedReading({
    ...{ what: 'Reading the status', deadlineMs: READING_DEADLINE_MS },
    read: () => collectStatus(database, queues, ytDlpVersion()),
  });
  const readStatus = () => status.read();
  const throughput = new ThroughputReader(database);
  const overview = new SharedReading({
    ...{ what: 'Reading the overview', deadlineMs: 2 * READING_DEADLINE_MS, reuseFactor: 2 },
    read: () => collectOverview({ config, database, queues, store, readStatus, throughput }),
  });
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
    hasMirror,
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
  app.use(chooseLanguage(config.language));
  // Who has changed something sees it on the next page.
  app.use((request, response, next) => {
    if (!isSafe(request)) {
      response.on('finish', () => {
        status.forget();
        overview.forget();
      });
    }
    next();
  });
  const failedLogins = new FailedLogins(queues.redis, queues.prefix);
  const login = users && {
    users,
    sessions: new Sessions(users, new SessionStore(queues.redis, queues.prefix), session),
    attempt: createAttempts({ users, failedLogins, log }),
  };
  const personalLists = hasAccountCookies(config);
  const services = {
    ...{ database, queues, store, runs, hasMirror, personalLists, readStatus, readHealth },
    ...{ readOverview: () => overview.read(), loadSources: () => loadSources(config.collect) },
    publicUrl,
  };
  // Before the login of the pages: it has its own.
  app.use('/api', createDashboardApi({ services, login, failedLogins, log, logger }));
  if (users === undefined) app.use(requireLocalHost);
  const feeds = createFeeds({ config, database, store, logger });
  // Before all that logs addresses: theirs are secrets.
  app.use(SECRET_FEEDS_PATH, feeds.secret);
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
  app.use(createLanguageSwitch());
  if (login !== undefined) {
    app.use(noteUnknownProxy(logger));
    app.use(createLogin({ ...login, log }));
  }
  app.use(guardChanges(log));

  app.use(BOARD_PATH, createBoard(queues, BOARD_PATH, isBoardWritable));
  app.get('/metrics', async (_request, response) => {
    response.set('content-type', metrics.contentType).send(await metrics.render());
  });
  for (const { path, title, refreshSeconds, render } of PAGES) {
    app.get(path, async (request, response) => {
      const reader = readerOf(request);
      const body = await render({ database, readHealth }, reader, request);
      sendPage(request, response, title(reader.messages), body, { refreshSeconds });
    });
  }
  app.use(
    createOverviewRoutes({
      ...{ reading: overview, database, queues },
      loadSources: () => loadSources(config.collect),
    }),
  );
  const routes = { database, queues, store, sendPage };
  app.use('/videos', createVideoRoutes({ ...routes, runs, hasMirror }));
  app.use(feeds.withLogin);
  app.use('/playlists', createPlaylistRoutes({ database, queues, store, personalLists, publicUrl, logger }));
  app.use('/tokens', createTokenRoutes({ database }));
  app.get('/reports/:name', async (request, response, next) => {
    const report = await database.reports.findById(request.params.name);
    if (report === undefined) next();
    else response.type('html').send(report.html);
  });
  app.use((request, response) => {
    const { notFound: title, notFoundText: text } = readerOf(request).messages.frame.problems;
    sendProblem(request, response, { status: 404, title, text });
  });
  app.use(reportError(logger));
  return app;
}

/** Requests that ask for the same reading at once share one, which ends in time for a Prometheus scrape. */
function shareReading<T>(what: string, read: () => Promise<T>): () => Promise<T> {
  return shareRuns(() => withDeadline(read, { deadlineMs: READING_DEADLINE_MS, what }));
}
