import { describe, expect, test } from '@jest/globals';
import { toBatches } from './batches.ts';

const LIMITS = { enough: 2, most: 3, waitMs: 20 };
const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
/** Lets everything happen that waits for nothing outside. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('batches', () => {
  test('are full while items arrive', async () => {
    async function* items() {
      for (let item = 1; item <= 7; item += 1) yield await Promise.resolve(item);
    }
    const batches = await collect(toBatches(items(), LIMITS));
    expect(batches.flat()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const lengths = batches.slice(0, -1).map(({ length }) => length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(LIMITS.enough);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(LIMITS.most);
  });

  test('the first has what comes first, the next what came meanwhile, or within a moment', async () => {
    const gates = [1, 2, 3, 4, 5].map(() => Promise.withResolvers<undefined>());
    const open = (...numbers: readonly number[]) => {
      for (const number of numbers) gates[number - 1]?.resolve(undefined);
    };
    async function* items() {
      for (const [index, gate] of gates.entries()) {
        await gate.promise;
        yield index + 1;
      }
    }
    const batches = toBatches(items(), LIMITS);
    const first = batches.next();
    open(1);
    expect(await first).toEqual({ done: false, value: [1] });
    open(2, 3);
    await settle();
    expect(await batches.next()).toEqual({ done: false, value: [2, 3] });
    const third = batches.next();
    open(4);
    expect(await third).toEqual({ done: false, value: [4] });
    open(5);
    expect(await batches.next()).toEqual({ done: false, value: [5] });
    expect(await batches.next()).toMatchObject({ done: true });
  });

  test('the items before an error of the stream are yielded', async () => {
    async function* items() {
      yield await Promise.resolve(1);
      throw new Error('no more');
    }
    const batches = toBatches(items(), LIMITS);
    expect(await batches.next()).toEqual({ done: false, value: [1] });
    await expect(batches.next()).rejects.toThrow('no more');
  });

  test('no more than one batch is read ahead, and stopping closes the stream', async () => {
    let asked = 0;
    let isEnded = false;
    async function* items() {
      try {
        for (;;) yield await Promise.resolve((asked += 1));
      } finally {
        isEnded = true;
      }
    }
    for await (const batch of toBatches(items(), LIMITS)) {
      await settle();
      expect(asked).toBeLessThanOrEqual((batch.at(-1) ?? 0) + LIMITS.most);
      if (asked > 10) break;
    }
    expect(isEnded).toBe(true);
  });

  test('stopping closes a stream that still waits', async () => {
    const stop = Promise.withResolvers<undefined>();
    let isEnded = false;
    async function* items() {
      try {
        yield 1;
        await stop.promise;
        yield 2;
      } finally {
        isEnded = true;
      }
    }
    for await (const _batch of toBatches(items(), LIMITS)) {
      stop.resolve(undefined);
      break;
    }
    expect(isEnded).toBe(true);
  });
});
