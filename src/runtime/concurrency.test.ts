import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { forEachConcurrently } from './concurrency.ts';

const never = new AbortController().signal;
const abortOf = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

/** Numbers from 0 on; counts how many were taken and whether the generator was closed. */
function counting(length: number) {
  const state = { taken: 0, closed: false };
  async function* numbers() {
    try {
      for (let number = 0; number < length; number += 1) {
        state.taken += 1;
        yield await Promise.resolve(number);
      }
    } finally {
      state.closed = true;
    }
  }
  return { state, numbers };
}

describe('work for each item', () => {
  test.each([1, 3, 50])('is done once for each, at most %d at once', async (concurrency) => {
    const { numbers } = counting(20);
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await forEachConcurrently(numbers, { concurrency, signal: never }, async (number) => {
      running += 1;
      most = Math.max(most, running);
      await sleep(1);
      running -= 1;
      done.push(number);
    });
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_value, index) => index));
    expect(most).toBe(Math.min(concurrency, 20));
  });

  test('takes plain lists, and no item before a worker is free', async () => {
    const { state, numbers } = counting(100);
    await forEachConcurrently(numbers, { concurrency: 2, signal: never }, async (number) => {
      expect(state.taken).toBeLessThanOrEqual(number + 3);
      await sleep(0);
    });
    let sum = 0;
    await forEachConcurrently(
      () => [1, 2, 3],
      { concurrency: 2, signal: never },
      (number) => {
        sum += number;
        return Promise.resolve();
      },
    );
    expect(sum).toBe(6);
  });
});

describe('the first error', () => {
  test('wins, aborts the work of the others, closes the items, and waits for all work to end', async () => {
    const { state, numbers } = counting(100);
    const ended: number[] = [];
    const promise = forEachConcurrently(
      numbers,
      { concurrency: 3, signal: never },
      async (number, signal) => {
        if (number === 2) throw new Error('first');
        await abortOf(signal);
        await sleep(5);
        ended.push(number);
        throw new Error('later');
      },
    );
    await expect(promise).rejects.toThrow('first');
    expect(ended).toEqual([0, 1]);
    expect(state).toEqual({ taken: 3, closed: true });
  });

  test('of the work ends items that are still being fetched', async () => {
    const items = async function* (signal: AbortSignal) {
      yield 1;
      await abortOf(signal);
      signal.throwIfAborted();
    };
    const promise = forEachConcurrently(items, { concurrency: 2, signal: never }, () =>
      Promise.reject(new Error('first')),
    );
    await expect(promise).rejects.toThrow('first');
  });

  test('may be one of the items', async () => {
    const items = async function* () {
      yield await Promise.resolve(1);
      throw new Error('cut');
    };
    const done: number[] = [];
    const promise = forEachConcurrently(items, { concurrency: 2, signal: never }, async (number, signal) => {
      await abortOf(signal);
      done.push(number);
    });
    await expect(promise).rejects.toThrow('cut');
    expect(done).toEqual([1]);
  });
});

describe('an aborted signal', () => {
  test('is an interruption, whatever the work makes of it', async () => {
    const controller = new AbortController();
    const { state, numbers } = counting(100);
    const promise = forEachConcurrently(
      numbers,
      { concurrency: 2, signal: controller.signal },
      async (number, signal) => {
        if (number === 1) controller.abort();
        else await abortOf(signal);
        throw new Error('cut');
      },
    );
    await expect(promise).rejects.toMatchObject({ outcome: 'interrupted' });
    expect(state).toEqual({ taken: 2, closed: true });
  });

  test('before the start does no work', async () => {
    const promise = forEachConcurrently(
      () => [1],
      { concurrency: 2, signal: AbortSignal.abort() },
      () => {
        throw new Error('worked');
      },
    );
    await expect(promise).rejects.toMatchObject({ outcome: 'interrupted' });
  });
});
