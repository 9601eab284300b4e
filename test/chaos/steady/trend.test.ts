import { expect, test } from '@jest/globals';
import { minimumPerMinute, trendOf } from './trend.ts';

const MINUTE_MS = 60_000;
const points = (value: (minute: number) => number) =>
  Array.from({ length: 31 }, (_, minute) => ({ atMs: minute * MINUTE_MS, value: value(minute) }));

test('a figure that grows only in the first half is flat', () => {
  expect(
    trendOf(
      'rss',
      points((minute) => Math.min(minute, 14) * 10),
      5,
    ),
  ).toMatchObject({
    first: 0,
    last: 140,
    peak: 140,
    isFlat: true,
  });
});

test('a figure that keeps growing is not flat, and the slope says how fast it grows', () => {
  const trend = trendOf(
    'rss',
    points((minute) => 100 + minute),
    10,
  );
  expect(trend.slopePerHour).toBeCloseTo(60);
  expect(trend.growth).toBeCloseTo(15);
  expect(trend.isFlat).toBe(false);
});

test('a figure with noise around a constant is flat', () => {
  expect(
    trendOf(
      'rss',
      points((minute) => 100 + (minute % 2) * 20),
      5,
    ).isFlat,
  ).toBe(true);
});

test('a figure that shrinks is flat', () => {
  expect(
    trendOf(
      'rss',
      points((minute) => 100 - minute),
      0,
    ).isFlat,
  ).toBe(true);
});

test('a single sample has slope 0, no sample is an error', () => {
  expect(trendOf('rss', [{ atMs: 0, value: 3 }], 1)).toMatchObject({ slopePerHour: 0, isFlat: true });
  expect(() => trendOf('rss', [], 1)).toThrow('never measured');
});

test('takes the minimum of each minute', () => {
  const saw = Array.from({ length: 24 }, (_, index) => ({ atMs: index * 5_000, value: 100 + (index % 12) }));
  expect(minimumPerMinute(saw)).toEqual([
    { atMs: 0, value: 100 },
    { atMs: MINUTE_MS, value: 100 },
  ]);
});
