import { setTimeout as delay } from 'node:timers/promises';
import { TransientError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { JobWorker } from './job-worker.ts';

/** Interrupted jobs end their programs (3 s from SIGTERM to SIGKILL) and put themselves back. */
const INTERRUPT_TIMEOUT_MS = 10_000;

/**
 * Ends the workers: they take no more jobs at once; jobs at work may finish within the grace time, after which (or as
 * soon as `force` is aborted) they are interrupted and go back to waiting, uncounted.
 * @throws TransientError when they do not end even then; they start again elsewhere once their locks have run out.
 */
export async function drainWorkers(
  workers: readonly JobWorker[],
  graceMs: number,
  force: AbortSignal,
  logger: Logger,
): Promise<void> {
  const drained = Promise.all(workers.map((worker) => worker.drain()));
  const ended = new AbortController();
  const interrupt = async (): Promise<void> => {
    const signal = AbortSignal.any([force, ended.signal]);
    await delay(graceMs, undefined, { signal }).catch(() => undefined);
    if (ended.signal.aborted) return;
    logger.warn('Interrupting the jobs at work; they go back to waiting');
    for (const worker of workers) worker.interrupt();
    await delay(INTERRUPT_TIMEOUT_MS, undefined, { signal: ended.signal });
    throw new TransientError('timeout', 'Interrupted jobs did not end in time.');
  };
  try {
    await Promise.race([drained, interrupt()]);
  } finally {
    ended.abort();
  }
}
