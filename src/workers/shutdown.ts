import { setTimeout as delay } from 'node:timers/promises';
import { TransientError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { JobWorker } from './job-worker.ts';

/** Interrupted jobs end their programs (3 s from SIGTERM to SIGKILL) and put themselves back. */
const UNWIND_MS = 10_000;

/**
 * Ends the workers: nothing new is taken at once; jobs at work may finish within the grace time, after which (or
 * as soon as `force` is aborted) they are interrupted and go back to waiting, uncounted.
 * @throws TransientError when they do not end even then; they start again elsewhere once their locks have run out.
 */
export async function drainWorkers(
  workers: readonly JobWorker[],
  graceMs: number,
  force: AbortSignal,
  logger: Logger,
): Promise<void> {
  const drained = Promise.all(workers.map((worker) => worker.drain()));
  const stuck = Promise.withResolvers<never>();
  const unwound = new AbortController();
  const interrupt = () => {
    logger.warn('Interrupting the jobs at work; they go back to waiting');
    for (const worker of workers) worker.interrupt();
    delay(UNWIND_MS, undefined, { signal: unwound.signal }).then(
      () => {
        stuck.reject(new TransientError('timeout', 'Jobs at work did not end when they were interrupted.'));
      },
      () => undefined,
    );
  };
  const timer = setTimeout(interrupt, graceMs);
  force.addEventListener('abort', interrupt, { once: true });
  if (force.aborted) interrupt();
  try {
    await Promise.race([drained, stuck.promise]);
  } finally {
    clearTimeout(timer);
    unwound.abort();
    force.removeEventListener('abort', interrupt);
  }
}
