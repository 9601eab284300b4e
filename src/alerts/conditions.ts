import { readNoNetwork } from '../reports/collection/no-network.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { FailedLogins } from '../queues/failed-logins.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { readRedisHealth } from '../queues/redis-health.ts';
import { readEgressStatus } from '../egress/egress-status.ts';
import { readHealth } from '../reports/collection/read-health.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { probeStore } from '../storage/probe-store.ts';
import { readSnapshotHealth } from '../snapshots/snapshot-health.ts';
import { toJobError, TransientError, type JobError } from '../domain/job-errors.ts';
import { interruptionOf, withDeadline } from '../runtime/deadline.ts';
import type { Alert } from './alert.ts';
import { egressLedgerOf } from '../egress/egress-ledger.ts';
import {
  fullRedis,
  pausedStages,
  stagingFull,
  openCircuits,
  manyFailedLogins,
  failedVideos,
  mirrorLag,
  unhealthySources,
  unreachableSources,
  overdueSnapshot,
} from './alert-rules.ts';

export interface AlertDependencies {
  readonly config: Pick<Config, 'alerts' | 'azure'>;
  /** Undefined while a worker that starts waits for it. */
  readonly database: Database | undefined;
  readonly queues: JobQueues;
  readonly store: ObjectStore;
  /** Undefined when nothing is mirrored. */
  readonly mirror: ObjectStore | undefined;
}

type Server = 'MongoDB' | 'Redis' | 'MinIO' | 'Azure';

/** What is known at one moment. */
export interface EvaluatedAlerts {
  readonly alerts: readonly Alert[];
  /** Whether nothing is known of an alert, since a server that its condition needs is away. */
  readonly isUnknown: (key: string) => boolean;
}

/** A question about one server, and the alerts that its answer decides about. */
interface Condition {
  readonly server: Server;
  /** What the keys of its alerts begin with; without it, the condition is only that the server answers. */
  readonly keys?: string;
  readonly read: (signal: AbortSignal) => Promise<readonly Alert[]>;
}

const DEADLINE_MS = 30_000;

/** All alerts at this moment. A condition that cannot be evaluated is itself an alert, and hinders no other. */
export async function currentAlerts(
  dependencies: AlertDependencies,
  at: Date,
  signal: AbortSignal,
): Promise<EvaluatedAlerts> {
  const conditions = conditionsOf(dependencies, at);
  const results = await Promise.allSettled(
    conditions.map(({ server, read }) =>
      withDeadline(({ signal: limit }) => read(limit), { signal, deadlineMs: DEADLINE_MS, what: server }),
    ),
  );
  if (signal.aborted) throw interruptionOf(signal);
  const alerts: Alert[] = [];
  const unknown: string[] = [];
  const unreachable = new Map<string, Alert>();
  for (const [index, { server, keys }] of conditions.entries()) {
    const result = results[index];
    if (result?.status === 'fulfilled') {
      alerts.push(...result.value);
    } else {
      if (keys !== undefined) unknown.push(keys);
      unreachable.set(server, unreachableServer(server, toJobError(result?.reason), at));
    }
  }
  return {
    alerts: [...alerts, ...unreachable.values()],
    isUnknown: (key) => unknown.some((keys) => key.startsWith(keys)),
  };
}

/** The alert that a server does not answer. */
export function unreachableServer(server: Server, error: JobError, at: Date): Alert {
  return {
    key: `server.${server.toLowerCase()}`,
    title: `${server} does not answer`,
    message: `${error.message} ${WITHOUT[server]} \`npm run doctor\` shows what can be reached.`,
    since: at,
  };
}

/** What does not happen while a server is away. */
const NO_WORK = 'No work is done without it, and alerts that need it are not evaluated.';
const WITHOUT: Readonly<Record<Server, string>> = {
  MongoDB: NO_WORK,
  Redis: NO_WORK,
  MinIO: 'Uploads and copies wait, and downloads stop when staging is full.',
  Azure: 'Nothing is mirrored meanwhile.',
};

function conditionsOf(
  { config, database: opened, queues, store, mirror }: AlertDependencies,
  at: Date,
): Condition[] {
  const { alerts, azure } = config;
  const database = () => {
    if (opened === undefined) throw new TransientError('network', 'MongoDB could not be reached yet.');
    return opened;
  };
  return [
    { server: 'Redis', keys: 'paused.', read: async () => pausedStages(await queues.pauses.list()) },
    { server: 'Redis', keys: 'full.', read: async () => stagingFull(await queues.pauses.list(), alerts, at) },
    {
      server: 'Redis',
      keys: 'circuit.',
      read: async () => openCircuits(await readEgressStatus(egressLedgerOf(queues), at), at),
    },
    { server: 'Redis', keys: 'redis.', read: async () => fullRedis(await readRedisHealth(queues.redis), at) },
    {
      server: 'Redis',
      keys: 'logins',
      read: async () =>
        manyFailedLogins(await new FailedLogins(queues.redis, queues.prefix).recent(at), alerts, at),
    },
    {
      server: 'MongoDB',
      keys: 'failed',
      read: async () => failedVideos((await database().videoCounts.failuresByClass()).counts, alerts, at),
    },
    {
      server: 'MongoDB',
      keys: 'mirror-lag',
      read: async () =>
        azure === undefined ? [] : mirrorLag(await database().overview.oldestUnmirrored(), alerts, at),
    },
    {
      server: 'MongoDB',
      keys: 'source',
      read: async () => {
        const noNetwork = await readNoNetwork(database());
        return noNetwork === undefined
          ? unhealthySources(await readHealth({ database: database(), configured: undefined }, at))
          : [unreachableSources(noNetwork, at)];
      },
    },
    {
      server: 'MongoDB',
      keys: 'snapshot',
      read: async () => overdueSnapshot(await readSnapshotHealth(database().snapshots, at), at),
    },
    storeAnswers('MinIO', store),
    ...(mirror === undefined ? [] : [storeAnswers('Azure', mirror)]),
  ];
}

/** A bucket or container that does not exist yet is no alert: workers that need it are paused with that reason. */
function storeAnswers(server: 'MinIO' | 'Azure', store: ObjectStore): Condition {
  return {
    server,
    read: async (signal) => {
      try {
        await probeStore(store, signal);
      } catch (error) {
        if (toJobError(error, signal).errorClass !== 'storage_missing') throw error;
      }
      return [];
    },
  };
}
