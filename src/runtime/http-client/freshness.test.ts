import { expect, test } from '@jest/globals';
import { freshForMsOf } from './freshness.ts';

const NOW = new Date('2026-03-01T12:00:00Z');

test.each<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ 'cache-control': 'public' }, undefined],
  [{ 'cache-control': 'public, max-age=600' }, 600_000],
  [{ 'cache-control': 'Max-Age="600"', age: '100' }, 500_000],
  [{ 'cache-control': 'max-age=600', age: '900' }, 0],
  [{ 'cache-control': 'max-age=600, no-cache' }, 0],
  [{ 'cache-control': 'no-store' }, 0],
  [{ 'cache-control': 'max-age=60', expires: 'Sun, 01 Mar 2026 13:00:00 GMT' }, 60_000],
  [{ 'cache-control': 's-maxage=600', expires: 'Sun, 01 Mar 2026 12:10:00 GMT' }, 600_000],
  [{ expires: 'Sun, 01 Mar 2026 12:10:00 GMT', date: 'Sun, 01 Mar 2026 12:09:00 GMT' }, 60_000],
  [{ expires: 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
  [{ expires: '0' }, 0],
])('an answer with %j is fresh for %j ms', (headers, expected) => {
  expect(freshForMsOf(new Headers(headers), NOW)).toBe(expected);
});
