/** A service that limits is not asked to slow down more often than its answers can show an effect. */
const CUT_INTERVAL_MS = 1000;
export const FIRST_LIMIT = 8;

/** Lets copies run, as many at once as the stores bear. */
export interface CopyLimit {
  /** Runs work as soon as the limit allows it. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** A copy succeeded. */
  noteSuccess(): void;
  /** A store asked for fewer requests. */
  noteThrottled(): void;
}

/**
 * How many copies may run at once: one more after each full round of successes, half as many when the service throttles.
 * (Additive increase, multiplicative decrease, as TCP does it: RFC 5681, section 3.1.)
 */
export class AdaptiveLimit implements CopyLimit {
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

  async run<T>(work: () => Promise<T>): Promise<T> {
    // Those who wait are let in by those who finish: one of them always runs.
    while (this.#active >= this.current) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#active += 1;
    try {
      return await work();
    } finally {
      this.#active -= 1;
      this.#letIn();
    }
  }

  noteSuccess(): void {
    this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit);
  }

  /** Sets the limit, within 1 and its maximum: that of several processes is known. */
  set(limit: number): void {
    this.#limit = Math.min(this.#max, Math.max(1, limit));
    this.#letIn();
  }

  noteThrottled(): void {
    const now = this.#now();
    if (now - this.#cutAt < CUT_INTERVAL_MS) return;
    this.#cutAt = now;
    this.#limit = Math.max(1, this.#limit / 2);
  }

  #letIn(): void {
    for (let free = this.current - this.#active; free > 0; free -= 1) this.#waiting.shift()?.();
  }
}
