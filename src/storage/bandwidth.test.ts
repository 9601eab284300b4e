import { expect, test } from '@jest/globals';
import { Bandwidth } from './bandwidth.ts';

const { signal } = new AbortController();

test('bytes go at the rate after a burst, and transfers that ask in turn get equal shares', async () => {
  const bandwidth = new Bandwidth(100_000);
  const startedAt = performance.now();
  const moved = [0, 0, 0];
  const transfer = async (index: number, pieces: number) => {
    for (let piece = 0; piece < pieces; piece += 1) {
      await bandwidth.take(2000, signal);
      moved[index] = (moved[index] ?? 0) + 2000;
    }
  };
  const all = Promise.all([transfer(0, 20), transfer(1, 20), transfer(2, 20)]);
  await transfer(0, 0);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(Math.max(...moved) - Math.min(...moved)).toBeLessThanOrEqual(2000);
  await all;
  // 120 kB, of which a quarter of a second's worth goes at once.
  const seconds = (performance.now() - startedAt) / 1000;
  expect(seconds).toBeGreaterThan(0.9);
  expect(seconds).toBeLessThan(3);
});

test('shares stay equal after a moment in which nothing ran', async () => {
  let now = 0;
  const bandwidth = new Bandwidth(100_000, () => now);
  await bandwidth.take(25_000, signal);
  const moved = [0, 0, 0];
  const mostApart: number[] = [];
  const transfer = async (index: number) => {
    for (let piece = 0; piece < 4; piece += 1) {
      await bandwidth.take(2000, signal);
      moved[index] = (moved[index] ?? 0) + 2000;
      mostApart.push(Math.max(...moved) - Math.min(...moved));
    }
  };
  const all = Promise.all([0, 1, 2].map(transfer));
  // All pieces are due when the first timer ends: they are less than a burst.
  now = 3_600_000;
  await all;
  // One may be served again before the last one of its turn has noticed that it was.
  expect(Math.max(...mostApart)).toBeLessThanOrEqual(4000);
});

test('time without transfers is not saved up', async () => {
  let now = 0;
  const bandwidth = new Bandwidth(1000, () => now);
  now = 3_600_000;
  let waits = 0;
  await bandwidth.take(250, signal);
  const taken = bandwidth.take(2000, signal, () => {
    waits += 1;
    now += 1000;
  });
  await taken;
  expect(waits).toBe(2);
});

test('a wait ends when the transfer is interrupted', async () => {
  const bandwidth = new Bandwidth(1);
  const controller = new AbortController();
  const taken = bandwidth.take(1_000_000, controller.signal);
  controller.abort();
  await expect(taken).rejects.toMatchObject({ outcome: 'interrupted' });
});
