import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, readdir, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { TransientError } from '../../src/domain/job-errors.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { addressOf, keyOf, openReconcileTest, type ReconcileTest } from '../support/reconcile-setting.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

const KEY = keyOf(1);
const OTHER = keyOf(2);
const AUDIO = { size: 1, format: 'mp3' };

let setting: TestEnvironment;
let places: ReconcileTest;

beforeEach(async () => {
  setting = await openTestSetting();
  places = await openReconcileTest(setting);
});
afterEach(async () => {
  places.store.close();
  await setting.close();
});

const discover = (key: VideoKey) =>
  setting.database.videos.discover([{ key, url: addressOf(key), title: 'Known' }]);
const isStaged = async (key: VideoKey) => (await places.staging.readStaged(key)) !== undefined;
const stagingOnly = (options = {}) => places.run({ passes: ['staging'], ...options });

const error = new TransientError('network', 'x');
const STATES: readonly [string, boolean, () => Promise<unknown>][] = [
  ['discovered', true, () => Promise.resolve()],
  ['downloaded', true, () => setting.database.videos.markDownloaded(KEY, 0, AUDIO, {})],
  [
    'stored',
    false,
    async () => {
      await setting.database.videos.markDownloaded(KEY, 0, AUDIO, {});
      await setting.database.videos.markStored(KEY, 0, AUDIO);
    },
  ],
  [
    'failed at its download',
    false,
    () => setting.database.videos.markFailed(KEY, 0, { stage: 'download', resumeAt: 'download' }, error),
  ],
  [
    'failed at its upload',
    true,
    async () => {
      await setting.database.videos.markDownloaded(KEY, 0, AUDIO, {});
      await setting.database.videos.markFailed(KEY, 0, { stage: 'upload', resumeAt: 'upload' }, error);
    },
  ],
  [
    'retrying',
    true,
    () =>
      setting.database.videos.markRetrying(
        KEY,
        0,
        { stage: 'download', resumeAt: 'download' },
        error,
        new Date(),
      ),
  ],
];

test.each(STATES)('the staged file of a video that is %s stays: %s', async (_state, stays, bring) => {
  await discover(KEY);
  await bring();
  await places.stage(KEY);
  expect((await stagingOnly()).staging).toMatchObject({ files: 1, strays: stays ? 0 : 1 });
  expect(await isStaged(KEY)).toBe(stays);
  const left = await readdir(path.join(setting.config.staging.directory, 'youtube'));
  expect(left).toHaveLength(stays ? 2 : 0);
});

test('the staged file of an unknown video is removed, a dry run only counts it', async () => {
  await discover(KEY);
  await places.stage(OTHER);
  expect((await stagingOnly({ dryRun: true })).staging).toMatchObject({ strays: 1 });
  expect(await isStaged(OTHER)).toBe(true);
  expect((await stagingOnly()).staging).toMatchObject({ strays: 1 });
  expect(await isStaged(OTHER)).toBe(false);
});

describe('when MongoDB knows nothing at all', () => {
  test('nothing is removed, and it is said', async () => {
    await places.stage(KEY);
    const report = await stagingOnly();
    expect(report.staging).toMatchObject({ files: 1, strays: 0, adopted: 0 });
    expect(report.problems).toMatchObject([{ pass: 'staging', errorClass: 'record_unavailable' }]);
    expect(await isStaged(KEY)).toBe(true);
  });

  test('--from-storage takes the files in, and their download finds them', async () => {
    await places.stage(KEY);
    await places.upload(OTHER);
    const report = await places.run({ fromStorage: true });
    expect(report).toMatchObject({
      bucket: { adopted: 1 },
      staging: { adopted: 1, strays: 0 },
      videos: { jobs: 2 },
      problems: [],
    });
    expect(await setting.database.videos.find(KEY)).toMatchObject({
      status: 'discovered',
      url: addressOf(KEY),
      title: `Title of ${KEY.videoId}`,
    });
    expect(await setting.database.videos.find(OTHER)).toMatchObject({ status: 'stored' });
    expect(await isStaged(KEY)).toBe(true);
    expect(await setting.queues.counts('download')).toMatchObject({ waiting: 1 });
    expect(await setting.queues.counts('sync')).toMatchObject({ waiting: 1 });
  });
});

test('facts without their audio go when they are old and nobody waits for the video', async () => {
  const waiting = keyOf(3);
  const fresh = keyOf(4);
  await discover(waiting);
  const directory = path.join(setting.config.staging.directory, 'youtube');
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  for (const key of [KEY, waiting, fresh]) {
    await places.stage(key);
    const staged = await places.staging.findStaged(key);
    await rm(staged?.file ?? '');
    if (key !== fresh) await utimes((staged?.file ?? '').replace(/mp3$/, 'json'), longAgo, longAgo);
  }
  // Old facts with their audio are those of a file that waits long.
  await discover(OTHER);
  await places.stage(OTHER);
  await utimes(
    ((await places.staging.findStaged(OTHER))?.file ?? '').replace(/mp3$/, 'json'),
    longAgo,
    longAgo,
  );
  expect((await stagingOnly({ dryRun: true })).staging).toMatchObject({ strayFacts: 1 });
  expect((await stagingOnly()).staging).toMatchObject({ strayFacts: 1, strays: 0 });
  const left = (await readdir(directory)).map((name) => name.replace(/\..*\./, '.')).sort();
  expect(left).toEqual([
    `${OTHER.videoId}.json`,
    `${OTHER.videoId}.mp3`,
    `${waiting.videoId}.json`,
    `${fresh.videoId}.json`,
  ]);
  expect((await stagingOnly()).staging).toMatchObject({ strayFacts: 0 });
});

test('work directories of dead workers go, those in use stay', async () => {
  const dead = path.join(setting.config.staging.directory, 'work', 'job-of-nobody');
  await mkdir(dead, { recursive: true });
  const alive = await places.staging.createWorkDirectory();
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  await utimes(dead, longAgo, longAgo);
  expect((await stagingOnly({ dryRun: true })).staging).toMatchObject({ workDirectories: 0 });
  expect((await stagingOnly()).staging).toMatchObject({ workDirectories: 1 });
  expect(await readdir(path.join(setting.config.staging.directory, 'work'))).toEqual([path.basename(alive)]);
});

test('a machine without a staging directory says nothing of staged files', async () => {
  await discover(KEY);
  await setting.database.videos.markDownloaded(KEY, 0, AUDIO, {});
  await rm(setting.config.staging.directory, { recursive: true, force: true });
  const report = await places.run();
  expect(report.staging).toBeNull();
  // Another machine may have the file: its upload is tried.
  expect(report.videos).toMatchObject({ jobs: 1, sentBack: 0 });
  expect(await setting.queues.counts('upload')).toMatchObject({ waiting: 1 });
});
