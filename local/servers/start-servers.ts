import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { withDeadline } from '../../src/runtime/deadline.ts';
import { UserError } from '../../src/runtime/user-error.ts';
import { startGuard, type Guard } from '../guard-client.ts';
import { azureServer } from './azure.ts';
import { credentialsOf } from './credentials.ts';
import type { LocalServer } from './local-server.ts';
import { minioServer } from './minio.ts';
import { mongoServer } from './mongo.ts';
import { redisServer } from './redis.ts';
import { startOnFreePort, type RunningServer } from './start-on-free-port.ts';
import { readTools, type Tools } from './tools.ts';

/** Each server, with the environment variables that name another one to be used in its place. */
const SERVERS = {
  redis: { define: redisServer, givenBy: ['REDIS_URL'] },
  mongo: { define: mongoServer, givenBy: ['MONGO_URL'] },
  minio: { define: minioServer, givenBy: ['MINIO_ENDPOINT'] },
  azure: { define: azureServer, givenBy: ['AZURE_STORAGE_CONNECTION_STRING', 'AZURE_ACCOUNT_URL'] },
} as const satisfies Record<string, { define: LocalServer; givenBy: readonly string[] }>;

/** More than a server takes that is tried on several ports. */
const DEADLINE_MS = 600_000;

type ServerName = keyof typeof SERVERS;
export const SERVER_NAMES = Object.keys(SERVERS) as readonly ServerName[];

export interface StartServersOptions {
  /** The root of the checkout, where the set-up recorded its programs. */
  readonly checkout: string;
  /** For the data, credentials and logs of the servers. */
  readonly directory: string;
  readonly wanted: readonly ServerName[];
  /** `memory` is for tests, and used by the servers that support it. */
  readonly persistence: 'disk' | 'memory';
  /** A server that these variables name is used; none is started in its place. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: string) => void;
  /** Aborted to give up: nothing is left behind. */
  readonly signal?: AbortSignal;
}

export type NamedServer = RunningServer & { readonly name: ServerName };

export interface StartedServers {
  /** For the environment of the programs that use the servers; without those of servers that were given. */
  readonly variables: Readonly<Record<string, string>>;
  readonly servers: readonly NamedServer[];
  /** For more processes that must end together with the servers. */
  readonly guard: Guard;
  close(): Promise<void>;
}

/**
 * Starts the servers that are wanted and not given, all at the same time, and waits until each answers.
 * They end with `close`, and also when this process dies in any way.
 * @throws UserError when the set-up has not run, or with the end of its log when a server does not start;
 *   InterruptedError.
 */
export async function startServers(options: StartServersOptions): Promise<StartedServers> {
  const { directory, environment, persistence, onLine } = options;
  const missing = options.wanted.filter(
    (name) => !SERVERS[name].givenBy.some((variable) => (environment[variable] ?? '') !== ''),
  );
  let read: Tools | undefined;
  const tools = () => (read ??= readTools(options.checkout));
  const program = (name: 'redisServer' | 'minio') => {
    const found = tools()[name];
    if (found === undefined)
      throw new UserError(`The set-up has not installed ${name} yet. Run: npm run demo`, { exitCode: 2 });
    return found;
  };
  const guard = await startGuard();
  const credentials = credentialsOf(directory);
  const start = async (name: ServerName) => {
    const data = path.join(directory, name);
    mkdirSync(data, { recursive: true });
    const logFile = path.join(directory, 'logs', `${name}.log`);
    const definition = SERVERS[name].define({
      guard,
      tools,
      program,
      directory: data,
      persistence,
      credentials,
      logFile,
      onLine,
    });
    const startedAt = performance.now();
    const server = await startOnFreePort(definition);
    onLine(`${definition.name} is ready (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    return { server: { ...server, name }, variables: definition.variables(server.port) };
  };
  const started = await withDeadline(() => Promise.all(missing.map(start)), {
    signal: options.signal ?? new AbortController().signal,
    deadlineMs: DEADLINE_MS,
    what: 'Starting the servers',
  }).catch(async (error: unknown) => {
    // Servers that are still starting fail when the guard ends.
    await guard.close();
    throw error;
  });
  return {
    variables: Object.assign(
      {},
      ...started.map(({ variables }) => variables),
      programVariables(environment, tools),
    ) as Record<string, string>,
    servers: started.map(({ server }) => server),
    guard,
    close: () => guard.close(),
  };
}

/** The yt-dlp of the set-up, unless the environment names one. */
function programVariables(
  environment: StartServersOptions['environment'],
  tools: () => Tools,
): Record<string, string> {
  if ((environment['YTDLP_PATH'] ?? '') !== '') return {};
  try {
    const { ytDlp } = tools();
    return ytDlp === undefined ? {} : { YTDLP_PATH: ytDlp };
  } catch {
    // The set-up need not have run when all servers are given; yt-dlp is then found on the PATH.
    return {};
  }
}
