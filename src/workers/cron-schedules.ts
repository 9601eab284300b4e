import { disabledReason, registrationOf, type ConfiguredSource } from '../collectors/configured-source.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { catchUp } from '../collectors/scheduled-run.ts';
import type { WantedCron } from '../queues/cron-schedules.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { Logger } from '../runtime/logger.ts';
import { isSnapshotMissed } from '../snapshots/slot.ts';

/** What keeps the timetable of collections and daily tasks. */
export interface ScheduleDependencies {
  readonly config: Config;
  readonly database: Database;
  readonly queues: JobQueues;
  readonly logger: Logger;
  /** What the sources file has; undefined where there is none: the schedules of others are left alone then. */
  readonly sources: readonly ConfiguredSource[] | undefined;
  readonly workerName: string;
  readonly now: () => Date;
}

/** A restored copy of the whole archive is compared; once a week, early on Sunday, when little else is due. */
const VERIFY_PATTERN = '0 5 * * 0';

/** Makes the record and the schedules equal to the sources file; to be done once, when a worker starts. */
export async function registerSources({ database, sources, now }: ScheduleDependencies): Promise<void> {
  if (sources !== undefined) await database.sources.sync(sources.map(registrationOf), now());
}

/**
 * Looks after everything that happens at times given by a cron pattern: writes what Redis lacks, and makes up once
 * for what was missed. To be repeated; several workers may do it.
 */
export async function keepCronSchedules(dependencies: ScheduleDependencies): Promise<void> {
  const { config, database, queues, logger, sources, workerName, now } = dependencies;
  const at = now();
  for (const [group, wanted] of Object.entries(wantedCrons(dependencies))) {
    const changes = await queues.cron.keep(group, wanted, at);
    for (const id of changes?.written ?? []) logger.info({ schedule: id }, 'A schedule was written');
    for (const id of changes?.removed ?? []) logger.info({ schedule: id }, 'A schedule was removed');
  }
  for (const id of await catchUp(sources ?? [], workerName, at, { database, queues })) {
    logger.info({ source: id }, 'A source is caught up on: its last slot came to nothing');
  }
  if (await isSnapshotMissed(database.snapshots, config.snapshots.schedule, at)) {
    logger.info('The last snapshot that was due was not made; it is made now');
    await queues.addMaintenance('snapshot');
  }
}

function wantedCrons({
  config,
  sources,
}: ScheduleDependencies): Readonly<Record<string, readonly WantedCron[]>> {
  const { snapshots, digest } = config;
  const cron: WantedCron[] = [
    { id: 'cron.snapshot', payload: { task: 'snapshot' }, schedule: snapshots.schedule },
    {
      id: 'cron.verify-snapshot',
      payload: { task: 'verify-snapshot' },
      schedule: { pattern: VERIFY_PATTERN, timeZone: snapshots.schedule.timeZone },
    },
    { id: 'cron.digest', payload: { task: 'digest' }, schedule: digest.schedule },
  ];
  if (sources === undefined) return { cron };
  const collect = sources
    .filter((source) => disabledReason(source) === undefined)
    .map(({ id, schedule }): WantedCron => ({
      id: `collect.${id}`,
      payload: { task: 'collect-tick', sourceId: id },
      schedule,
    }));
  return { cron, collect };
}
