import { groupPauses } from '../reports/status.ts';
import type { AlertConfig } from '../config/config.ts';
import type { IntakePauseRecord } from '../queues/intake-pauses.ts';
import { FAILED_LOGIN_MINUTES, type FailedLogins } from '../queues/failed-logins.ts';
import type { readRedisHealth } from '../queues/redis-health.ts';
import type { EgressStatus } from '../egress/egress-status.ts';
import { isUnhealthy } from '../reports/collection/health.ts';
import type { CollectionHealth } from '../reports/collection/read-health.ts';
import type { SnapshotHealth } from '../snapshots/snapshot-health.ts';
import { messagesOf } from '../text/messages/messages-of.ts';
import { formatDuration, formatMoment } from '../text/units.ts';
import { adviceFor } from '../domain/error-classes.ts';
import type { Alert } from './alert.ts';

/** Redis is nearly out of memory. */
export function fullRedis({ warnings }: Awaited<ReturnType<typeof readRedisHealth>>, at: Date): Alert[] {
  return warnings
    .filter(({ setting }) => setting === 'maxmemory')
    .map(({ message, advice }) => ({
      key: 'redis.maxmemory',
      title: 'Redis is running out of memory',
      message: `${message} ${advice}`,
      since: at,
    }));
}

/** Queues whose workers a person must help; one alert for all workers of a queue. */
export function pausedStages(pauses: readonly IntakePauseRecord[]): Alert[] {
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
export function stagingFull(
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

/** Egress addresses that rest. */
export function openCircuits(egress: readonly EgressStatus[], at: Date): Alert[] {
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
export function manyFailedLogins(
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

/** More videos failed than the limit. */
export function failedVideos(
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

/** @param oldest when the object that has waited longest was stored */
export function mirrorLag(oldest: Date | undefined, { mirrorLagMs }: AlertConfig, at: Date): Alert[] {
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
export function unhealthySources({ at, sources }: CollectionHealth): Alert[] {
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
export function unreachableSources(
  { message, advice }: { message: string; advice: string },
  at: Date,
): Alert {
  return { key: 'sources', title: 'No network', message: `${message} ${advice}`, since: at };
}

/** A database without any snapshot attempt may be new, and is no problem. */
export function overdueSnapshot({ state, newestVerified, lastError }: SnapshotHealth, at: Date): Alert[] {
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
