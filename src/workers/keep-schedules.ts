import { createHash } from 'node:crypto';
import { disabledReason, registrationOf, type ConfiguredSource } from '../collectors/configured-source.ts';
import { catchUp } from '../collectors/scheduling/scheduled-run.ts';
import type { Config } from '../config/config.ts';
import { toError } from '../domain/job-errors.ts';
import type { MaintenanceTask } from '../queues/payloads.ts';
import type { WantedSchedule } from '../queues/schedules.ts';
import { createRateLimitedLog } from '../runtime/rate-limited-log.ts';
import { repeat } from '../runtime/repeat.ts';
import { isSnapshotMissed } from '../snapshots/snapshot-slot.ts';
import type { WorkerDependencies } from './start-workers.ts';

/** Without a sources file, the schedules of sources are left as they are. */
export interface ScheduleDependencies extends Pick<
  WorkerDependencies,
  'config' | 'database' | 'queues' | 'logger' | 'sources' | 'workerName'
> {
  readonly now: () => Date;
}

/** A playlist's own interval decides whether it is due; this is how often that is checked. */
const EXPAND_DUE_EVERY_MS = 60_000;
/** How soon an alert is sent. */
const ALERTS_EVERY_MS = 60_000;
/** How often older audio gets peaks: 200 to 400 of a usual length in each run, of a minute. */
const PEAKS_EVERY_MS = 10 * 60_000;
/** Workers fill the window as they take jobs, and producers when they add videos; this is for what they missed. */
const FILL_DOWNLOADS_EVERY_MS = 60_000;
/** How soon schedules come back that Redis has lost. */
const CHECK_EVERY_MS = 60_000;
/** Also run when a worker starts: the last one may have left something to repair. */
const AT_START: readonly MaintenanceTask[] = ['reconcile', 'reconcile-bucket'];
/** A restored copy of the whole archive is compared; once a week, early on Sunday, when little else is due. */
const VERIFY_PATTERN = '0 5 * * 0';

/**
 * Keeps the schedules of the maintenance queue in Redis: written at once, and again when they are gone, since all
 * repairs depend on them. Redis sends no notification when it was emptied, so it is checked.
 * @returns ends the checks; the schedules stay.
 */
export async function keepSchedules(dependencies: ScheduleDependencies): Promise<() => Promise<void>> {
  const { config, database, logger, now, queues, sources } = dependencies;
  const intervals = intervalSchedules(config);
  const written = (await queues.schedules.keep(intervals, now()))?.written ?? [];
  // A new schedule runs its task at once; an old one only when its time has come.
  for (const task of AT_START) if (!written.includes(task)) await queues.add('maintenance', { task });
  if (sources !== undefined) await database.sources.sync(sources.map(registrationOf), now());
  await keepCronSchedules(dependencies);

  const logFailure = createRateLimitedLog((error: Error, suppressed) => {
    logger.warn({ err: error, suppressed }, 'The schedules of the maintenance queue cannot be checked');
  });
  const check = async () => {
    for (const task of (await queues.schedules.keep(intervals, now()))?.written ?? []) {
      logger.warn({ task }, 'Redis has lost the schedule of a maintenance task; it was written again');
    }
    await keepCronSchedules(dependencies);
  };
  return repeat(check, Math.min(CHECK_EVERY_MS, config.reconcile.intervalMs), (error) => {
    logFailure(toError(error));
  });
}

/** Writes the cron schedules that Redis lacks, and starts once what was missed. Several workers may do it at a time. */
export async function keepCronSchedules(dependencies: ScheduleDependencies): Promise<void> {
  const { config, database, queues, logger, sources, workerName, now } = dependencies;
  const at = now();
  for (const [group, wanted] of Object.entries(cronSchedules(config, sources))) {
    const changes = await queues.schedules.keep(wanted, at, group);
    for (const id of changes?.written ?? []) logger.info({ schedule: id }, 'A schedule was written');
    for (const id of changes?.removed ?? []) logger.info({ schedule: id }, 'A schedule was removed');
  }
  for (const id of await catchUp(sources ?? [], workerName, at, { database, queues })) {
    logger.info({ source: id }, 'A source missed its last slot; its run was added');
  }
  if (await isSnapshotMissed(database.snapshots, config.snapshots.schedule, at)) {
    logger.info('The last snapshot that was due was not made; it is made now');
    await queues.add('maintenance', { task: 'snapshot' });
  }
}

/** Of the interval between sweeps: up to this share is added, another one for each installation. */
const SWEEP_JITTER = 1 / 60;

function intervalSchedules({ azure, mirror, reconcile, redis }: Config): WantedSchedule[] {
  const every = (task: MaintenanceTask, everyMs: number): WantedSchedule => ({
    id: task,
    payload: { task },
    repeat: { everyMs },
  });
  return [
    every('expand-due-playlists', EXPAND_DUE_EVERY_MS),
    every('reconcile', reconcile.intervalMs),
    every('reconcile-bucket', reconcile.bucketIntervalMs),
    every('alerts', ALERTS_EVERY_MS),
    ...(azure === undefined || mirror.sweepIntervalMs === 0
      ? []
      : [every('mirror-sweep', jittered(mirror.sweepIntervalMs, [redis.prefix, ...mirror.pairs]))]),
    every('peaks', PEAKS_EVERY_MS),
    every('fill-downloads', FILL_DOWNLOADS_EVERY_MS),
  ];
}

/**
 * Installations that share an account and were started together do not list it at the same moment for ever. All workers of one
 * installation find the same value.
 */
function jittered(intervalMs: number, installation: readonly unknown[]): number {
  const hash = createHash('sha256').update(JSON.stringify(installation)).digest();
  const share = hash.readUInt32BE(0) / 2 ** 32;
  return Math.round(intervalMs * (1 + share * SWEEP_JITTER));
}

/** By the group of their ids. */
function cronSchedules(
  { snapshots, digest }: Config,
  sources: readonly ConfiguredSource[] | undefined,
): Readonly<Record<string, readonly WantedSchedule[]>> {
  const verify = { pattern: VERIFY_PATTERN, timeZone: snapshots.schedule.timeZone };
  const cron: WantedSchedule[] = [
    { id: 'cron.snapshot', payload: { task: 'snapshot' }, repeat: snapshots.schedule },
    { id: 'cron.verify-snapshot', payload: { task: 'verify-snapshot' }, repeat: verify },
    { id: 'cron.digest', payload: { task: 'digest' }, repeat: digest.schedule },
  ];
  if (sources === undefined) return { cron };
  const collect = sources
    .filter((source) => disabledReason(source) === undefined)
    .map(({ id, schedule }): WantedSchedule => ({
      id: `collect.${id}`,
      payload: { task: 'collect-tick', sourceId: id },
      repeat: schedule,
    }));
  return { cron, collect };
}
