import { describe, expect, test } from '@jest/globals';
import { describeOldYtDlp, ytDlpAgeDays } from './yt-dlp-version.ts';

describe('the age of a version of yt-dlp', () => {
  const now = new Date('2026-12-25T23:59:00Z');

  test.each([
    ['2026.12.25', 0],
    ['2026.10.26', 60],
    ['2026.10.25', 61],
    ['2026.8.19', 128],
    ['2026.10.25.1', 61],
    ['2026.10.25.232323.dev0', 61],
    ['2026.12.27', -2],
    ['nightly', undefined],
    ['', undefined],
  ])('%s is %s days', (version, days) => {
    expect(ytDlpAgeDays(version, now)).toBe(days);
  });

  test('people are warned after 60 days, not before', () => {
    expect(describeOldYtDlp('2026.10.26', now)).toBeUndefined();
    expect(describeOldYtDlp('2026.10.25', now)).toMatch(/2026\.10\.25 of yt-dlp is 61 days old/);
    expect(describeOldYtDlp('unknown', now)).toBeUndefined();
  });
});
