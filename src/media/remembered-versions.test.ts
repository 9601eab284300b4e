import { chmod, mkdtemp, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createVersionMemory } from './remembered-versions.ts';

const HOUR_MS = 3_600_000;

let directory: string;
let program: string;
let file: string;
let now: number;
let asked: number;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-versions-'));
  program = path.join(directory, 'program');
  file = path.join(directory, 'cache', 'versions.json');
  await writeFile(program, 'one');
  now = 1_000_000_000;
  asked = 0;
});
afterEach(() => rm(directory, { recursive: true }));

/** As another process would ask. */
function versionOf(kind: 'yt-dlp' | 'ffmpeg' = 'yt-dlp', of = program): Promise<string> {
  return createVersionMemory(file, () => now).versionOf(kind, of, () => {
    asked += 1;
    return Promise.resolve(`version ${String(asked)}`);
  });
}

test('the same file is asked once, whatever process asks', async () => {
  expect([await versionOf(), await versionOf()]).toEqual(['version 1', 'version 1']);
});

test.each([
  ['written again with the same size and time', async () => rewrite('two')],
  ['another size', () => writeFile(program, 'longer')],
  ['replaced by a rename', replace],
  ['permissions', () => chmod(program, 0o700)],
])('a file that changed is asked again: %s', async (_what, change) => {
  await versionOf();
  await change();
  expect(await versionOf()).toBe('version 2');
});

test('a link that points elsewhere is asked again', async () => {
  const link = path.join(directory, 'link');
  await symlink(program, link);
  await versionOf('yt-dlp', link);
  await rm(link);
  await writeFile(path.join(directory, 'other'), 'one');
  await symlink('other', link);
  expect(await versionOf('yt-dlp', link)).toBe('version 2');
});

test('one file that is used for two purposes is asked for each', async () => {
  await versionOf('yt-dlp');
  expect(await versionOf('ffmpeg')).toBe('version 2');
});

test.each([25 * HOUR_MS, -HOUR_MS])('after %i ms it is asked again', async (ms) => {
  await versionOf();
  now += ms;
  expect(await versionOf()).toBe('version 2');
});

test('a failure and a missing program are not remembered', async () => {
  const fail = () => Promise.reject(new Error('broken'));
  await expect(createVersionMemory(file).versionOf('yt-dlp', program, fail)).rejects.toThrow('broken');
  expect(await versionOf()).toBe('version 1');
  const missing = path.join(directory, 'missing');
  await versionOf('yt-dlp', missing);
  expect(await versionOf('yt-dlp', missing)).toBe('version 3');
});

test('a program that is replaced while it answers is asked again', async () => {
  await createVersionMemory(file).versionOf('yt-dlp', program, async () => {
    await replace();
    return 'of which file?';
  });
  expect(await versionOf()).toBe('version 1');
});

test.each(['', 'null', '{"a":1}', '[{"file":1}]'])(
  'a memory that contains %j is as an empty one',
  async (text) => {
    await versionOf();
    await writeFile(file, text);
    expect(await versionOf()).toBe('version 2');
  },
);

test('a memory that cannot be written costs nothing but time', async () => {
  file = path.join(program, 'below-a-file', 'versions.json');
  expect([await versionOf(), await versionOf()]).toEqual(['version 1', 'version 2']);
});

async function replace(): Promise<void> {
  const { atime, mtime } = await stat(program);
  const next = path.join(directory, 'next');
  await writeFile(next, 'one');
  await utimes(next, atime, mtime);
  await rename(next, program);
}

async function rewrite(text: string): Promise<void> {
  const { atime, mtime } = await stat(program);
  // The time of the change of the inode is kept to a few milliseconds.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await writeFile(program, text);
  await utimes(program, atime, mtime);
}
