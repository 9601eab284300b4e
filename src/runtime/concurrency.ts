import { interruptionOf } from './deadline.ts';

/**
 * Does `work` for each item, several at once. An item is taken only when one of the workers is free, and no results are
 * kept, so memory does not grow with the number of items. The first error, of the work or of the items, stops everything.
 * The call ends when all work has ended: nothing goes on in the background afterwards.
 * @param open gives the items; like the work it gets a signal that the caller's signal or the first error aborts.
 * @throws InterruptedError when the caller's signal was aborted; otherwise the first error.
 */
export async function forEachConcurrently<T>(
  open: (signal: AbortSignal) => Iterable<T> | AsyncIterable<T>,
  { concurrency, signal: callerSignal }: { readonly concurrency: number; readonly signal: AbortSignal },
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const signal = AbortSignal.any([callerSignal, failure.signal]);
  // A generator queues the calls of next(), so the workers can share it whatever the items are.
  const items = (async function* () {
    yield* open(signal);
  })();
  const runWorker = async () => {
    try {
      for (;;) {
        const next = await items.next();
        if (next.done === true) return;
        signal.throwIfAborted();
        await work(next.value, signal);
      }
    } catch (error) {
      failure.abort(error);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runWorker));
  await items.return();
  if (callerSignal.aborted) throw interruptionOf(callerSignal);
  if (failure.signal.aborted) throw failure.signal.reason;
}
