import { Cluster, type Redis } from 'ioredis';

/** A connection to one server, to the master behind sentinels, or to all nodes of a cluster. */
export type RedisConnection = Redis | Cluster;

/** A connection for messages to the same servers: it waits as long as it takes. The caller closes it. */
export function duplicateForMessages(redis: RedisConnection): RedisConnection {
  const duplicate =
    redis instanceof Cluster
      ? redis.duplicate([], { redisOptions: { maxRetriesPerRequest: null } })
      : redis.duplicate({ maxRetriesPerRequest: null });
  duplicate.on('error', () => undefined);
  return duplicate;
}

const failures = new WeakMap<RedisConnection, Error>();

/** Remembers why a connection is not there; otherwise each refused try would be printed. */
export function noteFailures(redis: RedisConnection): void {
  redis.on('error', (error: Error) => {
    failures.set(redis, error);
  });
  redis.on('ready', () => {
    failures.delete(redis);
  });
}

/** Why the connection is not there, if it is not: commands that wait for it fail with less. */
export function lastFailure(redis: RedisConnection): Error | undefined {
  return failures.get(redis);
}

/** The servers that hold data: the masters of a cluster, or the one server. They answer only while the connection is there. */
export function mastersOf(redis: RedisConnection): readonly Redis[] {
  return redis instanceof Cluster ? redis.nodes('master') : [redis];
}
