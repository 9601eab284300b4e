import type { Worker } from 'bullmq';
import type { ErrorClass } from '../domain/error-classes.ts';
import { toJobError, type OperatorError, type SnoozeError } from '../domain/job-errors.ts';
import { withDeadline } from '../runtime/deadline.ts';
import type { Logger } from '../runtime/logger.ts';
import type { IntakePause, PauseNotice } from './pauses.ts';

export interface IntakeOptions {
  readonly logger: Logger;
  readonly notice: PauseNotice;
  /** How long after a fault it is probed whether the fault is repaired. */
  readonly probeMs: number;
  /** Tries whether the work can be done again, without a job; rejects with an OperatorError while it cannot. */
  readonly probe: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Starts to look for the jobs of dead workers; BullMQ's own worker does so only while it takes jobs. */
  readonly watchLostJobs: () => Worker;
}

const PROBE_DEADLINE_MS = 60_000;

/**
 * Decides whether one worker takes jobs. It pauses for two kinds of reasons, each independent of the others:
 *
 * - a fault that a person must repair. After a while it is probed, first without a job; then one job at a time is
 *   taken. The first that succeeds, or a time in which none fails, ends the pause; a failure renews it. The log and
 *   the notice change with the error class, not with each probe.
 * - a snooze that all jobs of the queue would meet (staging is full, all egress addresses rest), until it is over.
 */
export class Intake {
  readonly #worker: Worker;
  readonly #options: IntakeOptions;
  readonly #concurrency: number;
  readonly #stopped = new AbortController();
  #fault: IntakePause | undefined;
  #isProbing = false;
  #faultAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Made with the first pause; however many processes watch, Redis lets one do so in each interval. */
  #lostJobsWatch: Worker | undefined;
  readonly #snoozes = new Map<ErrorClass, IntakePause>();
  #active = 0;

  constructor(worker: Worker, options: IntakeOptions) {
    this.#worker = worker;
    this.#options = options;
    this.#concurrency = worker.concurrency;
  }

  /** Why no jobs are taken, or only one to probe; undefined when all is well. The rest of addresses is shown by them. */
  get pause(): IntakePause | undefined {
    return this.#fault ?? this.#snoozes.get('back_pressure');
  }

  /** Whether a job that comes in all the same must go back at once. */
  get isPaused(): boolean {
    return (this.#fault !== undefined && !this.#isProbing) || this.#snoozes.size > 0;
  }

  /** A job begins. @returns to be called when it has ended. */
  begin(): (succeeded: boolean) => void {
    const startedAt = performance.now();
    this.#active += 1;
    return (succeeded) => {
      this.#active -= 1;
      // A job that began before the fault proves nothing.
      if (succeeded && startedAt > this.#faultAt) this.#resume();
    };
  }

  /** Pauses for a fault. @param item the one whose job met it, if a job did */
  async pauseForFault(error: OperatorError, item?: string): Promise<void> {
    const { logger } = this.#options;
    if (this.#fault?.errorClass !== error.errorClass) {
      this.#fault = pauseOf('fault', error, item);
      logger.error(
        { errorClass: error.errorClass, advice: error.advice, ...(item === undefined ? {} : { item }) },
        `Intake paused: ${error.message} ${error.advice}`,
      );
      this.#show();
    }
    this.#faultAt = performance.now();
    this.#isProbing = false;
    await this.#apply();
    this.#schedule(() => this.#probe());
  }

  /** Pauses until `ready` resolves. */
  async pauseForSnooze(error: SnoozeError, ready: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { errorClass, message } = error;
    if (this.#snoozes.has(errorClass)) return;
    this.#snoozes.set(errorClass, pauseOf('back_pressure', error));
    if (errorClass === 'back_pressure') this.#options.logger.info(`Intake paused: ${message}`);
    this.#show();
    await this.#apply();
    void ready(this.#stopped.signal).then(async () => {
      this.#snoozes.delete(errorClass);
      this.#options.logger.debug({ errorClass }, 'Intake resumed');
      this.#show();
      await this.#apply();
    });
  }

  /** Ends probes and waits; the worker is about to be closed. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    // The watch has no jobs to wait for, and a Redis that is away must not hold it.
    await Promise.all([this.#options.notice.remove(), this.#lostJobsWatch?.close(true)]);
  }

  async #probe(): Promise<void> {
    const { probe } = this.#options;
    if (probe !== undefined) {
      try {
        await withDeadline(({ signal }) => probe(signal), {
          signal: this.#stopped.signal,
          deadlineMs: PROBE_DEADLINE_MS,
          what: 'Probing whether work can go on',
        });
      } catch (thrown) {
        const error = toJobError(thrown, this.#stopped.signal);
        if (error.outcome === 'operator') {
          await this.pauseForFault(error);
          return;
        }
        // Anything else is no fault that a person must repair: jobs will show.
      }
    }
    this.#isProbing = true;
    await this.#apply();
    this.#schedule(() => {
      this.#endProbing();
    });
  }

  /** A while after the probe: without a failure and without a job there is nothing left to wait for. */
  #endProbing(): void {
    if (this.#active === 0) this.#resume();
    else
      this.#schedule(() => {
        this.#endProbing();
      });
  }

  #resume(): void {
    if (this.#fault === undefined) return;
    this.#options.logger.info({ errorClass: this.#fault.errorClass }, 'Intake resumed');
    this.#fault = undefined;
    this.#isProbing = false;
    clearTimeout(this.#timer);
    this.#show();
    void this.#apply();
  }

  /** Brings BullMQ's worker to the wanted state. */
  async #apply(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#worker.concurrency = this.#fault === undefined ? this.#concurrency : 1;
    if (this.isPaused) {
      this.#lostJobsWatch ??= this.#options.watchLostJobs();
      await this.#worker.pause(true);
    } else if (this.#worker.isPaused()) await this.#worker.resume();
  }

  #show(): void {
    if (this.pause === undefined) void this.#options.notice.remove();
    else if (!this.#stopped.signal.aborted) this.#options.notice.show(this.pause);
  }

  #schedule(work: () => Promise<void> | void): void {
    clearTimeout(this.#timer);
    if (this.#stopped.signal.aborted) return;
    this.#timer = setTimeout(() => {
      void work();
    }, this.#options.probeMs);
  }
}

function pauseOf(kind: IntakePause['kind'], error: OperatorError | SnoozeError, item?: string): IntakePause {
  const { errorClass, message: reason, advice } = error;
  return { kind, errorClass, reason, advice, since: new Date(), ...(item === undefined ? {} : { item }) };
}
