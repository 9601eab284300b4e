import { setTimeout as delay } from 'node:timers/promises';
import { SnoozeError } from '../domain/job-errors.ts';

/** The longest time for which other jobs wait for an isolated one; after that it has done no harm so far. */
const MAX_ISOLATION_MS = 5 * 60_000;

/**
 * Finds out which of several jobs kills their common process. All jobs that a process held when it died look alike; so
 * the last start of a suspect before it is given up is one without other jobs, which a harmless job survives. One for
 * each process.
 */
export class SuspectIsolation {
  readonly #retryDelayMs: number;
  #running = 0;
  #closedUntil = 0;
  #reopened = Promise.withResolvers<undefined>();

  /** @param retryDelayMs how long a suspect is put back for while other jobs run. */
  constructor(retryDelayMs: number) {
    this.#retryDelayMs = retryDelayMs;
  }

  /**
   * Runs a suspect while no other job runs; none begins meanwhile.
   * @throws SnoozeError `isolation` while other jobs run. None begins until the suspect is back.
   */
  async runAlone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running > 0) {
      // Twice the time, so that nothing begins before the suspect is back.
      this.#close(2 * this.#retryDelayMs);
      throw new SnoozeError(
        'isolation',
        'Other jobs run beside a job that has lost several workers; it is put back to run alone.',
        { delayMs: this.#retryDelayMs },
      );
    }
    this.#close(MAX_ISOLATION_MS);
    try {
      return await this.#count(work);
    } finally {
      this.#reopen();
    }
  }

  /** Runs a job beside others, once no suspect runs or is expected. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let waitMs = this.#waitMs(); waitMs > 0; waitMs = this.#waitMs()) {
      const controller = new AbortController();
      const ended = AbortSignal.any([signal, controller.signal]);
      try {
        await Promise.race([this.#reopened.promise, delay(waitMs, undefined, { signal: ended })]);
      } finally {
        controller.abort();
      }
    }
    return await this.#count(work);
  }

  async #count<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
    }
  }

  #waitMs(): number {
    return this.#closedUntil - Date.now();
  }

  #close(forMs: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, Date.now() + forMs);
  }

  #reopen(): void {
    this.#closedUntil = 0;
    this.#reopened.resolve(undefined);
    this.#reopened = Promise.withResolvers<undefined>();
  }
}
