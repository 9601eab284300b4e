import { describe, expect, test } from '@jest/globals';
import { estimateStagingBytes, whyStagingIsFull } from './capacity.ts';

const LIMITS = { maxBytes: 1_000, maxFiles: 10, minFreeBytes: 500 };
const EMPTY = { stagedFiles: 0, stagedBytes: 0, workBytes: 0, freeBytes: 100_000 };
const NONE = { downloads: 0, bytes: 0 };

describe('whether staging has capacity', () => {
  test.each([
    ['an empty directory accepts a small download', 100, EMPTY, NONE, undefined],
    ['a single download may be larger than the limit', 5_000, EMPTY, NONE, undefined],
    ['a single download may take the disk below its minimum', 99_900, EMPTY, NONE, undefined],
    [
      'no download starts on a disk below its minimum',
      1,
      { ...EMPTY, freeBytes: 499 },
      NONE,
      'STAGING_MIN_FREE_BYTES',
    ],
    ['up to the limit', 600, { ...EMPTY, stagedFiles: 1, stagedBytes: 400 }, NONE, undefined],
    ['over the limit', 601, { ...EMPTY, stagedFiles: 1, stagedBytes: 400 }, NONE, 'STAGING_MAX_BYTES'],
    ['reservations count', 601, EMPTY, { downloads: 1, bytes: 400 }, 'STAGING_MAX_BYTES'],
    [
      'written bytes of a reservation count once',
      600,
      { ...EMPTY, workBytes: 400 },
      { downloads: 1, bytes: 400 },
      undefined,
    ],
    [
      'written bytes beyond a reservation count',
      600,
      { ...EMPTY, workBytes: 500 },
      { downloads: 1, bytes: 400 },
      'STAGING_MAX_BYTES',
    ],
    ['files', 1, { ...EMPTY, stagedFiles: 9 }, { downloads: 1, bytes: 1 }, 'STAGING_MAX_FILES'],
    ['one file less', 1, { ...EMPTY, stagedFiles: 8 }, { downloads: 1, bytes: 1 }, undefined],
    [
      'reserved bytes that are not written yet reduce the free space',
      300,
      { ...EMPTY, freeBytes: 1_000, workBytes: 100 },
      { downloads: 1, bytes: 301 },
      'STAGING_MIN_FREE_BYTES',
    ],
    [
      'exactly the minimum is left',
      300,
      { ...EMPTY, freeBytes: 1_000, workBytes: 100 },
      { downloads: 1, bytes: 300 },
      undefined,
    ],
  ])('%s', (_what, sizeBytes, usage, reserved, named) => {
    const reason = whyStagingIsFull(sizeBytes, usage, reserved, LIMITS);
    if (named === undefined) expect(reason).toBeUndefined();
    else expect(reason).toContain(named);
  });
});

describe('the estimated size of a download', () => {
  test('grows with the duration and includes the source and the result', () => {
    // A song of 200 s: 8 MB of MP3, at most 6.8 MB of source, 2 MB of overhead.
    expect(estimateStagingBytes(200, 'mp3-320', 2 ** 31)).toBe(16_800_000);
    expect(estimateStagingBytes(200, 'original', 2 ** 31)).toBe(15_600_000);
  });

  test('has no larger source than the download limit', () => {
    expect(estimateStagingBytes(100_000, 'original', 1_000_000)).toBe(4_000_000);
  });

  test('is that of half an hour when the duration is unknown', () => {
    expect(estimateStagingBytes(undefined, 'mp3-320', 2 ** 31)).toBe(
      estimateStagingBytes(1_800, 'mp3-320', 2 ** 31),
    );
  });
});
