import { setTimeout as delay } from 'node:timers/promises';
import { InterruptedError } from '../domain/job-errors.ts';

/** So long others wait at most for one that runs alone: a job that is still at work then has done no harm so far. */
const LONGEST_SOLITUDE_MS = 5 * 60_000;

/** A job's last start must be alone in its process, which is not to be had yet. */
export class IsolationError extends InterruptedError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('Others are at work beside a job that has lost several workers; it comes back to be alone.');
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Finds out which of several jobs kills their common process. All that a process held when it died look alike; so the
 * last start before a job is given up is one alone, which a harmless job survives. One for each process.
 */
export class SuspectIsolation {
  readonly #retryAfterMs: number;
  #running = 0;
  #closedUntil = 0;
  #opened = Promise.withResolvers<undefined>();

  /** @param retryAfterMs how long a job that cannot be alone yet is put back for. */
  constructor(retryAfterMs: number) {
    this.#retryAfterMs = retryAfterMs;
  }

  /**
   * Waits until a job may begin.
   * @returns how it says that it has ended; must be called.
   * @throws SolitudeError when it must be alone and others are at work. Meanwhile no further ones begin.
   */
  async enter(mustBeAlone: boolean, signal: AbortSignal): Promise<() => void> {
    if (mustBeAlone) {
      if (this.#running > 0) {
        // Twice the time, so that nothing begins before it is back.
        this.#close(2 * this.#retryAfterMs);
        throw new IsolationError(this.#retryAfterMs);
      }
      this.#close(LONGEST_SOLITUDE_MS);
    } else {
      await this.#untilOpen(signal);
    }
    this.#running += 1;
    return () => {
      this.#running -= 1;
      if (mustBeAlone) this.#open();
    };
  }

  async #untilOpen(signal: AbortSignal): Promise<void> {
    for (let waitMs = this.#waitMs(); waitMs > 0; waitMs = this.#waitMs()) {
      const controller = new AbortController();
      const ended = AbortSignal.any([signal, controller.signal]);
      try {
        await Promise.race([this.#opened.promise, delay(waitMs, undefined, { signal: ended })]);
      } finally {
        controller.abort();
      }
    }
  }

  #waitMs(): number {
    return this.#closedUntil - Date.now();
  }

  #close(forMs: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, Date.now() + forMs);
  }

  #open(): void {
    this.#closedUntil = 0;
    this.#opened.resolve(undefined);
    this.#opened = Promise.withResolvers<undefined>();
  }
}
