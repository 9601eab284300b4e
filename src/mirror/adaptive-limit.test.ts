import { expect, test } from '@jest/globals';
import { AdaptiveLimit } from './adaptive-limit.ts';

test('the limit grows by one a round up to its maximum, and is halved at most once a second', () => {
  let now = 0;
  const limit = new AdaptiveLimit(20, () => now);
  expect(limit.current).toBe(8);
  for (let success = 0; success < 9; success += 1) limit.noteSuccess();
  expect(limit.current).toBe(9);
  for (let success = 0; success < 1000; success += 1) limit.noteSuccess();
  expect(limit.current).toBe(20);
  for (let answer = 0; answer < 50; answer += 1) limit.noteThrottled();
  expect(limit.current).toBe(10);
  for (let second = 0; second < 10; second += 1) {
    now += 1000;
    limit.noteThrottled();
  }
  expect(limit.current).toBe(1);
});

test('never more than the limit runs at once, and all work is done after a cut', async () => {
  const limit = new AdaptiveLimit(6);
  let active = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 60 }, (_value, index) =>
      limit
        .run(async () => {
          active += 1;
          most = Math.max(most, active);
          await new Promise((resolve) => setTimeout(resolve, 1));
          if (index === 10) limit.noteThrottled();
          else limit.noteSuccess();
          if (index === 12) throw new Error('one fails');
          order.push(index);
          active -= 1;
        })
        .catch(() => {
          active -= 1;
        }),
    ),
  );
  expect(order).toHaveLength(59);
  expect(most).toBeLessThanOrEqual(6);
});
