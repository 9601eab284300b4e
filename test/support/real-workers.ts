import type { Logger } from '../../src/runtime/logger.ts';
import { openEgress } from '../../src/egress/egress.ts';
import type { JobWorker } from '../../src/workers/job-worker.ts';
import { PROCESSORS, type ProcessorSetting } from '../../src/workers/registry.ts';
import { WORKER_PARTS, type WorkerParts } from '../../src/workers/worker-parts.ts';
import type { TestWorkers } from './job-workers.ts';
import type { TestSetting } from './test-setting.ts';

/** Starts the worker of a stage with everything that it has in production, within the test's own process. */
export async function startRealWorker(
  name: 'download' | 'upload' | 'sync',
  setting: TestSetting,
  workers: TestWorkers,
  logger: Logger,
): Promise<JobWorker> {
  return workers.start(name, await PROCESSORS[name](settingOf(setting, logger, WORKER_PARTS)));
}

/** Starts that of the maintenance queue; the parts may be ones that fail. */
export async function startMaintenanceWorker(
  setting: TestSetting,
  workers: TestWorkers,
  logger: Logger,
  parts: WorkerParts,
): Promise<JobWorker> {
  return workers.start('maintenance', await PROCESSORS.maintenance(settingOf(setting, logger, parts)));
}

function settingOf(
  { config, database, queues }: TestSetting,
  logger: Logger,
  parts: WorkerParts,
): ProcessorSetting {
  return {
    ...{ config, database, queues, logger, parts, sources: undefined },
    egress: openEgress(config, queues, logger),
    stop: new AbortController().signal,
    ready: (_what, open) => open(),
  };
}
