import type { Worker } from 'bullmq';
import type { OperatorError } from '../runtime/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';

/** Why a queue takes no jobs at the moment. */
export interface IntakePause {
  readonly errorClass: string;
  readonly reason: string;
  readonly advice: string;
  readonly since: Date;
}

/**
 * Stops taking jobs after a fault that a person must mend, and tries one job again after a while: the fault is
 * either gone or pauses the intake anew. Says so once for each cause, not with each probe.
 */
export class Intake {
  readonly #worker: Worker;
  readonly #logger: Logger;
  readonly #probeAfterMs: number;
  #pause: IntakePause | undefined;
  #probe: NodeJS.Timeout | undefined;

  constructor(worker: Worker, logger: Logger, probeAfterMs: number) {
    this.#worker = worker;
    this.#logger = logger;
    this.#probeAfterMs = probeAfterMs;
  }

  /** The fault that keeps the intake closed; undefined when jobs are taken or one is probing. */
  get pause(): IntakePause | undefined {
    return this.#pause;
  }

  /** Closes the intake. @returns how long until the probe, in milliseconds. */
  async close(error: OperatorError): Promise<number> {
    if (this.#pause?.errorClass !== error.errorClass) {
      this.#pause = {
        errorClass: error.errorClass,
        reason: error.message,
        advice: error.advice,
        since: new Date(),
      };
      this.#logger.error(
        { errorClass: error.errorClass, advice: error.advice },
        `Intake paused: ${error.message}`,
      );
    }
    await this.#worker.pause(true);
    clearTimeout(this.#probe);
    this.#probe = setTimeout(() => {
      // It rejects only when the worker is closing, which needs no intake.
      void this.#worker.resume();
    }, this.#probeAfterMs);
    return this.#probeAfterMs;
  }

  /** A job went through: whatever was wrong is mended. */
  open(): void {
    if (this.#pause === undefined) return;
    this.#logger.info({ errorClass: this.#pause.errorClass }, 'Intake resumed');
    this.#pause = undefined;
  }

  stop(): void {
    clearTimeout(this.#probe);
  }
}
