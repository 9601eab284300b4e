import type { Logger } from '../runtime/logger.ts';
import type { JobWorker } from './job-worker.ts';

/**
 * Ends the workers: nothing new is taken at once; jobs at work may finish within the grace time, after which (or
 * as soon as `force` is aborted) they are interrupted and go back to waiting, uncounted.
 */
export async function drainWorkers(
  workers: readonly JobWorker[],
  graceMs: number,
  force: AbortSignal,
  logger: Logger,
): Promise<void> {
  const drained = Promise.all(workers.map((worker) => worker.drain()));
  const interrupt = () => {
    logger.warn('Interrupting the jobs at work; they go back to waiting');
    for (const worker of workers) worker.interrupt();
  };
  const timer = setTimeout(interrupt, graceMs);
  force.addEventListener('abort', interrupt, { once: true });
  if (force.aborted) interrupt();
  try {
    await drained;
  } finally {
    clearTimeout(timer);
    force.removeEventListener('abort', interrupt);
  }
}
