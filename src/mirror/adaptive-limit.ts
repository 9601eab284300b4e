/** A service that limits is not asked to slow down more often than its answers can show an effect. */
const CUT_INTERVAL_MS = 1000;
export const FIRST_LIMIT = 8;

/** Lets copies run, as many at once as the stores bear. */
export interface CopyLimit {
  /** Runs a copy as soon as the limit allows it. */
  copy<T>(work: () => Promise<T>): Promise<T>;
  /** Runs the reading of a small object that waits in memory for its copy: as many at once as copies. */
  readAhead<T>(work: () => Promise<T>): Promise<T>;
  /** A copy succeeded. */
  noteSuccess(): void;
  /** A store asked for fewer requests. */
  noteThrottled(): void;
}

/**
 * How many copies may run at once: until a service throttles, one more after each success, so twice as many after a full round;
 * then half as many, and one more after each full round. (Slow start, then additive increase and multiplicative decrease, as
 * TCP does it: RFC 5681, section 3.1.)
 */
export class AdaptiveLimit implements CopyLimit {
  readonly #max: number;
  readonly #now: () => number;
  readonly #copies = new Slots(() => this.current);
  readonly #reads = new Slots(() => this.current);
  #limit: number;
  #isSlowStart = true;
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

  copy<T>(work: () => Promise<T>): Promise<T> {
    return this.#copies.run(work);
  }

  readAhead<T>(work: () => Promise<T>): Promise<T> {
    return this.#reads.run(work);
  }

  noteSuccess(): void {
    this.#limit = Math.min(this.#max, this.#limit + (this.#isSlowStart ? 1 : 1 / this.#limit));
  }

  /** Takes over what several processes found together: the limit, within 1 and the maximum, and whether any was throttled. */
  set(limit: number, wasCut: boolean): void {
    this.#limit = Math.min(this.#max, Math.max(1, limit));
    if (wasCut) this.#isSlowStart = false;
    this.#copies.letIn();
    this.#reads.letIn();
  }

  noteThrottled(): void {
    const now = this.#now();
    if (now - this.#cutAt < CUT_INTERVAL_MS) return;
    this.#cutAt = now;
    this.#isSlowStart = false;
    this.#limit = Math.max(1, this.#limit / 2);
  }
}

/** Work that waits until fewer than the most run. */
class Slots {
  readonly #most: () => number;
  readonly #waiting: (() => void)[] = [];
  #active = 0;

  constructor(most: () => number) {
    this.#most = most;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    // Those who wait are let in by those who finish: one of them always runs.
    while (this.#active >= this.#most()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#active += 1;
    try {
      return await work();
    } finally {
      this.#active -= 1;
      this.letIn();
    }
  }

  letIn(): void {
    for (let free = this.#most() - this.#active; free > 0; free -= 1) this.#waiting.shift()?.();
  }
}
