import { describe, expect, test } from '@jest/globals';
import { parseDuration, parseFeedDate } from './dates.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const read = (text: string) => parseFeedDate(text, NOW)?.toISOString();

describe('parseFeedDate', () => {
  test.each([
    ['Sat, 21 Nov 2026 10:00:00 +0100', '2026-11-21T09:00:00.000Z'],
    ['Sat, 21 Nov 2026 10:00:00 GMT', '2026-11-21T10:00:00.000Z'],
    ['Sat, 21 Nov 2026 10:00:00 CEST', '2026-11-21T08:00:00.000Z'],
    ['21 Nov 2026 10:00:00 EST', '2026-11-21T15:00:00.000Z'],
    ['2026-11-21T10:00:00+01:00', '2026-11-21T09:00:00.000Z'],
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
  ])('parses %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each([
    ['Sat, 21 Nov 2026 10:00:00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21 10:00:00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00:00', '2026-11-21T10:00:00.000Z'],
  ])('parses %s as UTC in every time zone', (text, expected) => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'America/New_York';
    try {
      expect(read(text)).toBe(expected);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  test.each([
    '',
    'yesterday',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'Sat, 21 Nov 2099 10:00:00 GMT',
    '31/31/2026',
  ])('rejects %p', (text) => {
    expect(read(text)).toBeUndefined();
  });
});

test('parseDuration accepts seconds and clock times', () => {
  expect(['61', '01:01', '1:00:05', '12:34.5', ' 90 '].map(parseDuration)).toEqual([61, 61, 3605, 754, 90]);
  expect(['', '0', 'an hour', '-5', '1:2:3:4'].map(parseDuration)).toEqual(Array(5).fill(undefined));
});
