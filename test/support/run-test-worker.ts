import process from 'node:process';
import { runService } from '../../src/cli/run-command.ts';
import type { Config } from '../../src/config/config.ts';
import type { QueueName } from '../../src/queues/catalogue.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import type { WorkerFactories } from '../../src/workers/worker-factories.ts';
import { runWorkerProcess } from '../../src/workers/worker-process.ts';

/** Runs what `npm run worker` runs, with other parts, until the process is told to stop. */
export async function runTestWorker(
  config: Config,
  queues: readonly QueueName[],
  parts: WorkerFactories,
): Promise<void> {
  await runService(async ({ stop, force }) => {
    await runWorkerProcess({
      config,
      logger: createLogger(config.logLevel, { process: `worker-${String(process.pid)}` }),
      queues,
      concurrency: config.concurrency,
      stop,
      force,
      parts,
    });
  });
}
