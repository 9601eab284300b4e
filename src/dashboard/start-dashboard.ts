import { createServer } from 'node:http';
import { closeServer, listen } from '../runtime/listen.ts';
import { buildApp, type DashboardDependencies } from './build-app.ts';
import { BulkRuns } from './videos/bulk-runs.ts';
import { Users } from './login/users.ts';

const LOOPBACK = /^(?:127\.[\d.]+|::1|localhost)$/;

export type Dashboard = Awaited<ReturnType<typeof startDashboard>>;

/**
 * Serves the dashboard at the configured host and port.
 * @throws UserError when the port cannot be used, or with the problems of the users file.
 */
export async function startDashboard(dependencies: Omit<DashboardDependencies, 'isLive' | 'runs' | 'users'>) {
  const { config, logger } = dependencies;
  const { host, port } = config.dashboard;
  const users = await Users.open(config.dashboard, (message) => {
    logger.error(message);
  });
  let live = true;
  const runs = new BulkRuns(logger);
  const server = createServer(buildApp({ ...dependencies, users, runs, isLive: () => live }));
  // Slow clients must not hold connections forever.
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  const boundPort = await listen(server, { host, port, portVariable: 'DASHBOARD_PORT' });
  if (users === undefined) {
    logger.warn(
      'The dashboard has no login, so it answers on this machine only. Set DASHBOARD_USER and DASHBOARD_PASSWORD to give it one.',
    );
  } else if (LOOPBACK.test(host)) {
    logger.info(
      'The dashboard answers on this machine only. To open it to others, put a reverse proxy with TLS in front of it (docs/operations.md), or in a network that you trust set DASHBOARD_HOST=0.0.0.0.',
    );
  }
  const shownHost = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return {
    /** Its address on this machine, with a slash at the end. */
    url: `http://${shownHost}:${String(boundPort)}/`,
    /** Stops listening and ends open connections. The caller closes the database and the queues. */
    close: async (): Promise<void> => {
      live = false;
      await Promise.all([closeServer(server), runs.stop()]);
    },
  };
}
