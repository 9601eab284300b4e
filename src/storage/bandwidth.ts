import { pause } from '../runtime/deadline.ts';

/** What may go at once after a quiet time: a quarter of a second's worth. */
const BURST_MS = 250;
/** A wait is reported so often, so that it does not look like a stall. */
const REPORT_MS = 1000;

/**
 * A limit of bytes a second for all transfers that share it (a token bucket). Each asks for one piece of its body at a time
 * and is served in the order of the requests: so transfers that go on together get equal shares.
 */
export class Bandwidth {
  readonly #bytesPerMs: number;
  readonly #now: () => number;
  /** When the bytes that were taken so far are paid for. */
  #paidAt = Number.NEGATIVE_INFINITY;
  /** Settles when all earlier requests have been served or given up. */
  #earlier: Promise<unknown> = Promise.resolve();

  constructor(bytesPerSecond: number, now: () => number = () => performance.now()) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#now = now;
  }

  /**
   * Waits until so many bytes may go.
   * @param onWait called about once a second while it waits.
   * @throws InterruptedError when the signal is aborted.
   */
  async take(bytes: number, signal: AbortSignal, onWait: () => void = () => undefined): Promise<void> {
    this.#paidAt = Math.max(this.#paidAt, this.#now() - BURST_MS) + bytes / this.#bytesPerMs;
    const earlier = this.#earlier;
    const due = this.#untilDue(this.#paidAt, signal, onWait);
    this.#earlier = Promise.allSettled([due, earlier]);
    await due;
    // After a moment in which nothing ran, several are due at once.
    await earlier;
  }

  async #untilDue(dueAt: number, signal: AbortSignal, onWait: () => void): Promise<void> {
    for (let leftMs = dueAt - this.#now(); leftMs > 0; leftMs = dueAt - this.#now()) {
      await pause(Math.min(leftMs, REPORT_MS), signal);
      onWait();
    }
  }
}
