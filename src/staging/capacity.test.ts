import { describe, expect, test } from '@jest/globals';
import { estimateStagingBytes } from './estimate.ts';
import { whyStagingIsFull } from './capacity.ts';

const LIMITS = { maxBytes: 1_000, maxFiles: 10, minFreeBytes: 500 };
const EMPTY = { stagedFiles: 0, stagedBytes: 0, workBytes: 0, freeBytes: 100_000 };
const NONE = { downloads: 0, bytes: 0 };

describe('whether there is room', () => {
  test.each([
    ['an empty directory takes a small one', 100, EMPTY, NONE, undefined],
    ['one that is alone may be larger than the limit', 5_000, EMPTY, NONE, undefined],
    ['one that is alone may take the disk below its floor', 99_900, EMPTY, NONE, undefined],
    [
      'nobody begins on a disk below its floor',
      1,
      { ...EMPTY, freeBytes: 499 },
      NONE,
      'STAGING_MIN_FREE_BYTES',
    ],
    ['up to the limit', 600, { ...EMPTY, stagedFiles: 1, stagedBytes: 400 }, NONE, undefined],
    ['over the limit', 601, { ...EMPTY, stagedFiles: 1, stagedBytes: 400 }, NONE, 'STAGING_MAX_BYTES'],
    ['what is reserved counts', 601, EMPTY, { downloads: 1, bytes: 400 }, 'STAGING_MAX_BYTES'],
    [
      'what is written of it counts once',
      600,
      { ...EMPTY, workBytes: 400 },
      { downloads: 1, bytes: 400 },
      undefined,
    ],
    [
      'what is written beyond it counts',
      600,
      { ...EMPTY, workBytes: 500 },
      { downloads: 1, bytes: 400 },
      'STAGING_MAX_BYTES',
    ],
    ['files', 1, { ...EMPTY, stagedFiles: 9 }, { downloads: 1, bytes: 1 }, 'STAGING_MAX_FILES'],
    ['one file less', 1, { ...EMPTY, stagedFiles: 8 }, { downloads: 1, bytes: 1 }, undefined],
    [
      'what others have yet to write leaves less of the disk',
      300,
      { ...EMPTY, freeBytes: 1_000, workBytes: 100 },
      { downloads: 1, bytes: 301 },
      'STAGING_MIN_FREE_BYTES',
    ],
    [
      'exactly the floor is left',
      300,
      { ...EMPTY, freeBytes: 1_000, workBytes: 100 },
      { downloads: 1, bytes: 300 },
      undefined,
    ],
  ])('%s', (_what, sizeBytes, usage, reserved, named) => {
    const lack = whyStagingIsFull(sizeBytes, usage, reserved, LIMITS);
    if (named === undefined) expect(lack).toBeUndefined();
    else expect(lack).toContain(named);
  });
});

describe('what a download will need', () => {
  test('grows with the duration, and has room for the source and what is made of it', () => {
    // A song of 200 s: 8 MB of MP3, at most 6.8 MB of source, 2 MB beside.
    expect(estimateStagingBytes(200, 'mp3-320', 2 ** 31)).toBe(16_800_000);
    expect(estimateStagingBytes(200, 'original', 2 ** 31)).toBe(15_600_000);
  });

  test('a source is never larger than what is downloaded at all', () => {
    expect(estimateStagingBytes(100_000, 'original', 1_000_000)).toBe(4_000_000);
  });

  test('of unknown duration, half an hour is set aside', () => {
    expect(estimateStagingBytes(undefined, 'mp3-320', 2 ** 31)).toBe(
      estimateStagingBytes(1_800, 'mp3-320', 2 ** 31),
    );
  });
});
