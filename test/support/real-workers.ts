import type { Logger } from '../../src/runtime/logger.ts';
import { openEgress } from '../../src/egress/egress.ts';
import type { JobWorker } from '../../src/workers/job-worker.ts';
import type { ProcessorDependencies } from '../../src/workers/queues/processor-dependencies.ts';
import { PROCESSORS } from '../../src/workers/registry.ts';
import type { WorkerFactories } from '../../src/workers/worker-factories.ts';
import { WORKER_FACTORIES } from './worker-factories.ts';
import type { TestWorkers } from './job-workers.ts';
import type { TestEnvironment } from './test-environment.ts';

/** Starts the worker of a stage with everything that it has in production, within the test's own process. */
export async function startRealWorker(
  name: 'download' | 'upload' | 'sync',
  environment: TestEnvironment,
  workers: TestWorkers,
  logger: Logger,
): Promise<JobWorker> {
  return workers.start(name, await PROCESSORS[name](dependenciesOf(environment, logger, WORKER_FACTORIES)));
}

/** Starts that of the maintenance queue; the parts may be ones that fail. */
export async function startMaintenanceWorker(
  environment: TestEnvironment,
  workers: TestWorkers,
  logger: Logger,
  parts: WorkerFactories,
): Promise<JobWorker> {
  return workers.start(
    'maintenance',
    await PROCESSORS.maintenance(dependenciesOf(environment, logger, parts)),
  );
}

function dependenciesOf(
  { config, database, queues }: TestEnvironment,
  logger: Logger,
  parts: WorkerFactories,
): ProcessorDependencies {
  return {
    ...{ config, database, queues, logger, factories: parts, sources: undefined },
    egress: openEgress(config, queues, logger),
    stop: new AbortController().signal,
    ready: (_what, open) => open(),
  };
}
