import { describe, expect, test } from '@jest/globals';
import {
  checksumKey,
  checksumText,
  parseChecksumText,
  snapshotName,
  snapshotTime,
} from './snapshot-names.ts';

const NAME = 'sonotheque_mongo_v20260301_235959.archive.gz';

describe('the names of snapshots', () => {
  test('contain the start time in UTC', () => {
    expect(snapshotName(new Date('2026-03-02T00:59:59.999+01:00'))).toBe(NAME);
    expect(snapshotTime(NAME)).toEqual(new Date('2026-03-01T23:59:59Z'));
    expect(checksumKey(NAME)).toBe(`snapshots/${NAME}.sha256`);
  });

  test.each([
    `${NAME}.sha256`,
    `${NAME}\n`,
    `../${NAME}`,
    'sonotheque_mongo_v20260230_000000.archive.gz',
    'sonotheque_mongo_v20260301_240000.archive.gz',
    'datasens_mongo_v20260301_235959.archive.gz',
    '',
  ])('%j is not a snapshot name', (name) => {
    expect(snapshotTime(name)).toBeUndefined();
  });

  test('a checksum file is only valid for its snapshot', () => {
    const sha256 = 'ab'.repeat(32);
    expect(parseChecksumText(checksumText(sha256, NAME), NAME)).toBe(sha256);
    expect(parseChecksumText(`${sha256} *${NAME}`, NAME)).toBe(sha256);
    expect(parseChecksumText(checksumText(sha256, 'another'), NAME)).toBeUndefined();
    expect(parseChecksumText(`${sha256}\n`, NAME)).toBeUndefined();
  });
});
