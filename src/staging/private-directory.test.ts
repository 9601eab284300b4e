import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeOwnDirectory, makePrivateDirectory } from './private-directory.ts';
import { createDirectoryStaging } from './directory-staging.ts';
import { readStagingId } from './staging-id.ts';
import { measureWorkDisk } from './work-disk.ts';

let root: string;
let usualMask: number;
beforeEach(async () => {
  usualMask = process.umask(0o022);
  root = await mkdtemp(path.join(tmpdir(), 'sonotheque-private-'));
});
afterEach(async () => {
  process.umask(usualMask);
  await rm(root, { recursive: true });
});
const modeOf = async (...parts: string[]) =>
  ((await stat(path.join(root, ...parts))).mode & 0o7777).toString(8);

test.each<[string, (directory: string) => Promise<unknown>]>([
  ['a work directory', (directory) => createDirectoryStaging(directory).createWorkDirectory()],
  [
    'a look for a file',
    (directory) =>
      createDirectoryStaging(directory).findStaged({ provider: 'youtube', videoId: 'aaaaaaaaaaa' }),
  ],
  ['a reading of the id', readStagingId],
  ['a measurement', measureWorkDisk],
])(
  'staging that %s creates is closed to others, and the directories above it are as usual',
  async (_by, create) => {
    await create(path.join(root, 'above', 'staging'));
    expect(await modeOf('above', 'staging')).toBe('700');
    expect(await modeOf('above')).toBe('755');
  },
);

test.each([
  ['755', '700'],
  ['711', '700'],
  ['777', '770'],
  ['775', '770'],
  ['2775', '2770'],
  ['700', '700'],
])('a directory of its own with the mode %s gets %s', async (before, after) => {
  const directory = path.join(root, 'youtube');
  await mkdir(directory);
  await chmod(directory, Number.parseInt(before, 8));
  await makeOwnDirectory(directory);
  expect(await modeOf('youtube')).toBe(after);
});

describe('a directory that exists', () => {
  test('and is not of its own making stays as it is, but not those in it', async () => {
    await chmod(root, 0o755);
    const staging = createDirectoryStaging(root);
    await mkdir(path.join(root, 'youtube'));
    await staging.findStaged({ provider: 'youtube', videoId: 'aaaaaaaaaaa' });
    await staging.createWorkDirectory();
    expect([await modeOf(), await modeOf('youtube'), await modeOf('work')]).toEqual(['755', '700', '700']);
  });

  test('and is a file is an error', async () => {
    await writeFile(path.join(root, 'file'), '');
    await expect(makePrivateDirectory(path.join(root, 'file'))).rejects.toThrow('EEXIST');
  });
});
