import { hostname } from 'node:os';
import { Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import { attemptDelayMs } from '../queues/backoff.ts';
import { QUEUES, type QueueName } from '../queues/catalogue.ts';
import { checkPayload, type JobQueues } from '../queues/job-queues.ts';
import { isRedisFull, redisFailure } from '../queues/redis-failure.ts';
import {
  InterruptedError,
  OperatorError,
  toError,
  toJobError,
  TransientError,
} from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { createFloodGate } from '../runtime/flood-gate.ts';
import type { Egress } from '../egress/egress.ts';
import { Intake } from './intake.ts';
import { PauseNotice, type IntakePause } from './pauses.ts';
import type { JobContext, Processor } from './processor.ts';
import { createProgressReporter } from './progress-reporter.ts';
import { createFinishFailedJob } from './finish-failed-job.ts';
import type { SuspectIsolation } from './suspect-isolation.ts';

/** Everything that the workers of one process share. */
export interface JobWorkerDependencies {
  readonly config: Config;
  readonly connection: Redis;
  readonly queues: JobQueues;
  readonly egress: Egress;
  readonly isolation: SuspectIsolation;
  readonly logger: Logger;
  /** Names this process. */
  readonly workerName: string;
}

/** A running worker of one queue. */
export interface JobWorker {
  readonly queue: QueueName;
  readonly pause: IntakePause | undefined;
  readonly isRunning: boolean;
  start(): void;
  /** Takes no more jobs and resolves when those at work have ended. */
  drain(): Promise<void>;
  /** Ends the jobs at work; they go back to waiting, uncounted. */
  interrupt(): void;
}

const METRICS_DATA_POINTS = 60 * 24;

/** The one adapter around BullMQ's Worker: payload checked, outcomes translated, progress throttled, one log line a job. */
export function createJobWorker<N extends QueueName>(
  name: N,
  processor: Processor<N>,
  concurrency: number,
  dependencies: JobWorkerDependencies,
): JobWorker {
  const logger = dependencies.logger.child({ queue: name });
  const { config } = dependencies;
  const { maxStalledCount } = QUEUES[name];
  // A fetch under way when the worker is closed may still bring a job, which BullMQ's cancelling did not reach.
  let isInterrupted = false;

  // BullMQ makes the abort signal only for a function with three declared parameters.
  const run = async (job: Job, token?: string, signal?: AbortSignal): Promise<unknown> => {
    const startedAt = performance.now();
    const context = contextOf(job, signal ?? new AbortController().signal);
    const end = intake.begin();
    let hasSucceeded = false;
    let leave: (() => void) | undefined;
    try {
      if (isInterrupted) throw new InterruptedError();
      // A fetch under way when the intake was closed brings a job all the same.
      if (intake.isClosed) throw new InterruptedError('The intake is closed.');
      await dependencies.queues.clock.check();
      if (job.stalledCounter > maxStalledCount) await giveUp(job, context);
      leave = await dependencies.isolation.enter(job.stalledCounter === maxStalledCount, context.signal);
      const result = await processor.process(checkPayload(name, job.data), context);
      hasSucceeded = true;
      context.logger.info(
        { durationMs: Math.round(performance.now() - startedAt), ...result },
        `${name} done`,
      );
      return result;
    } catch (thrown) {
      const error = toJobError(thrown, signal);
      throw await settle(job, token, error, context, Math.round(performance.now() - startedAt));
    } finally {
      leave?.();
      end(hasSucceeded);
    }
  };

  const options = {
    connection: dependencies.connection,
    prefix: config.redis.prefix,
    name: dependencies.workerName,
    autorun: false,
    lockDuration: config.worker.lockMs,
    stalledInterval: config.worker.lockMs,
    // How often is often enough is judged in `run`: BullMQ would fail the job before anything can be written down.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  };
  const worker = new Worker(name, run, {
    ...options,
    concurrency,
    metrics: { maxDataPoints: METRICS_DATA_POINTS },
    settings: {
      backoffStrategy: (attemptsMade) => attemptDelayMs(attemptsMade, config.retry.attemptDelayMs),
    },
  });
  const intake = new Intake(worker, {
    logger,
    notice: new PauseNotice(dependencies.queues.pauses, {
      queue: name,
      worker: dependencies.workerName,
      host: hostname(),
    }),
    probeMs: config.worker.probeMs,
    probe: async (probeSignal) => {
      await dependencies.queues.checkWrites();
      await dependencies.queues.clock.check({ anew: true });
      await processor.probe?.(probeSignal);
    },
    watchLostJobs: () => {
      // Without a function it takes no jobs.
      const watch = new Worker(name, undefined, options);
      watch.on('stalled', onLost);
      // That Redis is full closed the intake, which says so.
      watch.on('error', (error) => {
        if (!isRedisFull(error)) logError(error);
      });
      void watch.startStalledCheckTimer();
      return watch;
    },
  });
  const settle = createFinishFailedJob({
    name,
    intake,
    egress: dependencies.egress,
    clock: dependencies.queues.clock,
  });
  const logError = createFloodGate((error: Error, suppressed) => {
    logger.error({ err: error, suppressed }, 'The queue reports an error');
  });
  worker.on('error', (error) => {
    const failure = isRedisFull(error) ? redisFailure('take a job', error) : undefined;
    // BullMQ asks a full Redis for the next job without a pause, thousands of times a second.
    if (failure instanceof OperatorError) void intake.close(failure);
    else logError(error);
  });
  worker.on('stalled', onLost);

  function contextOf(job: Job, signal: AbortSignal): JobContext {
    const attempt = job.attemptsMade + 1;
    return {
      signal,
      attempt,
      isLastAttempt: attempt >= (job.opts.attempts ?? 1),
      ...(job.opts.prevMillis === undefined ? {} : { scheduledFor: new Date(job.opts.prevMillis) }),
      worker: dependencies.workerName,
      logger: logger.child({ jobId: job.id, attempt, of: job.opts.attempts ?? 1 }),
      reportProgress: createProgressReporter((progress) => job.updateProgress(progress)),
    };
  }

  function onLost(jobId: string): void {
    logger.warn({ jobId }, 'A job lost its worker and is started again');
    void dependencies.queues.lost.count(name);
    if (processor.lost !== undefined) void recordLost(jobId);
  }

  async function recordLost(jobId: string): Promise<void> {
    try {
      const job: Job | undefined = await dependencies.queues.queue(name).getJob(jobId);
      if (job === undefined) return;
      const forMs = Date.now() - (job.processedOn ?? 0);
      // Taken a moment ago, it was taken by the next worker.
      const lostBy =
        job.processedBy === undefined || forMs < config.worker.lockMs
          ? undefined
          : { worker: job.processedBy, forMs };
      await processor.lost?.(checkPayload(name, job.data), { attempt: job.attemptsMade + 1, lostBy });
    } catch (error) {
      logger.warn({ jobId, err: toError(error) }, 'The loss of a job could not be recorded');
    }
  }

  /**
   * Ends a job that lost one worker after the other: it may be what kills them. What that means is written down
   * before the job fails, so that a crash here leads to another look and not to a lost video.
   */
  async function giveUp(job: Job, context: JobContext): Promise<never> {
    const error = new TransientError(
      'worker_lost',
      `The worker died ${String(job.stalledCounter)} times while it held this job.`,
    );
    await processor.abandon?.(checkPayload(name, job.data), error, context);
    throw error;
  }

  return {
    queue: name,
    get pause() {
      return intake.pause;
    },
    get isRunning() {
      return worker.isRunning();
    },
    start: () => {
      worker.run().catch((error: unknown) => {
        logError(toJobError(error));
      });
    },
    drain: async () => {
      await Promise.all([intake.stop(), worker.close()]);
    },
    interrupt: () => {
      isInterrupted = true;
      worker.cancelAllJobs(new InterruptedError().message);
    },
  };
}
