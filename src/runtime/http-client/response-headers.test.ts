import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { charsetOf, freshForMsOf, retryAfterMs } from './response-headers.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const WEEK_MS = 7 * 24 * 3_600_000;

describe('Retry-After', () => {
  test.each([
    ['3', 3_000],
    ['120', 120_000],
    [' 0 ', 0],
    ['1.5', 1500],
    ['Sun, 01 Mar 2026 12:05:00 GMT', 300_000],
    ['Sunday, 01-Mar-26 12:05:00 GMT', 300_000],
    ['Sun Mar  1 12:05:00 2026', 300_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['99999999999', WEEK_MS],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    ['2026-03-01T12:05:00Z', undefined],
  ])('of %j is a delay of %j ms', (value, expected) => {
    expect(retryAfterMs(value, NOW)).toBe(expected);
  });

  test('is read by the clock of the server', () => {
    const serverDate = 'Sun, 01 Mar 2026 15:00:00 GMT';
    expect(retryAfterMs('Sun, 01 Mar 2026 15:01:00 GMT', NOW, serverDate)).toBe(60_000);
  });

  test.each([null, undefined])('is undefined when the header is missing (%p)', (value) => {
    expect(retryAfterMs(value, NOW)).toBeUndefined();
  });

  test('is never negative and never more than a week', () => {
    const dates = fc.date({ noInvalidDate: true }).map((date) => date.toUTCString());
    const values = fc.oneof(dates, fc.nat().map(String), fc.stringMatching(/^[ -~]*$/));
    fc.assert(
      fc.property(values, (value) => {
        const delayMs = retryAfterMs(value, NOW) ?? 0;
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(WEEK_MS);
      }),
    );
  });
});

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
])('a response with %j is fresh for %j ms', (headers, expected) => {
  expect(freshForMsOf(new Headers(headers), NOW)).toBe(expected);
});

test.each([
  ['text/xml; charset=utf-8', 'utf-8'],
  ['text/xml;charset="ISO-8859-1"', 'ISO-8859-1'],
  ["text/xml; Charset = 'windows-1252'; x=y", 'windows-1252'],
  ['text/html, text/html; charset=utf-8', 'utf-8'],
  ['text/xml charset=utf-8', 'utf-8'],
  ['text/xml; boundary=charset', undefined],
  ['text/xml; charset=', undefined],
  ['', undefined],
])('the charset of %p is %p', (value, charset) => {
  expect(charsetOf(new Headers({ 'content-type': value }))).toBe(charset);
});
