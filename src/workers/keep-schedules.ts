import type { Config } from '../config/config.ts';
import type { MaintenanceTask } from '../queues/payloads.ts';
import { createFloodGate } from '../runtime/flood-gate.ts';
import { toError } from '../domain/job-errors.ts';
import { keepCronSchedules, registerSources, type ScheduleDependencies } from './cron-schedules.ts';

/** The tasks that run at a fixed rhythm; the others follow the timetable. */
type Task = Exclude<MaintenanceTask, 'snapshot' | 'verify-snapshot' | 'digest'>;

/** Looked at every minute; a playlist's own interval decides whether it is due. */
const EXPAND_DUE_EVERY_MS = 60_000;
/** How soon somebody is told. */
const ALERTS_EVERY_MS = 60_000;
/** How soon schedules come back that Redis has lost. */
const LOOK_EVERY_MS = 60_000;
/** Also run when a worker starts: what it finds may be what the last one left. */
const AT_START: readonly Task[] = ['reconcile', 'reconcile-bucket'];

/**
 * Keeps the schedules of the maintenance queue in Redis: written at once, and again when they are gone, since all
 * repairs hang on them. Redis tells nobody that it was emptied, so it is asked.
 * @returns ends the looking; the schedules stay.
 */
export async function keepSchedules(dependencies: ScheduleDependencies): Promise<() => void> {
  const { config, logger, queues } = dependencies;
  const each = rhythmsOf(config);
  for (const [task, everyMs] of each) {
    // A new schedule runs its task at once; an old one when its time has come.
    const isNew = !(await queues.isMaintenanceScheduled(task));
    await queues.scheduleMaintenance(task, everyMs);
    if (!isNew && AT_START.includes(task)) await queues.addMaintenance(task);
  }
  await registerSources(dependencies);
  await keepCronSchedules(dependencies);
  const logFailure = createFloodGate((error: Error, suppressed) => {
    logger.warn({ err: error, suppressed }, 'The schedules of the maintenance queue cannot be looked at');
  });
  const look = async () => {
    for (const [task, everyMs] of each) {
      if (await queues.isMaintenanceScheduled(task)) continue;
      logger.warn({ task }, 'Redis has lost the schedule of a maintenance task; it is written again');
      await queues.scheduleMaintenance(task, everyMs);
    }
    await keepCronSchedules(dependencies);
  };
  let isLooking = false;
  const timer = setInterval(
    () => {
      // A look at slow servers is not overtaken by the next.
      if (isLooking) return;
      isLooking = true;
      void look()
        .catch((error: unknown) => {
          logFailure(toError(error));
        })
        .finally(() => {
          isLooking = false;
        });
    },
    Math.min(LOOK_EVERY_MS, config.reconcile.intervalMs),
  );
  return () => {
    clearInterval(timer);
  };
}

function rhythmsOf(config: Config): [Task, number][] {
  const rhythms: Readonly<Record<Task, number>> = {
    'expand-due-playlists': EXPAND_DUE_EVERY_MS,
    reconcile: config.reconcile.intervalMs,
    'reconcile-bucket': config.reconcile.bucketIntervalMs,
    alerts: ALERTS_EVERY_MS,
  };
  return Object.entries(rhythms) as [Task, number][];
}
