import { randomBytes } from 'node:crypto';
import process from 'node:process';
import type { Config } from '../../src/config/config.ts';
import { gatherEnvironment } from '../../src/config/load.ts';
import { parseConfig } from '../../src/config/parse-config.ts';

/** For the servers that a benchmark does not use. */
const UNUSED = {
  REDIS_URL: 'redis://127.0.0.1',
  MONGO_URL: 'mongodb://127.0.0.1',
  MINIO_ENDPOINT: '127.0.0.1:9000',
  MINIO_ACCESS_KEY: 'not-used',
  MINIO_SECRET_KEY: 'not-used',
};

/** The configuration of a benchmark, with a new name for its database, queues, bucket and container. */
export interface BenchConfig {
  readonly name: string;
  readonly config: Config;
  /** The same as variables, for child processes. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Uses the servers of `npm start`, or of the environment. */
export function createBenchConfig(overrides: Readonly<Record<string, string>> = {}): BenchConfig {
  const name = `bench-${randomBytes(4).toString('hex')}`;
  const gathered = { ...UNUSED, ...gatherEnvironment(process.env) };
  const mongoUrl = new URL(gathered.MONGO_URL);
  mongoUrl.pathname = `/${name}`;
  const variables = {
    ...gathered,
    MONGO_URL: mongoUrl.href,
    QUEUE_PREFIX: name,
    MINIO_BUCKET: name,
    AZURE_CONTAINER: name,
    ...overrides,
  };
  return { name, config: parseConfig(variables), variables };
}
