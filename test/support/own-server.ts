import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { startServers } from '../../local/servers/start-servers.ts';

/** A server of one test, which may kill it; its port and its data stay. */
export interface OwnServer {
  readonly url: string;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
  /** Sends SIGTERM and waits. */
  stop(): Promise<void>;
  /** Starts it again on the same port and waits until it answers. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a Redis or a MongoDB for one test, with its data on disk. */
export async function startOwnServer(name: 'redis' | 'mongo'): Promise<OwnServer> {
  const directory = await mkdtemp(path.join(tmpdir(), `sonotheque-own-${name}-`));
  const started = await startServers({
    checkout: fileURLToPath(new URL('../..', import.meta.url)),
    directory,
    wanted: [name],
    persistence: 'disk',
    environment: {},
    onLine: () => undefined,
  });
  const [server] = started.servers;
  const url = started.variables[name === 'redis' ? 'REDIS_URL' : 'MONGO_URL'];
  if (server === undefined || url === undefined) throw new Error(`${name} was not started.`);
  let current = server.process;
  return {
    url,
    kill: async () => {
      process.kill(current.pid, 'SIGKILL');
      await current.ended;
    },
    stop: () => current.stop(),
    restart: async () => {
      current = await server.restart();
    },
    close: async () => {
      await started.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
