import type { Worker } from 'bullmq';
import { withDeadline } from '../runtime/deadline.ts';
import { toJobError, type OperatorError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { HeldBackError } from '../staging/held-back-error.ts';
import type { IntakePause, PauseNotice } from './pauses.ts';

/** What an intake needs beside the worker that it opens and closes. */
export interface IntakeOptions {
  readonly logger: Logger;
  readonly notice: PauseNotice;
  /** How long after a fault it is looked whether it is mended. */
  readonly probeMs: number;
  /** Whether the work can be done again; rejects with an OperatorError while it cannot. */
  readonly probe: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Begins to look for the jobs of dead workers; BullMQ's own worker does so only while it takes jobs. */
  readonly watchLostJobs: () => Worker;
}

const PROBE_DEADLINE_MS = 60_000;

/**
 * Whether one worker takes jobs. Three things close it, each by itself:
 *
 * - a fault that a person must mend. After a while it is probed, first without a job; then one job at a time is
 *   taken. The first that succeeds, or a quiet time in which none fails, opens it; a failure closes it anew. What
 *   is logged and shown changes with the cause, not with each probe.
 * - back-pressure, until there is room;
 * - the rest of the ways out to the site, until one may be used again.
 */
export class Intake {
  readonly #worker: Worker;
  readonly #options: IntakeOptions;
  readonly #concurrency: number;
  readonly #stopped = new AbortController();
  #fault: IntakePause | undefined;
  #isProbing = false;
  #closedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** From the first time it is closed on; however many look, Redis lets one do so in each interval. */
  #lostJobsWatch: Worker | undefined;
  #held: IntakePause | undefined;
  #isResting = false;
  #active = 0;

  constructor(worker: Worker, options: IntakeOptions) {
    this.#worker = worker;
    this.#options = options;
    this.#concurrency = worker.concurrency;
  }

  /** Why no jobs are taken, or only one to probe; undefined when all is well. */
  get pause(): IntakePause | undefined {
    return this.#fault ?? this.#held;
  }

  /** Whether a job that comes in all the same must go back at once. */
  get isClosed(): boolean {
    return (this.#fault !== undefined && !this.#isProbing) || this.#held !== undefined || this.#isResting;
  }

  /** A job begins. @returns how to say that it ended, and whether well. */
  begin(): (succeeded: boolean) => void {
    const startedAt = performance.now();
    this.#active += 1;
    return (succeeded) => {
      this.#active -= 1;
      // One that began before the fault proves nothing.
      if (succeeded && startedAt > this.#closedAt) this.#mended();
    };
  }

  /** Closes the intake. @returns how long until the probe, in milliseconds. */
  async close(error: OperatorError): Promise<number> {
    const { logger, probeMs } = this.#options;
    if (this.#fault?.errorClass !== error.errorClass) {
      this.#fault = pauseOf('fault', error);
      logger.error(
        { errorClass: error.errorClass, advice: error.advice },
        `Intake paused: ${error.message} ${error.advice}`,
      );
      this.#show();
    }
    this.#closedAt = performance.now();
    this.#isProbing = false;
    await this.#apply();
    this.#schedule(() => this.#probe());
    return probeMs;
  }

  /** Takes no jobs until there is room for the one that was held back. */
  async hold(error: HeldBackError): Promise<void> {
    if (this.#held !== undefined) return;
    this.#held = pauseOf('back_pressure', error);
    this.#options.logger.info(`Intake held back: ${error.message}`);
    this.#show();
    await this.#apply();
    void error.untilRoom(this.#stopped.signal).then(async () => {
      this.#held = undefined;
      this.#options.logger.debug('There is room again');
      this.#show();
      await this.#apply();
    });
  }

  /** Takes no jobs until `over` resolves. It is not this worker that rests, so nothing is shown or said of it here. */
  async rest(over: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#isResting) return;
    this.#isResting = true;
    await this.#apply();
    void over(this.#stopped.signal).then(async () => {
      this.#isResting = false;
      await this.#apply();
    });
  }

  /** Ends probes and waits; the worker is about to be closed. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    // The watch has no jobs to wait for, and a Redis that is away must not hold it.
    await Promise.all([this.#options.notice.takeDown(), this.#lostJobsWatch?.close(true)]);
  }

  async #probe(): Promise<void> {
    const { probe } = this.#options;
    if (probe !== undefined) {
      try {
        await withDeadline(({ signal }) => probe(signal), {
          signal: this.#stopped.signal,
          deadlineMs: PROBE_DEADLINE_MS,
          what: 'Looking whether work can go on',
        });
      } catch (thrown) {
        const error = toJobError(thrown, this.#stopped.signal);
        if (error.outcome === 'operator') {
          await this.close(error);
          return;
        }
        // Anything else is no fault of this kind: jobs will tell.
      }
    }
    this.#isProbing = true;
    await this.#apply();
    this.#schedule(() => {
      this.#lookBack();
    });
  }

  /** A while after the probe: with no failure and nothing at work there is nothing left to wait for. */
  #lookBack(): void {
    if (this.#active === 0) this.#mended();
    else
      this.#schedule(() => {
        this.#lookBack();
      });
  }

  #mended(): void {
    if (this.#fault === undefined) return;
    this.#options.logger.info({ errorClass: this.#fault.errorClass }, 'Intake resumed');
    this.#fault = undefined;
    this.#isProbing = false;
    clearTimeout(this.#timer);
    this.#show();
    void this.#apply();
  }

  /** Brings the worker to the state that is wanted. */
  async #apply(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#worker.concurrency = this.#fault === undefined ? this.#concurrency : 1;
    if (this.isClosed) {
      this.#lostJobsWatch ??= this.#options.watchLostJobs();
      await this.#worker.pause(true);
    } else if (this.#worker.isPaused()) await this.#worker.resume();
  }

  #show(): void {
    if (this.pause === undefined) void this.#options.notice.takeDown();
    else if (!this.#stopped.signal.aborted) this.#options.notice.show(this.pause);
  }

  #schedule(look: () => Promise<void> | void): void {
    clearTimeout(this.#timer);
    if (this.#stopped.signal.aborted) return;
    this.#timer = setTimeout(() => {
      void look();
    }, this.#options.probeMs);
  }
}

function pauseOf(kind: IntakePause['kind'], error: OperatorError | HeldBackError): IntakePause {
  return {
    kind,
    errorClass: error.errorClass,
    reason: error.message,
    advice: error.advice,
    since: new Date(),
  };
}
