import type { AlertConfig, Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { IntakePauseRecord } from '../queues/intake-pauses.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { readRedisHealth } from '../queues/redis-health.ts';
import { readEgressStatus, type EgressStatus } from '../egress/egress-status.ts';
import { HEALTH_LABELS, isUnhealthy } from '../reports/collection/health.ts';
import { readHealth, type CollectionHealth } from '../reports/collection/read-health.ts';
import { groupPauses } from '../reports/pause-groups.ts';
import { readSnapshotHealth, type SnapshotHealth } from '../snapshots/snapshot-health.ts';
import { formatDuration, formatMoment } from '../text/units.ts';
import { adviceFor } from '../domain/error-classes.ts';
import type { Alert } from './alert.ts';
import { egressLedgerOf } from '../egress/egress-ledger.ts';

export interface AlertDependencies {
  readonly config: Pick<Config, 'alerts' | 'azure'>;
  readonly database: Database;
  readonly queues: JobQueues;
}

/** All alerts at this moment. */
export async function currentAlerts(
  { config, database, queues }: AlertDependencies,
  at: Date,
): Promise<Alert[]> {
  const [pauses, egress, failed, oldestUnmirrored, redis, health, snapshots] = await Promise.all([
    queues.pauses.list(),
    readEgressStatus(egressLedgerOf(queues), at),
    database.overview.countFailedByClass(),
    config.azure === undefined ? undefined : database.overview.oldestUnmirrored(),
    readRedisHealth(queues.redis),
    readHealth({ database, configured: undefined }, at),
    readSnapshotHealth(database.snapshots, at),
  ]);
  return [
    ...pausedStages(pauses),
    ...stagingFull(pauses, config.alerts, at),
    ...openCircuits(egress, at),
    ...failedVideos(failed, config.alerts, at),
    ...mirrorLag(oldestUnmirrored, config.alerts, at),
    ...unhealthySources(health),
    ...overdueSnapshot(snapshots, at),
    ...redis.warnings
      .filter(({ setting }) => setting === 'maxmemory')
      .map(({ message, advice }) => ({
        key: 'redis.maxmemory',
        title: 'Redis is running out of memory',
        message: `${message} ${advice}`,
        since: at,
      })),
  ];
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
      message: `The site limits this egress address (${reason ?? 'unknown'}). ${advice ?? ''}`.trim(),
      since: since ?? at,
    }));
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
  return sources
    .filter(
      ({ state, lastRunStatus }) => isUnhealthy(state) && (state !== 'never' || lastRunStatus === 'failed'),
    )
    .map(({ id, label, state, reason, lastSuccessAt }) => ({
      key: `source.${id}`,
      title: `Source ${id} is ${HEALTH_LABELS[state]}`,
      message: `${label}: ${HEALTH_LABELS[state]}. ${reason ?? ''} \`npm run health\` shows more.`,
      since: lastSuccessAt ?? at,
    }));
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
