import process from 'node:process';
import { loadConfig } from '../../config/load.ts';
import type { QueueName } from '../../domain/queues.ts';
import { createLogger } from '../../runtime/logger.ts';
import { runWorkerProcess } from '../../workers/worker-process.ts';
import type { StopSignals } from '../command/run-command.ts';

/**
 * Works on some queues until it is told to stop.
 * @param concurrency jobs at once, in place of the configured numbers
 */
export async function work(
  queues: readonly QueueName[],
  concurrency: Partial<Record<QueueName, number>>,
  { stop, force }: StopSignals,
): Promise<void> {
  const config = loadConfig(process.env);
  await runWorkerProcess({
    config,
    logger: createLogger(config.logLevel, { process: `worker-${String(process.pid)}` }),
    queues,
    concurrency: { ...config.concurrency, ...concurrency },
    stop,
    force,
  });
}
