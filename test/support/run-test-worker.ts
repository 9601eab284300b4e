import type { QueueName } from '../../src/domain/queues.ts';
import process from 'node:process';
import { runService } from '../../src/cli/command/run-command.ts';
import type { Config } from '../../src/config/config.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import type { WorkerFactories } from '../../src/workers/worker-factories.ts';
import { runWorkerProcess } from '../../src/workers/worker-process.ts';

/** Runs what `npm run worker` runs, with other factories, until the process gets a signal. */
export async function runTestWorker(
  config: Config,
  queues: readonly QueueName[],
  factories: WorkerFactories,
): Promise<void> {
  await runService(async ({ stop, force }) => {
    await runWorkerProcess({
      config,
      logger: createLogger(config.logLevel, { process: `worker-${String(process.pid)}` }),
      queues,
      concurrency: config.concurrency,
      stop,
      force,
      factories,
    });
  });
}
