import { expect, test } from '@jest/globals';
import { steadyRate } from './steady-rate.ts';

/** Each worker needs two seconds for an item, and began late. */
const timesOf = (workers: number, itemsEach: number) =>
  Array.from({ length: workers * itemsEach }, (_value, index) => 9_000 + 2_000 * Math.floor(index / workers));

test.each([
  [1, 5, 0.5],
  [4, 11, 2],
  [16, 11, 8],
])('%d workers with %d items each', (workers, itemsEach, rate) => {
  expect(steadyRate(timesOf(workers, itemsEach), workers)).toBeCloseTo(rate);
});

test('one that is late at the end changes little', () => {
  const rate = steadyRate([...timesOf(4, 10).slice(0, -1), 60_000], 4);
  expect(rate).toBeCloseTo(2);
});

test('of too few items there is none', () => {
  expect(steadyRate(timesOf(4, 2), 4)).toBeUndefined();
  expect(steadyRate([], 1)).toBeUndefined();
});
