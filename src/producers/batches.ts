import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { toError } from '../domain/job-errors.ts';

interface BatchLimits {
  /** So many make a batch. */
  readonly enough: number;
  /** The most in a batch, and the most that are read while the reader is at work. */
  readonly most: number;
  /** With fewer than enough the reader waits so long for more. */
  readonly waitMs: number;
}

/**
 * Groups a stream into batches: the first has what comes first, at once; each further one what has come while the reader was at work,
 * and a moment longer where that is little. What has come before an error of the stream is yielded before it is thrown.
 */
export async function* toBatches<T>(items: AsyncIterable<T>, limits: BatchLimits): AsyncGenerator<T[]> {
  const { enough, most, waitMs } = limits;
  const source = new ReadAhead(items, most);
  try {
    await source.has(1);
    // Several items that are there already take a few promises each to get here.
    await turn();
    for (;;) {
      const batch = source.take();
      if (batch === undefined) return;
      if (batch.length > 0) yield batch;
      await source.has(1);
      await source.has(enough, waitMs);
    }
  } finally {
    await source.close();
  }
}

/** Reads a stream into memory while nobody asks for it, up to a limit. */
class ReadAhead<T> {
  readonly #iterator: AsyncIterator<T>;
  readonly #limit: number;
  #items: T[] = [];
  #end: { readonly error?: Error } | undefined;
  #wanted = 1;
  /** Fulfilled when as many items are there as are wanted, or the stream has ended. */
  #wake = Promise.withResolvers<undefined>();
  /** Fulfilled when there is room again, or nothing more is wanted. */
  #taken = Promise.withResolvers<undefined>();

  constructor(items: AsyncIterable<T>, limit: number) {
    this.#iterator = items[Symbol.asyncIterator]();
    this.#limit = limit;
    void this.#read();
  }

  /** Waits until so many items are there, the stream has ended, or the time is over. */
  async has(count: number, waitMs?: number): Promise<void> {
    if (this.#items.length >= count || this.#end !== undefined) return;
    this.#wanted = count;
    this.#wake = Promise.withResolvers();
    if (waitMs === undefined) {
      await this.#wake.promise;
      return;
    }
    const over = new AbortController();
    const time = delay(waitMs, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([this.#wake.promise, time]);
    over.abort();
  }

  /** What is there now. @returns undefined at the end of the stream. @throws the error of the stream */
  take(): T[] | undefined {
    const items = this.#items;
    if (items.length === 0 && this.#end?.error !== undefined) throw this.#end.error;
    if (items.length === 0 && this.#end !== undefined) return undefined;
    this.#items = [];
    this.#taken.resolve(undefined);
    return items;
  }

  /** Closes the stream. What was read and not taken is left out. */
  async close(): Promise<void> {
    this.#end ??= {};
    this.#taken.resolve(undefined);
    await this.#iterator.return?.();
  }

  async #read(): Promise<void> {
    try {
      while (this.#end === undefined) {
        const next = await this.#iterator.next();
        if (next.done === true) break;
        this.#items.push(next.value);
        if (this.#items.length >= this.#wanted) this.#wake.resolve(undefined);
        if (this.#items.length < this.#limit) continue;
        this.#taken = Promise.withResolvers();
        await this.#taken.promise;
      }
      this.#end ??= {};
    } catch (thrown) {
      this.#end ??= { error: toError(thrown) };
    }
    this.#wake.resolve(undefined);
  }
}
