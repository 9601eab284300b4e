import type { AlertConfig, Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { IntakePauseRecord } from '../queues/intake-pauses.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { readRedisHealth } from '../queues/redis-health.ts';
import { collectEgress, type EgressStatus } from '../egress/egress-status.ts';
import { isUnhealthy } from '../reports/collection/health.ts';
import { readHealth, type CollectionHealth } from '../reports/collection/read-health.ts';
import { formatMoment, healthText } from '../reports/collection/report-words.ts';
import { groupPauses } from '../reports/pause-groups.ts';
import { readSnapshotHealth, type SnapshotHealth } from '../snapshots/snapshot-health.ts';
import { formatDuration } from '../text/units.ts';
import { ERROR_CLASSES, isErrorClass } from '../domain/error-classes.ts';
import type { Alert } from './alert.ts';
import { egressLedgerOf } from '../egress/egress-ledger.ts';

/** Where the state of everything is read. */
export interface AlertDependencies {
  readonly config: Pick<Config, 'alerts' | 'azure'>;
  readonly database: Database;
  readonly queues: JobQueues;
}

/** Everything that a person should know of at this moment. */
export async function currentAlerts(
  { config, database, queues }: AlertDependencies,
  at: Date,
): Promise<Alert[]> {
  const [pauses, egress, failed, oldestUnmirrored, redis, health, snapshots] = await Promise.all([
    queues.pauses.list(),
    collectEgress(egressLedgerOf(queues), at),
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
    ...deadLetters(failed, config.alerts, at),
    ...mirrorLag(oldestUnmirrored, config.alerts, at),
    ...troubledSources(health),
    ...overdueSnapshot(snapshots, at),
    ...redis.warnings
      .filter(({ setting }) => setting === 'maxmemory')
      .map(({ message, advice }) => ({
        key: 'redis.maxmemory',
        title: 'Redis runs out of memory',
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

/** Holding back for moments is how things should be; without a break it means that uploads do not get through. */
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
      message: `${pause.reason} Nothing has left it for ${formatDuration(stagingFullMs / 1000)} or longer: look whether uploads get through. On ${pause.hosts.join(', ')}.`,
      since: pause.since,
    }));
}

function openCircuits(egress: readonly EgressStatus[], at: Date): Alert[] {
  return egress
    .filter(({ state }) => state !== 'closed')
    .map(({ address: identity, reason, advice, since }) => ({
      key: `circuit.${identity}`,
      title: `Downloads rest: ${identity}`,
      message: `The site limits this way out (${reason ?? 'unknown'}). ${advice ?? ''}`.trim(),
      since: since ?? at,
    }));
}

function deadLetters(
  failed: readonly { readonly errorClass: string; readonly count: number }[],
  { failedLimit }: AlertConfig,
  at: Date,
): Alert[] {
  const total = failed.reduce((sum, { count }) => sum + count, 0);
  const [most] = failed;
  if (total <= failedLimit || most === undefined) return [];
  const { advice } = ERROR_CLASSES[isErrorClass(most.errorClass) ? most.errorClass : 'unknown'];
  return [
    {
      key: 'failed',
      title: `More than ${String(failedLimit)} videos failed`,
      message: `${String(total)} videos failed, ${String(most.count)} of them with ${most.errorClass}: ${advice} \`npm run status\` lists them, \`npm run retry\` tries them again.`,
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
      message: `An object has waited for its mirror for ${formatDuration(lagMs / 1000)}. \`npm run status\` tells whether Azure can be reached and sync workers run.`,
      since: oldest,
    },
  ];
}

/** A source that was never collected is no news before its first run has failed: it may have been added just now. */
function troubledSources({ at, sources }: CollectionHealth): Alert[] {
  return sources
    .filter(
      ({ state, lastRunStatus }) => isUnhealthy(state) && (state !== 'never' || lastRunStatus === 'failed'),
    )
    .map(({ id, label, state, reason, lastSuccessAt }) => ({
      key: `source.${id}`,
      title: `Source ${id} is ${healthText(state)}`,
      message: `${label}: ${healthText(state)}. ${reason ?? ''} \`npm run health\` tells more.`,
      since: lastSuccessAt ?? at,
    }));
}

/** A database that nobody has ever tried to save is too young for that. */
function overdueSnapshot({ state, newestVerified, lastError }: SnapshotHealth, at: Date): Alert[] {
  if (state !== 'overdue') return [];
  const newest =
    newestVerified === undefined
      ? 'There is no verified one.'
      : `The newest verified one is of ${formatMoment(newestVerified.at)}.`;
  return [
    {
      key: 'snapshot',
      title: 'No fresh snapshot of the database',
      message: `${newest} ${lastError ?? ''} \`npm run snapshot -- --list\` shows them; \`npm run snapshot\` makes one now.`,
      since: newestVerified?.at ?? at,
    },
  ];
}
