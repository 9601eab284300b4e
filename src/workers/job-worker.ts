import { hostname } from 'node:os';
import { Worker, type Job } from 'bullmq';
import type { Config } from '../config/config.ts';
import {
  InterruptedError,
  OperatorError,
  toError,
  toJobError,
  type AnyJobError,
} from '../domain/job-errors.ts';
import type { QueueName } from '../domain/queues.ts';
import type { Egress } from '../egress/egress.ts';
import { attemptDelayMs } from '../queues/backoff.ts';
import { itemOf, parsePayload, QUEUES, type JobResult } from '../queues/catalogue.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { isRedisFull, redisFailure } from '../queues/redis-failure.ts';
import { startDeadline } from '../runtime/deadline.ts';
import { createRateLimitedLog } from '../runtime/rate-limited-log.ts';
import type { Logger } from '../runtime/logger.ts';
import { createAttribution, type AttributedFailure } from './attribute-failure.ts';
import { createFinishFailedJob } from './finish-failed-job.ts';
import { GatheringWorker } from './gathering-worker.ts';
import { Intake } from './intake.ts';
import { createLostJobHandler } from './lost-job.ts';
import { PauseNotice, type IntakePause } from './pauses.ts';
import type { JobContext, Processor } from './processor.ts';
import { createProgressReporter } from './progress-reporter.ts';
import type { SuspectIsolation } from './suspect-isolation.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';

/** Shared by the workers of one process. */
export interface JobWorkerDependencies {
  readonly config: Config;
  readonly connection: RedisConnection;
  readonly queues: JobQueues;
  readonly egress: Egress;
  readonly isolation: SuspectIsolation;
  readonly logger: Logger;
  /** Identifies this process. */
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

/** The one adapter around BullMQ's Worker: payload parsed, outcomes translated, progress throttled, one log line a job. */
export function createJobWorker<N extends QueueName>(
  name: N,
  processor: Processor<N>,
  concurrency: number,
  dependencies: JobWorkerDependencies,
): JobWorker {
  const { config, queues, isolation, workerName } = dependencies;
  const { lockMs, probeMs } = config.worker;
  const { maxStalledCount, timeoutMs } = QUEUES[name];
  const logger = dependencies.logger.child({ queue: name });
  const lostJobs = createLostJobHandler(name, processor, { queues, logger, lockMs });
  // A fetch under way when the worker is closed may still bring a job, which BullMQ's cancelling did not reach.
  let isInterrupted = false;

  // BullMQ makes the abort signal only for a function with three declared parameters.
  const run = async (job: Job, token?: string, signal?: AbortSignal): Promise<unknown> => {
    const startedAt = performance.now();
    const startedAtMs = queues.clock.nowMs();
    const deadline = startDeadline({
      signal: signal ?? new AbortController().signal,
      deadlineMs: timeoutMs,
      what: `${name} job`,
    });
    const item = itemOfJob(job);
    const attributed = new Map<AnyJobError, AttributedFailure>();
    const attributeOnce = async (error: AnyJobError): Promise<AttributedFailure> => {
      const known = attributed.get(error);
      if (known !== undefined) return known;
      const isStopped = deadline.signal.aborted || isInterrupted || intake.isPaused;
      const failure = await attribute(error, item, isStopped);
      attributed.set(error, failure).set(failure.error, failure);
      return failure;
    };
    const progress = createProgressReporter((reported) => job.updateProgress(reported));
    const context = contextOf(
      job,
      deadline.signal,
      async (error) => (await attributeOnce(error)).error,
      progress.report,
    );
    const end = intake.begin();
    let hasSucceeded = false;
    const durationMs = () => Math.round(performance.now() - startedAt);
    try {
      if (isInterrupted) throw new InterruptedError();
      // A fetch under way when the intake paused brings a job all the same.
      if (intake.isPaused) throw new InterruptedError('The intake is paused.');
      await queues.clock.check();
      const result = await attempt(job, context);
      hasSucceeded = true;
      queues.strikes.noteSuccess(name, startedAtMs);
      // A job that was never put back has no strikes.
      if (job.attemptsStarted > 1) await queues.strikes.clear(name, item);
      context.logger.info({ durationMs: durationMs(), ...result }, `${name} done`);
      return result;
    } catch (thrown) {
      const failure = await attributeOnce(toJobError(thrown, deadline.signal));
      throw await finishFailedJob(job, token, { ...failure, item }, context, durationMs());
    } finally {
      progress.stop();
      deadline.stop();
      end(hasSucceeded);
    }
  };

  async function attempt(job: Job, context: JobContext): Promise<JobResult> {
    if (job.stalledCounter > maxStalledCount) await lostJobs.abandon(job, context);
    const process = () => processor.process(parsePayload(name, job.data), context);
    return job.stalledCounter === maxStalledCount
      ? await isolation.runAlone(process)
      : await isolation.run(context.signal, process);
  }

  /** A payload that cannot be read has no item; its job fails for good. */
  function itemOfJob(job: Job): string {
    try {
      return itemOf(name, parsePayload(name, job.data));
    } catch {
      return job.id ?? 'unknown';
    }
  }

  function contextOf(
    job: Job,
    signal: AbortSignal,
    attributeError: JobContext['attribute'],
    reportProgress: JobContext['reportProgress'],
  ): JobContext {
    const attempt = job.attemptsMade + 1;
    const attempts = job.opts.attempts ?? 1;
    return {
      signal,
      attempt,
      isLastAttempt: attempt >= attempts,
      ...(job.opts.prevMillis === undefined ? {} : { scheduledFor: new Date(job.opts.prevMillis) }),
      worker: workerName,
      attribute: attributeError,
      logger: logger.child({ jobId: job.id, attempt, of: attempts }),
      reportProgress,
    };
  }

  const options = {
    connection: dependencies.connection,
    prefix: config.redis.prefix,
    name: workerName,
    autorun: false,
    lockDuration: lockMs,
    stalledInterval: lockMs,
    // How often is too often is decided in `attempt`: BullMQ would fail the job before anything can be recorded.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  };
  const worker = new GatheringWorker(name, run, {
    ...options,
    concurrency,
    metrics: { maxDataPoints: METRICS_DATA_POINTS },
    settings: {
      backoffStrategy: (attemptsMade) => attemptDelayMs(attemptsMade, config.retry.attemptDelayMs),
    },
  });
  const intake = new Intake(worker, {
    logger,
    notice: new PauseNotice(queues.pauses, { queue: name, worker: workerName, host: hostname() }),
    probeMs,
    probe: async (probeSignal) => {
      await queues.checkWrites();
      await queues.clock.check({ anew: true });
      await processor.probe?.(probeSignal);
    },
    watchLostJobs: () => {
      // Without a function it takes no jobs.
      const watch = new Worker(name, undefined, options);
      watch.on('stalled', lostJobs.onLost);
      // A full Redis has paused the intake, which says so.
      watch.on('error', (error) => {
        if (!isRedisFull(error)) logError(error);
      });
      void watch.startStalledCheckTimer();
      return watch;
    },
  });
  const attribute = createAttribution({ name, queues, egress: dependencies.egress, logger, probeMs });
  const finishFailedJob = createFinishFailedJob({
    name,
    intake,
    egress: dependencies.egress,
    clock: queues.clock,
  });
  const logError = createRateLimitedLog((error: Error, suppressed) => {
    logger.error({ err: error, suppressed }, 'The queue reports an error');
  });
  worker.on('error', (error) => {
    const failure = isRedisFull(error) ? redisFailure('take a job', error) : undefined;
    // BullMQ asks a full Redis for the next job without a pause, thousands of times a second.
    if (failure instanceof OperatorError) void intake.pauseForFault(failure);
    else logError(error);
  });
  worker.on('stalled', lostJobs.onLost);
  worker.on('active', () => processor.taken?.(false));
  worker.on('drained', () => processor.taken?.(true));

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
        logError(toError(error));
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
