import { expect, test } from '@jest/globals';
import { createPace } from './pace.ts';

test('no minute has more calls than allowed, and the first ones go at once', async () => {
  let nowMs = 1000;
  const clock = {
    nowMs: () => nowMs,
    wait: (waitMs: number) => {
      nowMs += waitMs;
      return Promise.resolve();
    },
  };
  const pace = createPace(3, clock);
  const { signal } = new AbortController();
  const calls: number[] = [];
  for (let count = 0; count < 8; count += 1) {
    await pace(signal);
    calls.push(nowMs);
    nowMs += 100;
  }
  expect(calls).toEqual([1000, 1100, 1200, 61_000, 61_100, 61_200, 121_000, 121_100]);
});

test('a wait ends when the work is stopped', async () => {
  const pace = createPace(1);
  const controller = new AbortController();
  await pace(controller.signal);
  const waiting = pace(controller.signal);
  controller.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow();
  await expect(pace(controller.signal)).rejects.toThrow('stopped');
});
