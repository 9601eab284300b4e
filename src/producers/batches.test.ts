import { describe, expect, test } from '@jest/globals';
import { toBatches } from './batches.ts';

const limits = { size: 3, idleMs: 20 };
const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

describe('batches', () => {
  test('are full while items arrive', async () => {
    async function* items() {
      for (let item = 1; item <= 7; item += 1) yield await Promise.resolve(item);
    }
    expect(await collect(toBatches(items(), limits))).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  });

  test('are yielded when no item has arrived for a moment', async () => {
    const gate = Promise.withResolvers<number>();
    async function* items() {
      yield 1;
      yield await gate.promise;
    }
    const batches = toBatches(items(), limits);
    expect(await batches.next()).toEqual({ done: false, value: [1] });
    gate.resolve(2);
    expect(await batches.next()).toEqual({ done: false, value: [2] });
    expect(await batches.next()).toMatchObject({ done: true });
  });

  test('the items before an error of the stream are yielded', async () => {
    async function* items() {
      yield await Promise.resolve(1);
      throw new Error('no more');
    }
    const batches = toBatches(items(), limits);
    expect(await batches.next()).toEqual({ done: false, value: [1] });
    await expect(batches.next()).rejects.toThrow('no more');
  });

  test('at most one item is requested ahead, and stopping closes the stream', async () => {
    let asked = 0;
    let isEnded = false;
    async function* items() {
      try {
        for (;;) yield await Promise.resolve((asked += 1));
      } finally {
        isEnded = true;
      }
    }
    for await (const batch of toBatches(items(), limits)) {
      await new Promise(setImmediate);
      expect(asked).toBeLessThanOrEqual((batch.at(-1) ?? 0) + 1);
      if (asked > 10) break;
    }
    expect(isEnded).toBe(true);
  });
});
