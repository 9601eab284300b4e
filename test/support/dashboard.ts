import type { Config } from '../../src/config/config.ts';
import { startDashboard, type Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import type { TestEnvironment } from './test-environment.ts';

/** Starts the dashboard of a test environment on a free port, without a login unless credentials are given. */
export function startTestDashboard(
  { database, queues }: Pick<TestEnvironment, 'database' | 'queues'>,
  credentials?: Config['dashboard']['credentials'],
): Promise<Dashboard> {
  return startDashboard({
    config: { dashboard: { host: '127.0.0.1', port: 0, credentials }, azure: undefined },
    database,
    queues,
    logger: createSilentLogger(),
  });
}
