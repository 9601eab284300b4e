/** A service that limits is not asked to slow down more often than its answers can show an effect. */
const CUT_INTERVAL_MS = 1000;
const FIRST_LIMIT = 8;

/**
 * How many copies may run at once: one more after each full round of successes, half as many when the service throttles.
 * (Additive increase, multiplicative decrease, as TCP does it: RFC 5681, section 3.1.)
 */
export class AdaptiveLimit {
  readonly #max: number;
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #limit: number;
  #active = 0;
  #cutAt = Number.NEGATIVE_INFINITY;

  /** @param max never more than so many at once. */
  constructor(max: number, now: () => number = () => performance.now()) {
    this.#max = max;
    this.#now = now;
    this.#limit = Math.min(max, FIRST_LIMIT);
  }

  /** How many may run at once now. */
  get current(): number {
    return Math.floor(this.#limit);
  }

  /** Runs work as soon as the limit allows it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    // Those who wait are let in by those who finish: one of them always runs.
    while (this.#active >= this.current) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#active += 1;
    try {
      return await work();
    } finally {
      this.#active -= 1;
      for (let free = this.current - this.#active; free > 0; free -= 1) this.#waiting.shift()?.();
    }
  }

  noteSuccess(): void {
    this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit);
  }

  noteThrottled(): void {
    const now = this.#now();
    if (now - this.#cutAt < CUT_INTERVAL_MS) return;
    this.#cutAt = now;
    this.#limit = Math.max(1, this.#limit / 2);
  }
}
