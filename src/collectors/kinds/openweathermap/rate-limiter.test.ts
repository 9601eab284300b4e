import { afterEach, expect, jest, test } from '@jest/globals';
import { createRateLimiter } from './rate-limiter.ts';

afterEach(() => {
  jest.useRealTimers();
});

test('no minute has more calls than allowed, and the first ones start at once', async () => {
  jest.useFakeTimers();
  const startedAt = performance.now();
  const waitForRateLimit = createRateLimiter(3);
  const { signal } = new AbortController();
  const calls: number[] = [];
  const work = (async () => {
    for (let count = 0; count < 8; count += 1) {
      await waitForRateLimit(signal);
      calls.push(performance.now() - startedAt);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  await jest.advanceTimersByTimeAsync(180_000);
  await work;
  expect(calls).toEqual([0, 100, 200, 60_000, 60_100, 60_200, 120_000, 120_100]);
});

test('a wait ends when the signal is aborted', async () => {
  const waitForRateLimit = createRateLimiter(1);
  const controller = new AbortController();
  await waitForRateLimit(controller.signal);
  const waiting = waitForRateLimit(controller.signal);
  controller.abort(new Error('stopped'));
  await expect(waiting).rejects.toMatchObject({ outcome: 'interrupted', cause: new Error('stopped') });
  await expect(waitForRateLimit(controller.signal)).rejects.toThrow('stopped');
});
