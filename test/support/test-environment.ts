import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { Config } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { openDatabase, type Database } from '../../src/database/database.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { mastersOf } from '../../src/queues/redis-connection.ts';

/** The servers of the test run with names that no other test uses. */
export interface TestEnvironment {
  readonly config: Config;
  /** The same as variables, for child processes. */
  readonly variables: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly database: Database;
  readonly queues: JobQueues;
  close(): Promise<void>;
}

/** Opens a test environment with short delays and locks. */
export async function openTestEnvironment(
  overrides: Readonly<Record<string, string>> = {},
): Promise<TestEnvironment> {
  const name = `test-${randomBytes(6).toString('hex')}`;
  const directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-test-'));
  const mongoUrl = new URL(process.env['MONGO_URL'] ?? 'mongodb://127.0.0.1');
  mongoUrl.pathname = `/${name}`;
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const own = {
    MONGO_URL: mongoUrl.href,
    QUEUE_PREFIX: name,
    MINIO_BUCKET: name,
    AZURE_CONTAINER: name,
    STAGING_DIR: path.join(directory, 'staging'),
    // Tests of the collection write this file; the others must not request real sources.
    SOURCES_FILE: path.join(directory, 'sources.yaml'),
    VERSION_LOG_FILE: path.join(directory, 'VERSIONS.md'),
    ATTEMPT_DELAY_SECONDS: '0.05',
    RETRY_MIN_DELAY_SECONDS: '0.1',
    RETRY_MAX_DELAY_SECONDS: '0.5',
    OPERATOR_PROBE_SECONDS: '0.3',
    THROTTLE_MIN_REST_SECONDS: '0.5',
    THROTTLE_MAX_REST_SECONDS: '2',
    JOB_LOCK_SECONDS: '2',
    EGRESS_BUDGET_PER_HOUR: '0',
    EGRESS_SPACING_SECONDS: '0',
    LOG_LEVEL: 'silent',
    ...overrides,
  };
  const variables = { ...inherited, ...own };
  const config = parseConfig(variables);
  const database = await openDatabase(config.mongo, name);
  const queues = new JobQueues(config.redis);
  return {
    config,
    variables,
    directory,
    database,
    queues,
    close: async () => {
      await deleteKeys(queues).catch(() => undefined);
      await queues.close();
      await database.connection.dropDatabase();
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function deleteKeys({ redis, prefix }: JobQueues): Promise<void> {
  // Servers that a test has killed have no keys.
  if (redis.status !== 'ready') return;
  await redis.ping();
  for (const server of mastersOf(redis)) {
    // Glob patterns of Redis know no braces.
    const keys = server.scanStream({ match: `${prefix}:*`, count: 1_000 }) as AsyncIterable<string[]>;
    for await (const some of keys) if (some.length > 0) await server.unlink(...some);
  }
}
