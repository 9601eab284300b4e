import type { Config } from '../../src/config/config.ts';
import { toAzureAccount } from '../../src/storage/azure-account.ts';
import { listenerOf, processTimes } from './process-times.ts';

/** The processes of the servers that run on this machine, by name. */
export type ServerProcesses = ReadonlyMap<string, number>;

/** Finds the servers by their ports; one on another machine, or of another user, is left out. */
export function findServers({ redis, mongo, minio, azure }: Config): ServerProcesses {
  const addresses = new Map<string, { readonly host: string; readonly port: number }>([
    ['Redis', addressOf(redis.url, 6379)],
    ['MongoDB', addressOf(mongo.url, 27_017)],
    ['MinIO', minio],
  ]);
  if (azure !== undefined) addresses.set('Azurite', addressOf(toAzureAccount(azure).origin, 443));
  const found = new Map<string, number>();
  for (const [name, { host, port }] of addresses) {
    const pid = ['127.0.0.1', '::1', 'localhost'].includes(host) ? listenerOf(port) : undefined;
    if (pid !== undefined) found.set(name, pid);
  }
  return found;
}

/** Starts to count their CPU seconds. @returns those of each so far */
export function countServerSeconds(servers: ServerProcesses): () => Record<string, number> {
  const before = new Map([...servers].map(([name, pid]) => [name, processTimes(pid).own]));
  return () =>
    Object.fromEntries(
      [...servers].map(([name, pid]) => [name, processTimes(pid).own - (before.get(name) ?? 0)]),
    );
}

function addressOf(url: string, defaultPort: number): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: port === '' ? defaultPort : Number(port) };
}
