type Step<T> = Promise<IteratorResult<T, unknown>>;

/**
 * Reads pages ahead of the consumer, so that the next request is on its way while a page is used.
 * @param ahead how many pages may wait; memory holds so many more.
 * @throws the error of the pages, when the consumer reaches it.
 */
export async function* readAhead<T>(pages: AsyncIterable<T>, ahead: number): AsyncGenerator<T, void> {
  const iterator = pages[Symbol.asyncIterator]();
  const waiting: Step<T>[] = [];
  const request = () => {
    const step = iterator.next();
    // The consumer meets the error when it gets there; until then it must not end the process.
    step.catch(() => undefined);
    waiting.push(step);
  };
  try {
    for (;;) {
      // A generator answers calls of next() in their order, one after the other.
      while (waiting.length <= ahead) request();
      const step = await waiting.shift();
      if (step === undefined || step.done === true) return;
      yield step.value;
    }
  } finally {
    await iterator.return?.();
  }
}
