import { readNoNetwork } from '../reports/collection/no-network.ts';
import { groupPauses } from '../reports/status.ts';
import type { AlertConfig, Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { IntakePauseRecord } from '../queues/intake-pauses.ts';
import { FAILED_LOGIN_MINUTES, FailedLogins } from '../queues/failed-logins.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { readRedisHealth } from '../queues/redis-health.ts';
import { readEgressStatus, type EgressStatus } from '../egress/egress-status.ts';
import { isUnhealthy } from '../reports/collection/health.ts';
import { readHealth, type CollectionHealth } from '../reports/collection/read-health.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { probeStore } from '../storage/probe-store.ts';
import { readSnapshotHealth, type SnapshotHealth } from '../snapshots/snapshot-health.ts';
import { messagesOf } from '../text/messages/messages-of.ts';
import { formatDuration, formatMoment } from '../text/units.ts';
import { adviceFor } from '../domain/error-classes.ts';
import { toJobError, TransientError, type JobError } from '../domain/job-errors.ts';
import { interruptionOf, withDeadline } from '../runtime/deadline.ts';
import type { Alert } from './alert.ts';
import { egressLedgerOf } from '../egress/egress-ledger.ts';

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
      read: async () => failedVideos(await database().overview.countFailedByClass(), alerts, at),
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

function fullRedis({ warnings }: Awaited<ReturnType<typeof readRedisHealth>>, at: Date): Alert[] {
  return warnings
    .filter(({ setting }) => setting === 'maxmemory')
    .map(({ message, advice }) => ({
      key: 'redis.maxmemory',
      title: 'Redis is running out of memory',
      message: `${message} ${advice}`,
      since: at,
    }));
}

function pausedStages(pauses: readonly IntakePauseRecord[]): Alert[] {
  return groupPauses(pauses)
    .filter(({ kind }) => kind === 'fault')
    .map((pause) => ({
      key: `paused.${pause.queue}.${pause.class}`,
      title: `${pause.queue} is paused: ${pause.class}`,
      message: `${pause.reason} ${pause.advice} On ${pause.hosts.join(', ')}.`,
      since: pause.since,
    }));
}

/** Short back-pressure is normal; permanent back-pressure means that uploads do not succeed. */
function stagingFull(
  pauses: readonly IntakePauseRecord[],
  { stagingFullMs }: AlertConfig,
  at: Date,
): Alert[] {
  return groupPauses(pauses)
    .filter(({ kind, since }) => kind === 'back_pressure' && at.getTime() - since.getTime() >= stagingFullMs)
    .map((pause) => ({
      key: `full.${pause.queue}`,
      title: 'Staging is full',
      message: `${pause.reason} It has been full for ${formatDuration(stagingFullMs / 1000)} or longer: check the uploads. On ${pause.hosts.join(', ')}.`,
      since: pause.since,
    }));
}

function openCircuits(egress: readonly EgressStatus[], at: Date): Alert[] {
  return egress
    .filter(({ state }) => state !== 'closed')
    .map(({ identity: address, reason, advice, since }) => ({
      key: `circuit.${address}`,
      title: `Downloads rest: ${address}`,
      message: `No downloads start from it (${reason ?? 'unknown'}). ${advice ?? ''}`.trim(),
      since: since ?? at,
    }));
}

/** Somebody guesses passwords, or a program has an old one. */
function manyFailedLogins(
  { count, lastAddress }: Awaited<ReturnType<FailedLogins['recent']>>,
  { failedLogins }: AlertConfig,
  at: Date,
): Alert[] {
  if (count <= failedLogins) return [];
  const last = lastAddress === undefined ? '' : `, the last from ${lastAddress}`;
  return [
    {
      key: 'logins',
      title: 'Many failed logins at the dashboard',
      message: `${String(count)} logins failed within ${String(FAILED_LOGIN_MINUTES)} minutes${last}. The log of the dashboard has their addresses (event login_failed). If they are none of yours, close the dashboard to them at the reverse proxy or firewall.`,
      since: at,
    },
  ];
}

function failedVideos(
  failed: readonly { readonly errorClass: string; readonly count: number }[],
  { failedLimit }: AlertConfig,
  at: Date,
): Alert[] {
  const total = failed.reduce((sum, { count }) => sum + count, 0);
  const [most] = failed;
  if (total <= failedLimit || most === undefined) return [];
  const advice = adviceFor(most.errorClass, 'failed');
  return [
    {
      key: 'failed',
      title: `More than ${String(failedLimit)} videos failed`,
      message: `${String(total)} videos failed, ${String(most.count)} of them with ${most.errorClass}: ${advice} \`npm run status\` lists them, \`npm run retry\` retries them.`,
      since: at,
    },
  ];
}

function mirrorLag(oldest: Date | undefined, { mirrorLagMs }: AlertConfig, at: Date): Alert[] {
  if (oldest === undefined) return [];
  const lagMs = at.getTime() - oldest.getTime();
  if (lagMs <= mirrorLagMs) return [];
  return [
    {
      key: 'mirror-lag',
      title: 'The mirror lags behind',
      message: `An object has waited ${formatDuration(lagMs / 1000)} for its copy in Azure. \`npm run status\` shows whether Azure can be reached and sync workers run.`,
      since: oldest,
    },
  ];
}

/** A source that was never collected is no problem until its first run has failed: it may be new. */
function unhealthySources({ at, sources }: CollectionHealth): Alert[] {
  const { states } = messagesOf('en').health;
  return sources
    .filter(
      ({ state, lastRunStatus }) => isUnhealthy(state) && (state !== 'never' || lastRunStatus === 'failed'),
    )
    .map(({ id, label, state, reason, lastSuccessAt }) => ({
      key: `source.${id}`,
      title: `Source ${id} is ${states[state]}`,
      message: `${label}: ${states[state]}. ${reason ?? ''} \`npm run health\` shows more.`,
      since: lastSuccessAt ?? at,
    }));
}

/** One alert in place of one for each source. */
function unreachableSources({ message, advice }: { message: string; advice: string }, at: Date): Alert {
  return { key: 'sources', title: 'No network', message: `${message} ${advice}`, since: at };
}

/** A database without any snapshot attempt may be new, and is no problem. */
function overdueSnapshot({ state, newestVerified, lastError }: SnapshotHealth, at: Date): Alert[] {
  if (state !== 'overdue') return [];
  const newest =
    newestVerified === undefined
      ? 'There is no verified snapshot.'
      : `The newest verified snapshot is from ${formatMoment(newestVerified.at)}.`;
  return [
    {
      key: 'snapshot',
      title: 'No recent snapshot of the database',
      message: `${newest} ${lastError ?? ''} \`npm run snapshot -- --list\` lists them; \`npm run snapshot\` takes one now.`,
      since: newestVerified?.at ?? at,
    },
  ];
}
