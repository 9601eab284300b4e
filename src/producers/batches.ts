import { setTimeout as delay } from 'node:timers/promises';

const IDLE = Symbol('idle');

/**
 * Groups a stream into batches of `size` items; a smaller batch is yielded when no item has come for `idleMs`, or before
 * an error of the stream is thrown. At most one item is requested ahead while the reader processes a batch.
 */
export async function* toBatches<T>(
  items: AsyncIterable<T>,
  { size, idleMs }: { readonly size: number; readonly idleMs: number },
): AsyncGenerator<T[]> {
  const iterator = items[Symbol.asyncIterator]();
  let batch: T[] = [];
  let next: Promise<IteratorResult<T>> | undefined;
  try {
    for (;;) {
      next ??= requestNext(iterator);
      const result = batch.length === 0 ? await next : await orIdle(next, idleMs);
      if (result === IDLE) {
        yield batch;
        batch = [];
        continue;
      }
      next = undefined;
      if (result.done === true) break;
      batch.push(result.value);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    next = undefined;
    if (batch.length > 0) yield batch;
    throw error;
  } finally {
    await iterator.return?.();
  }
  if (batch.length > 0) yield batch;
}

/** Its rejection may be awaited late without counting as unhandled. */
function requestNext<T>(iterator: AsyncIterator<T>): Promise<IteratorResult<T>> {
  const next = iterator.next();
  next.catch(() => undefined);
  return next;
}

async function orIdle<T>(next: Promise<T>, idleMs: number): Promise<T | typeof IDLE> {
  const ended = new AbortController();
  try {
    return await Promise.race([next, delay<typeof IDLE>(idleMs, IDLE, { signal: ended.signal })]);
  } finally {
    ended.abort();
  }
}
