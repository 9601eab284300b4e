import type { SharedLimit } from '../../queues/shared-limit.ts';
import { repeat } from '../../runtime/repeat.ts';
import { AdaptiveLimit, FIRST_LIMIT, type CopyLimit } from '../adaptive-limit.ts';

const EXCHANGE_MS = 1000;

/**
 * The limit of one process among several that copy into one container. While Redis does not answer, the process goes on with
 * a limit of its own.
 */
export class SharedCopyLimit implements CopyLimit {
  readonly #shared: Pick<SharedLimit, 'exchange' | 'leave'>;
  readonly #most: number;
  readonly #local: AdaptiveLimit;
  #users = 0;
  #successes = 0;
  #wasThrottled = false;
  #exchanging: Promise<void> | undefined;
  #stop: () => Promise<void> = () => Promise.resolve();

  /** @param most copies at once in this process. */
  constructor(shared: Pick<SharedLimit, 'exchange' | 'leave'>, most: number) {
    this.#shared = shared;
    this.#most = most;
    this.#local = new AdaptiveLimit(most);
  }

  /** How many may run at once in this process now. */
  get current(): number {
    return this.#local.current;
  }

  /** Takes part while work runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#users += 1;
    if (this.#users === 1) {
      await this.#exchange();
      this.#stop = repeat(
        () => this.#exchange(),
        EXCHANGE_MS,
        () => undefined,
      );
    }
    try {
      return await work();
    } finally {
      this.#users -= 1;
      if (this.#users === 0) {
        await this.#stop();
        await this.#shared.leave().catch(() => undefined);
      }
    }
  }

  copy<T>(work: () => Promise<T>): Promise<T> {
    return this.#local.copy(work);
  }

  readAhead<T>(work: () => Promise<T>): Promise<T> {
    return this.#local.readAhead(work);
  }

  noteSuccess(): void {
    this.#successes += 1;
    this.#local.noteSuccess();
  }

  noteThrottled(): void {
    this.#local.noteThrottled();
    // At once, so that the others slow down too.
    if (!this.#wasThrottled) void this.#exchange();
    this.#wasThrottled = true;
  }

  /** One at a time. Never rejects. */
  #exchange(): Promise<void> {
    this.#exchanging ??= this.#exchangeOnce()
      .catch(() => undefined)
      .finally(() => {
        this.#exchanging = undefined;
      });
    return this.#exchanging;
  }

  async #exchangeOnce(): Promise<void> {
    // What is noted in this turn belongs to it.
    await Promise.resolve();
    const news = { successes: this.#successes, wasThrottled: this.#wasThrottled };
    this.#successes = 0;
    this.#wasThrottled = false;
    const { share, wasCut } = await this.#shared.exchange({ ...news, most: this.#most, first: FIRST_LIMIT });
    this.#local.set(share, wasCut);
  }
}
