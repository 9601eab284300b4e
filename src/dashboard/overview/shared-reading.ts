import { withDeadline } from '../../runtime/deadline.ts';

const MAX_REUSE_MS = 5_000;

export interface SharedReadingOptions<T> {
  /** What is read, for the error: `Reading the status`. */
  readonly what: string;
  /** Of one reading. */
  readonly deadlineMs: number;
  readonly read: () => Promise<T>;
  /**
   * A reading is used again for so many times the time it took, up to 5 s: with 2, readings take a third of the time at most,
   * however many people ask. Left out: not at all.
   */
  readonly reuseFactor?: number;
}

/** One reading for all who ask: those at the same time share it. */
export class SharedReading<T> {
  readonly #options: SharedReadingOptions<T>;
  #current: Promise<T> | undefined;
  #last: { readonly value: T; readonly at: number; readonly tookMs: number } | undefined;
  /** Of `forget`: a reading that began before it may miss what was changed. */
  #generation = 0;
  #isFresh = false;

  constructor(options: SharedReadingOptions<T>) {
    this.#options = options;
  }

  /** The last value that could be read, however old. */
  get last(): T | undefined {
    return this.#last?.value;
  }

  /** @throws what the reading throws, or TransientError `timeout` */
  async read(): Promise<T> {
    const { reuseFactor = 0 } = this.#options;
    if (this.#last !== undefined && this.#isFresh) {
      const ageMs = performance.now() - this.#last.at;
      if (ageMs < Math.min(reuseFactor * this.#last.tookMs, MAX_REUSE_MS)) return this.#last.value;
    }
    this.#current ??= this.#run();
    return await this.#current;
  }

  /** Something was changed: what is read from now on contains it. */
  forget(): void {
    this.#generation += 1;
    this.#isFresh = false;
    this.#current = undefined;
  }

  async #run(): Promise<T> {
    const { read, deadlineMs, what } = this.#options;
    const generation = this.#generation;
    const startedAt = performance.now();
    const isCurrent = () => generation === this.#generation;
    try {
      const value = await withDeadline(read, { deadlineMs, what });
      if (isCurrent()) {
        const at = performance.now();
        this.#last = { value, at, tookMs: at - startedAt };
        this.#isFresh = true;
      }
      return value;
    } finally {
      if (isCurrent()) this.#current = undefined;
    }
  }
}
