import type { Config } from '../../config/config.ts';
import { parseRedisUrl } from '../../config/redis-url.ts';
import { openDatabase, type Database } from '../../database/database.ts';
import { JobQueues } from '../../queues/job-queues.ts';
import { UserError } from '../../runtime/user-error.ts';
import { HOW_TO_START } from './config.ts';
import { addressesOf, refuses, type Address } from './refused-connections.ts';
import type { CloseAtEnd } from './run-command.ts';

/** A person waits: a worker would give a server longer. */
const SELECTION_TIMEOUT_MS = 5_000;
/** What a command wants of MongoDB. */
export interface Purpose {
  /** Shown in MongoDB's own list of connections. */
  readonly name: string;
  /** Whether it writes, so that collections and indexes must be there. */
  readonly writes: boolean;
}

/**
 * Opens MongoDB for a command.
 * @throws UserError within milliseconds when no such server is running; TransientError within seconds when it does not answer.
 */
export async function openRecords(
  config: Config,
  purpose: Purpose,
  closeAtEnd: CloseAtEnd,
): Promise<Database> {
  await assertRunning([{ name: 'MongoDB', addresses: addressesOf(config.mongo.url) }]);
  return closeAtEnd(await connect(config, purpose));
}

/** Opens MongoDB and Redis for a command. @throws as `openRecords` */
export async function openServers(
  config: Config,
  purpose: Purpose,
  closeAtEnd: CloseAtEnd,
): Promise<{ readonly database: Database; readonly queues: JobQueues }> {
  await assertRunning([
    { name: 'Redis', addresses: parseRedisUrl(config.redis.url).addresses },
    { name: 'MongoDB', addresses: addressesOf(config.mongo.url) },
  ]);
  const queues = closeAtEnd(new JobQueues(config.redis));
  const [database] = await Promise.all([connect(config, purpose).then(closeAtEnd), queues.ping()]);
  return { database, queues };
}

function connect(config: Config, { name, writes }: Purpose): Promise<Database> {
  return openDatabase(config.mongo, name, { prepare: writes, selectionTimeoutMs: SELECTION_TIMEOUT_MS });
}

interface Server {
  readonly name: string;
  readonly addresses: readonly Address[];
}

/** The drivers try a refused connection again for seconds; here one sentence is of more use. */
async function assertRunning(servers: readonly Server[]): Promise<void> {
  const refused = await Promise.all(
    servers.map(async (server) => ((await refuses(server.addresses)) ? [server] : [])),
  );
  const names = refused
    .flat()
    .map(
      ({ name, addresses }) =>
        `${name} (${addresses.map(({ host, port }) => `${host}:${String(port)}`).join(', ')})`,
    );
  if (names.length === 0) return;
  const what = names.length === 1 ? 'is not running' : 'are not running';
  throw new UserError(
    `${names.join(' and ')} ${what}: start ${names.length === 1 ? 'it' : 'them'}, or ${HOW_TO_START}.`,
  );
}
