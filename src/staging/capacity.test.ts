import { describe, expect, test } from '@jest/globals';
import { estimateStagingBytes, whyStagingIsFull, type ReservationTotals } from './capacity.ts';

const LIMITS = { maxBytes: 1_000, maxFiles: 10, minFreeBytes: 500 };
const EMPTY = { stagedFiles: 0, stagedBytes: 0, isOnWorkDisk: true, workBytes: 0, freeBytes: 100_000 };
const IN_BUCKET = { ...EMPTY, isOnWorkDisk: false };
/** So many downloads on this machine, with these bytes in all. */
const here = (downloads: number, bytes: number): ReservationTotals => ({
  ...{ downloads, bytes },
  ...{ diskDownloads: downloads, diskBytes: bytes },
});
const elsewhere = (downloads: number, bytes: number): ReservationTotals => ({
  ...{ downloads, bytes },
  ...{ diskDownloads: 0, diskBytes: 0 },
});
const NONE = here(0, 0);

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
    ['reservations count', 601, EMPTY, here(1, 400), 'STAGING_MAX_BYTES'],
    ['written bytes of a reservation count once', 600, { ...EMPTY, workBytes: 400 }, here(1, 400), undefined],
    [
      'written bytes beyond a reservation count',
      600,
      { ...EMPTY, workBytes: 500 },
      here(1, 400),
      'STAGING_MAX_BYTES',
    ],
    ['files', 1, { ...EMPTY, stagedFiles: 9 }, here(1, 1), 'STAGING_MAX_FILES'],
    ['one file less', 1, { ...EMPTY, stagedFiles: 8 }, here(1, 1), undefined],
    [
      'reserved bytes that are not written yet reduce the free space',
      300,
      { ...EMPTY, freeBytes: 1_000, workBytes: 100 },
      here(1, 301),
      'STAGING_MIN_FREE_BYTES',
    ],
    [
      'exactly the minimum is left',
      300,
      { ...EMPTY, freeBytes: 1_000, workBytes: 100 },
      here(1, 300),
      undefined,
    ],
    [
      'the downloads of other hosts count',
      601,
      { ...IN_BUCKET, workBytes: 0 },
      elsewhere(1, 400),
      'STAGING_MAX_BYTES',
    ],
    [
      'the downloads of other hosts take no space of this disk',
      300,
      { ...IN_BUCKET, freeBytes: 1_000 },
      elsewhere(1, 301),
      undefined,
    ],
    [
      'files in the bucket take no space of this disk',
      300,
      { ...IN_BUCKET, freeBytes: 600, stagedFiles: 1, stagedBytes: 600 },
      NONE,
      undefined,
    ],
  ])('%s', (_what, sizeBytes, usage, reserved, named) => {
    const full = whyStagingIsFull(sizeBytes, usage, reserved, LIMITS);
    if (named === undefined) expect(full).toBeUndefined();
    else expect(full?.reason).toContain(named);
  });

  test.each([
    ['nothing is staged and nothing runs', EMPTY, NONE, true],
    ['a file on it will be uploaded', { ...EMPTY, stagedFiles: 1 }, NONE, false],
    ['a download on it will end', EMPTY, here(1, 10), false],
    ['files are in the bucket', { ...IN_BUCKET, stagedFiles: 1 }, NONE, true],
    ['downloads are on other disks', IN_BUCKET, elsewhere(1, 10), true],
  ])('a full disk is hopeless when nothing on it will go away: %s', (_what, usage, reserved, isHopeless) => {
    const full = whyStagingIsFull(1, { ...usage, freeBytes: 1 }, reserved, LIMITS);
    expect(full?.isHopeless).toBe(isHopeless);
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
