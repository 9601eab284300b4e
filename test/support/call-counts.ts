import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import { Redis } from 'ioredis';
import type { Connection } from 'mongoose';

/** The servers whose calls are counted. */
export const CALLED_SERVERS = ['redis', 'mongodb', 'minio', 'azure'] as const;
export type CalledServer = (typeof CALLED_SERVERS)[number];

/** How often each kind of call was made, by server and then by its name: `evalsha`, `update`, `PUT`. */
export type CallCounts = Readonly<Record<CalledServer, ReadonlyMap<string, number>>>;

/** What a worker process counts for a test or a benchmark. Nothing in production code knows of it. */
export class CallCounter {
  readonly #counts = {
    redis: new Map<string, number>(),
    mongodb: new Map<string, number>(),
    minio: new Map<string, number>(),
    azure: new Map<string, number>(),
  };

  /** Since the beginning. */
  read(): CallCounts {
    return {
      redis: new Map(this.#counts.redis),
      mongodb: new Map(this.#counts.mongodb),
      minio: new Map(this.#counts.minio),
      azure: new Map(this.#counts.azure),
    };
  }

  /** From now on counts what all connections to Redis send: what is written at once is one call, named after the first of it. */
  watchRedis(): void {
    const count = this.#count.bind(this, 'redis');
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
    const { sendCommand } = Redis.prototype;
    const gathered = new WeakSet<Redis['stream']>();
    Redis.prototype.sendCommand = function (command, stream) {
      // The commands of a pipeline are written with the first of them.
      const { pipelineIndex = 0 } = command as { readonly pipelineIndex?: number };
      const isFirst = pipelineIndex === 0 && !gathered.has(this.stream);
      if (isFirst) count(stream === undefined ? command.name : 'pipeline');
      // This connection gathers what is said within a turn of the event loop.
      if (isFirst && this.status === 'ready' && this.stream.writableCorked > 0) {
        const gathering = this.stream;
        gathered.add(gathering);
        setImmediate(() => gathered.delete(gathering));
      }
      return sendCommand.call(this, command, stream);
    };
  }

  /** From now on counts the commands of this connection, whose URL has the option `monitorCommands=true`. */
  watchMongo(connection: Connection): void {
    connection.getClient().on('commandStarted', ({ commandName }) => {
      this.#count('mongodb', commandName);
    });
  }

  /** From now on counts the requests to the stores. @param minioPort the other one is Azure's */
  watchStores(minioPort: number): void {
    const isMinio = (port: string) => port === String(minioPort);
    const note = (port: string, method: string) => {
      this.#count(isMinio(port) ? 'minio' : 'azure', method);
    };
    subscribe('http.client.request.start', (message) => {
      const { request } = message as { readonly request: unknown };
      if (!(request instanceof ClientRequest)) return;
      note(new URL(`http://${String(request.getHeader('host'))}`).port, request.method);
    });
    subscribe('undici:request:create', (message) => {
      const { request } = message as {
        readonly request: { readonly origin: string; readonly method: string };
      };
      note(new URL(request.origin).port, request.method);
    });
  }

  #count(server: CalledServer, name: string): void {
    const counts = this.#counts[server];
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
}

/** All calls of each server. */
export function totalCalls(counts: CallCounts): Record<CalledServer, number> {
  const total = (server: CalledServer) => counts[server].values().reduce((sum, count) => sum + count, 0);
  return {
    redis: total('redis'),
    mongodb: total('mongodb'),
    minio: total('minio'),
    azure: total('azure'),
  };
}
