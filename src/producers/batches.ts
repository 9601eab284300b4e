/** When a batch is handed on. */
export interface BatchLimits {
  /** As soon as it holds so many items. */
  readonly size: number;
  /** As soon as no further item has come for this long. */
  readonly idleMs: number;
}

const IDLE = Symbol('idle');

/**
 * Groups a stream into batches. A slow stream is not held up: what has come is handed on after a moment of
 * silence. Nothing more than one item is asked for while the reader is busy with a batch. When the stream fails,
 * what came before is handed on first.
 */
export async function* inBatches<T>(items: AsyncIterable<T>, limits: BatchLimits): AsyncGenerator<T[]> {
  const iterator = items[Symbol.asyncIterator]();
  let batch: T[] = [];
  let next: Promise<IteratorResult<T>> | undefined;
  try {
    for (;;) {
      next ??= ask(iterator);
      const result = batch.length === 0 ? await next : await orIdle(next, limits.idleMs);
      if (result === IDLE) {
        yield batch;
        batch = [];
        continue;
      }
      next = undefined;
      if (result.done === true) break;
      batch.push(result.value);
      if (batch.length < limits.size) continue;
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

/** Asks for the next item; its failure is seen by whoever awaits it, at the latest, and never goes unhandled. */
function ask<T>(iterator: AsyncIterator<T>): Promise<IteratorResult<T>> {
  const next = iterator.next();
  next.catch(() => undefined);
  return next;
}

async function orIdle<T>(next: Promise<T>, idleMs: number): Promise<T | typeof IDLE> {
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<typeof IDLE>((resolve) => {
    timer = setTimeout(resolve, idleMs, IDLE);
  });
  try {
    return await Promise.race([next, idle]);
  } finally {
    clearTimeout(timer);
  }
}
