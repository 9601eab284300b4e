import { createServer } from 'node:http';
import { closeServer, listen } from '../runtime/listen.ts';
import { buildApp, type DashboardDependencies } from './build-app.ts';

export type Dashboard = Awaited<ReturnType<typeof startDashboard>>;

/**
 * Serves the dashboard at the configured host and port.
 * @throws UserError when the port cannot be used.
 */
export async function startDashboard(dependencies: Omit<DashboardDependencies, 'isLive'>) {
  const { host, port, credentials } = dependencies.config.dashboard;
  let live = true;
  const server = createServer(buildApp({ ...dependencies, isLive: () => live }));
  // Slow clients must not hold connections forever.
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  const boundPort = await listen(server, { host, port, portVariable: 'DASHBOARD_PORT' });
  if (credentials === undefined) {
    dependencies.logger.warn(
      'The dashboard has no login, so it answers on this machine only. Set DASHBOARD_USER and DASHBOARD_PASSWORD to open it to others.',
    );
  }
  const shownHost = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return {
    /** Its address on this machine, with a slash at the end. */
    url: `http://${shownHost}:${String(boundPort)}/`,
    /** Stops listening and ends open connections. The caller closes the database and the queues. */
    close: async (): Promise<void> => {
      live = false;
      await closeServer(server);
    },
  };
}
