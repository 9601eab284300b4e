import path from 'node:path';
import { UserError } from '../../src/runtime/user-error.ts';
import { startGuard, type Guard } from '../guard-client.ts';
import { startAzure } from './azure.ts';
import { credentialsOf } from './credentials.ts';
import type { LocalServer } from './local-server.ts';
import { startMinio } from './minio.ts';
import { startMongo } from './mongo.ts';
import { startRedis } from './redis.ts';
import type { RunningServer } from './start-on-free-port.ts';
import { readTools, type Tools } from './tools.ts';

/** Each server, and the variables of the environment that say "use this one instead". */
const SERVERS = {
  redis: { start: startRedis, givenBy: ['REDIS_URL'] },
  mongo: { start: startMongo, givenBy: ['MONGO_URL'] },
  minio: { start: startMinio, givenBy: ['MINIO_ENDPOINT'] },
  azure: { start: startAzure, givenBy: ['AZURE_STORAGE_CONNECTION_STRING', 'AZURE_ACCOUNT_URL'] },
} as const satisfies Record<string, { start: LocalServer; givenBy: readonly string[] }>;

/** A server that can be started on this machine. */
export type ServerName = keyof typeof SERVERS;
/** All of them. */
export const SERVER_NAMES = Object.keys(SERVERS) as readonly ServerName[];

/** What to start, and where. */
export interface StartServersOptions {
  /** The root of the checkout, where the set-up left its programs. */
  readonly checkout: string;
  /** Data, logins and logs of the servers go below it. */
  readonly directory: string;
  readonly wanted: readonly ServerName[];
  /** `memory` where the server can: for tests. */
  readonly persistence: 'disk' | 'memory';
  /** A server whose address stands here already is used and not started. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: string) => void;
}

/** One of the servers that were started. */
export type NamedServer = RunningServer & { readonly name: ServerName };

/** The servers, up and answering. */
export interface StartedServers {
  /** What to add to the environment of whatever uses them; nothing of what was given already. */
  readonly variables: Readonly<Record<string, string>>;
  readonly servers: readonly NamedServer[];
  /** For more processes that must end together with the servers. */
  readonly guard: Guard;
  close(): Promise<void>;
}

/**
 * Starts the servers that are wanted and not given, all at once, and waits until each answers.
 * They end with `close`, and also when this process dies in any way.
 * @throws UserError when the set-up has not run; Error with the end of its log when a server does not come up.
 */
export async function startServers(options: StartServersOptions): Promise<StartedServers> {
  const missing = options.wanted.filter(
    (name) => !SERVERS[name].givenBy.some((variable) => (options.environment[variable] ?? '') !== ''),
  );
  let read: Tools | undefined;
  const tools = () => (read ??= readTools(options.checkout));
  const program = (name: 'redisServer' | 'minio') => {
    const found = tools()[name];
    if (found === undefined)
      throw new UserError(`The set-up has no ${name} yet. Run: npm run demo`, { exitCode: 2 });
    return found;
  };
  const guard = await startGuard();
  const credentials = credentialsOf(options.directory);
  const started = await Promise.allSettled(
    missing.map(async (name) => ({
      name,
      ...(await SERVERS[name].start({
        guard,
        tools,
        program,
        directory: options.directory,
        persistence: options.persistence,
        credentials,
        logFile: path.join(options.directory, 'logs', `${name}.log`),
        onLine: options.onLine,
      })),
    })),
  );
  const problem = started.find((result) => result.status === 'rejected');
  if (problem !== undefined) {
    await guard.close();
    throw problem.reason;
  }
  const running = started.filter((result) => result.status === 'fulfilled').map((result) => result.value);
  return {
    variables: Object.assign(
      {},
      ...running.map(({ variables }) => variables),
      programVariables(options, tools),
    ) as Record<string, string>,
    servers: running.map(({ server, name }) => ({ ...server, name })),
    guard,
    close: () => guard.close(),
  };
}

/** The yt-dlp of the set-up, for those who name none themselves. */
function programVariables(options: StartServersOptions, tools: () => Tools): Record<string, string> {
  if ((options.environment['YTDLP_PATH'] ?? '') !== '') return {};
  try {
    const { ytDlp } = tools();
    return ytDlp === undefined ? {} : { YTDLP_PATH: ytDlp };
  } catch {
    // All servers were given and no set-up has run: yt-dlp is looked for on the PATH.
    return {};
  }
}
