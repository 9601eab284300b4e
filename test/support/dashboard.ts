import type { Config } from '../../src/config/config.ts';
import { startDashboard, type Dashboard } from '../../src/dashboard/start-dashboard.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { createSilentLogger, type Logger } from '../../src/runtime/logger.ts';
import type { TestEnvironment } from './test-environment.ts';

type TestDashboard = Partial<Config['dashboard']> & {
  readonly logger?: Logger;
  readonly azure?: Config['azure'];
  /** In place of the bucket of the environment. */
  readonly store?: MinioStore;
};

/** Starts the dashboard of a test environment on a free port, without a login unless credentials are given. */
export function startTestDashboard(
  { database, queues, config }: Pick<TestEnvironment, 'database' | 'queues' | 'config'>,
  credentials?: Config['dashboard']['credentials'],
  {
    logger = createSilentLogger(),
    azure,
    store = openMinioStore(config.minio, config.storage),
    ...others
  }: TestDashboard = {},
): Promise<Dashboard> {
  return startDashboard({
    config: {
      dashboard: {
        host: '127.0.0.1',
        port: 0,
        credentials,
        usersFile: undefined,
        trustedProxies: [],
        publicUrl: undefined,
        session: { idleMs: 3_600_000, maxMs: 43_200_000 },
        isBoardWritable: false,
        ...others,
      },
      ...{
        azure,
        language: config.language,
        egress: config.egress,
        media: config.media,
        staging: config.staging,
        collect: config.collect,
      },
    },
    database,
    queues,
    store,
    logger,
  });
}
