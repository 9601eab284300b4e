import { expect, test } from '@jest/globals';
import { AdaptiveLimit } from './adaptive-limit.ts';

test('the limit doubles with each round until it is cut, then grows by one a round, and is halved at most once a second', () => {
  let now = 0;
  const limit = new AdaptiveLimit(40, () => now);
  expect(limit.current).toBe(8);
  for (let success = 0; success < 8; success += 1) limit.noteSuccess();
  expect(limit.current).toBe(16);
  for (let success = 0; success < 1000; success += 1) limit.noteSuccess();
  expect(limit.current).toBe(40);
  for (let answer = 0; answer < 50; answer += 1) limit.noteThrottled();
  expect(limit.current).toBe(20);
  for (let success = 0; success < 21; success += 1) limit.noteSuccess();
  expect(limit.current).toBe(21);
  for (let second = 0; second < 10; second += 1) {
    now += 1000;
    limit.noteThrottled();
  }
  expect(limit.current).toBe(1);
});

test('a limit that others were made to cut grows by one a round', () => {
  const limit = new AdaptiveLimit(40);
  limit.set(10, false);
  for (let success = 0; success < 10; success += 1) limit.noteSuccess();
  expect(limit.current).toBe(20);
  limit.set(10, true);
  for (let success = 0; success < 11; success += 1) limit.noteSuccess();
  expect(limit.current).toBe(11);
});

test('what is read ahead does not wait for copies, and no more of it runs at once than copies may', async () => {
  const limit = new AdaptiveLimit(2);
  const endings: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => endings.push(resolve));
  const copies = [limit.copy(work), limit.copy(work)];
  const reads = [limit.readAhead(work), limit.readAhead(work), limit.readAhead(work)];
  expect(endings).toHaveLength(4);
  endings[2]?.();
  await reads[0];
  expect(endings).toHaveLength(5);
  for (const end of endings) end();
  await Promise.all([...copies, ...reads]);
});

test('never more than the limit runs at once, and all work is done after a cut', async () => {
  const limit = new AdaptiveLimit(6);
  let active = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 60 }, (_value, index) =>
      limit
        .copy(async () => {
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
