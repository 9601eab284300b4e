/** Too much work of one origin waits already. */
export class TooManyWaitingError extends Error {
  constructor() {
    super('Too many attempts wait.');
    this.name = 'TooManyWaitingError';
  }
}

interface Limits {
  /** Pieces of work at the same time. */
  readonly concurrency: number;
  /** Of one origin. */
  readonly maxWaiting: number;
}

/**
 * Does expensive work a few at a time, and takes turns between those who ask for it: whoever sends a thousand requests waits
 * for them alone.
 */
export class FairTurns {
  readonly #limits: Limits;
  /** The origins in the order of their next turn. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #running = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** @throws TooManyWaitingError; else whatever the work throws. */
  async run<T>(origin: string, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limits.concurrency) this.#running += 1;
    else await this.#wait(origin);
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  async #wait(origin: string): Promise<void> {
    const queue = this.#waiting.get(origin) ?? [];
    if (queue.length >= this.#limits.maxWaiting) throw new TooManyWaitingError();
    this.#waiting.set(origin, queue);
    await new Promise<void>((resolve) => queue.push(resolve));
  }

  /** Hands the place on, or gives it free. */
  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#running -= 1;
      return;
    }
    const [origin, queue] = first;
    const start = queue.shift();
    // To the end of the line.
    this.#waiting.delete(origin);
    if (queue.length > 0) this.#waiting.set(origin, queue);
    start?.();
  }
}
