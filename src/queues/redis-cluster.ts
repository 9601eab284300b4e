import { Cluster, type ClusterNode, type ClusterOptions, type Command } from 'ioredis';
import { definedFields } from '../domain/defined-fields.ts';

/** ioredis's own, which its types leave out. */
interface Internals {
  setStatus(status: string): void;
  handleCloseEvent(): void;
}

/** Where a command of a pipeline goes. */
type Destination = Parameters<Cluster['sendCommand']> extends [Command, ...infer Others] ? Others : never;

/**
 * A connection to a cluster that ends, and whose commands end. ioredis keeps commands for as long as no node can be reached:
 * its own limit (`commandTimeout`) counts only from when a node has taken the command. And a connection that is ended at
 * that time would never say so, for which BullMQ waits.
 */
export class RedisCluster extends Cluster {
  readonly #nodes: readonly ClusterNode[];
  readonly #deadlineMs: number | undefined;

  /** @param deadlineMs of a command; undefined: it waits as long as it takes. */
  constructor(nodes: readonly ClusterNode[], options: ClusterOptions, deadlineMs?: number) {
    super([...nodes], withoutUndefined(options));
    this.#nodes = nodes;
    this.#deadlineMs = deadlineMs;
    const internals = this as unknown as Internals;
    const setStatus = internals.setStatus.bind(this);
    // Each of several nodes that end at once says that the last one has ended. With `close` after `end`, commands that are to be
    // tried again would wait for a connection that never comes.
    internals.setStatus = (status) => {
      if (this.status !== 'end' || status !== 'close') setStatus(status);
    };
  }

  override sendCommand(command: Command, ...destination: unknown[]): unknown {
    if (this.#deadlineMs !== undefined) command.setTimeout(this.#deadlineMs);
    return super.sendCommand(command, ...(destination as Destination));
  }

  override disconnect(reconnect = false): void {
    const mustEndItself =
      !reconnect && this.nodes().length === 0 && !['wait', 'close', 'end'].includes(this.status);
    super.disconnect(reconnect);
    if (!mustEndItself) return;
    const internals = this as unknown as Internals;
    internals.setStatus('close');
    internals.handleCloseEvent();
  }

  override async quit(): Promise<'OK'> {
    if (this.nodes().length > 0) return await super.quit();
    this.disconnect();
    return 'OK';
  }

  /** For jobs and messages: without the deadline, since they are waited for. */
  override duplicate(nodes: ClusterNode[] = [], options: ClusterOptions = {}): Cluster {
    return new RedisCluster(nodes.length === 0 ? this.#nodes : nodes, {
      ...this.options,
      ...options,
      redisOptions: { ...this.options.redisOptions, ...options.redisOptions },
    });
  }
}

/** As the types of ioredis want them. */
function withoutUndefined({ redisOptions, ...others }: ClusterOptions) {
  return { ...others, ...definedFields({ redisOptions }) } as ConstructorParameters<
    typeof Cluster<'legacy'>
  >[1];
}
