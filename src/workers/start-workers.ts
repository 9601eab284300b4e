import type { QueueName } from '../domain/queues.ts';
import { hostname } from 'node:os';
import { OperatorError, toJobError } from '../domain/job-errors.ts';
import { waitForServer } from '../runtime/retry.ts';
import { createJobWorker, type JobWorker, type JobWorkerDependencies } from './job-worker.ts';
import { PauseNotice } from './pauses.ts';
import type { ProcessorDependencies } from './queues/processor-dependencies.ts';
import { PROCESSORS } from './registry.ts';

/** Shared by the processors and workers of one process. */
export type WorkerDependencies = Omit<ProcessorDependencies, 'ready'> & JobWorkerDependencies;

interface StartOptions {
  readonly queues: readonly QueueName[];
  readonly concurrency: Readonly<Record<QueueName, number>>;
}

/**
 * Starts the worker of each queue as soon as what it needs is available: a missing yt-dlp delays the downloads and not
 * the uploads. What a queue waits for is shown as its pause.
 * @returns the workers, which more join until each queue has one; `failed` rejects when one cannot be made at all, and
 *   never resolves.
 */
export function startWorkers(
  { queues, concurrency }: StartOptions,
  dependencies: WorkerDependencies,
  checks: Record<string, () => Promise<void>>,
) {
  const { logger, stop } = dependencies;
  const workers: JobWorker[] = [];
  const openings = queues.map(async (name) => {
    checks[`intake of ${name}`] = () => Promise.reject(new Error('It waits for what it needs to start.'));
    const worker = await createWorkerOf(name, concurrency, dependencies);
    // No job was taken yet, so none has to be drained.
    if (stop.aborted) return;
    workers.push(worker);
    worker.start();
    checks[`intake of ${name}`] = () => intakeCheck(worker);
    logger.info({ queue: name, concurrency: concurrency[name] }, 'Working');
  });
  const failed = new Promise<never>((_resolve, reject) => {
    Promise.all(openings).catch((error: unknown) => {
      if (!stop.aborted) reject(toJobError(error));
    });
  });
  // The caller may not listen yet, or no longer.
  failed.catch(() => undefined);
  return { workers, failed };
}

async function createWorkerOf<N extends QueueName>(
  name: N,
  concurrency: Readonly<Record<N, number>>,
  dependencies: WorkerDependencies,
): Promise<JobWorker> {
  const processor = await PROCESSORS[name]({ ...dependencies, ready: readinessOf(name, dependencies) });
  return createJobWorker(name, processor, concurrency[name], dependencies);
}

/** Waits for what a queue needs, and shows as a pause that it waits and why. */
function readinessOf(name: QueueName, dependencies: WorkerDependencies): ProcessorDependencies['ready'] {
  const { logger, queues, stop, workerName } = dependencies;
  const notice = new PauseNotice(queues.pauses, { queue: name, worker: workerName, host: hostname() });
  const since = new Date();
  return async (what, open) => {
    try {
      return await waitForServer(what, open, logger, stop, (thrown) => {
        const { errorClass, message, advice } = toJobError(thrown);
        notice.show({ kind: 'fault', errorClass, reason: `Waiting for ${what}: ${message}`, advice, since });
      });
    } finally {
      await notice.remove();
    }
  };
}

function intakeCheck(worker: JobWorker): Promise<void> {
  const { pause } = worker;
  // Back-pressure is normal: there is nothing to repair.
  if (pause?.kind !== 'fault') return Promise.resolve();
  return Promise.reject(new OperatorError('local_configuration', `Paused: ${pause.reason} ${pause.advice}`));
}
