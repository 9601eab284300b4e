import type { Logger } from '../../src/runtime/logger.ts';
import { openEgress } from '../../src/workers/egress/egress.ts';
import type { JobWorker } from '../../src/workers/job-worker.ts';
import { PROCESSORS } from '../../src/workers/registry.ts';
import { WORKER_PARTS } from '../../src/workers/worker-parts.ts';
import type { TestWorkers } from './job-workers.ts';
import type { TestSetting } from './test-setting.ts';

/** Starts the worker of a queue with everything that it has in production, within the test's own process. */
export async function startRealWorker(
  name: 'download' | 'upload' | 'sync',
  setting: TestSetting,
  workers: TestWorkers,
  logger: Logger,
): Promise<JobWorker> {
  const { config, database, queues } = setting;
  const processor = await PROCESSORS[name]({
    ...{ config, database, queues, logger, parts: WORKER_PARTS, sources: undefined },
    egress: openEgress(config, queues, logger),
    stop: new AbortController().signal,
    ready: (_what, open) => open(),
  });
  return workers.start(name, processor);
}
