import { fillWindow } from '../../backlog/fill-window.ts';
import { expandDuePlaylists } from '../../producers/schedule.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { MaintenanceTask } from '../../queues/payloads.ts';
import { createAlertTask } from '../processors/alert-task.ts';
import { createMirrorSweepTask } from '../processors/mirror-sweep-task.ts';
import { createDigestTask } from '../processors/digest-task.ts';
import type { JobContext, Processor } from '../processor.ts';
import { createCollectTick } from '../processors/collect-tick.ts';
import { createPeaksTask } from '../processors/peaks-task.ts';
import { createReconcileTask } from '../processors/reconcile-task.ts';
import { createSnapshotTask, createVerifySnapshotTask } from '../processors/snapshot-tasks.ts';
import type { ProcessorDependencies } from './processor-dependencies.ts';

/** Repairs, reports and keeps snapshots. */
export function createMaintenanceQueue({
  config,
  database,
  queues,
  factories,
  sources,
}: ProcessorDependencies): Processor<'maintenance'> {
  const store = factories.openBucket(config.minio, config.storage);
  const dependencies = {
    config,
    database,
    queues,
    staging: factories.openStaging(config.staging, () => store),
    store,
    mirror: config.azure && factories.openMirror(config.azure, config.storage),
  };
  const requestScheduledRun = createCollectTick(sources ?? [], { database, queues });
  const tasks: Readonly<Record<MaintenanceTask, (context: JobContext) => Promise<JobResult>>> = {
    'expand-due-playlists': async () => ({
      playlists: await expandDuePlaylists({ database, queues }, new Date()),
    }),
    reconcile: createReconcileTask(dependencies, ['queues', 'staging', 'videos', 'runs', 'totals']),
    'reconcile-bucket': createReconcileTask(dependencies, ['queues', 'bucket', 'videos', 'totals']),
    alerts: createAlertTask(dependencies),
    snapshot: createSnapshotTask(dependencies),
    'verify-snapshot': createVerifySnapshotTask(dependencies),
    digest: createDigestTask(dependencies),
    'mirror-sweep': createMirrorSweepTask({
      ...dependencies,
      openBucket: (bucket) => factories.openBucket({ ...config.minio, bucket }, config.storage),
    }),
    peaks: createPeaksTask(dependencies),
    'fill-downloads': async () => ({ added: await fillWindow(dependencies) }),
  };
  return {
    process: (payload, context) =>
      payload.task === 'collect-tick'
        ? requestScheduledRun(payload.sourceId, context)
        : tasks[payload.task](context),
  };
}
