import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, readdir, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../src/config/config.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { stagedMetadataName } from '../../src/staging/staging-names.ts';
import { createBucketStaging } from '../../src/staging/bucket-staging.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { listAll, untilDone } from '../contract/test-stores.ts';
import { withOverrides } from '../support/with-overrides.ts';
import {
  addressOf,
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';

const KEY = keyOf(1);
const OTHER = keyOf(2);
const AUDIO = { size: 1, format: 'mp3' };

let environment: ReconcileEnvironment;

afterEach(() => environment.close());

const discover = (key: VideoKey) =>
  environment.database.videos.discover([{ key, url: addressOf(key), title: 'Known' }]);
const isStaged = async (key: VideoKey) => (await environment.staging.readStaged(key)) !== undefined;
const stagingOnly = (options = {}) => environment.reconcile({ passes: ['staging'], ...options });

const error = new TransientError('network', 'x');
const STATES: readonly [string, boolean, () => Promise<unknown>][] = [
  ['discovered', true, () => Promise.resolve()],
  ['downloaded', true, () => environment.database.videos.markDownloaded(KEY, 0, AUDIO, {})],
  [
    'stored',
    false,
    async () => {
      await environment.database.videos.markDownloaded(KEY, 0, AUDIO, {});
      await environment.database.videos.markStored(KEY, 0, AUDIO);
    },
  ],
  [
    'failed at its download',
    false,
    () => environment.database.videos.markFailed(KEY, 0, { stage: 'download', resumeAt: 'download' }, error),
  ],
  [
    'failed at its upload',
    true,
    async () => {
      await environment.database.videos.markDownloaded(KEY, 0, AUDIO, {});
      await environment.database.videos.markFailed(KEY, 0, { stage: 'upload', resumeAt: 'upload' }, error);
    },
  ],
  [
    'retrying',
    true,
    () =>
      environment.database.videos.markRetrying(
        KEY,
        0,
        { stage: 'download', resumeAt: 'download' },
        error,
        new Date(),
      ),
  ],
];

describe.each<[Config['staging']['form']]>([['directory'], ['s3']])('with staging as %s', (form) => {
  beforeEach(async () => {
    environment = await openReconcileEnvironment({ STAGING: form });
  });

  /** All that is staged, files or objects, without their directories. */
  const parts = async () => {
    const directory = path.join(environment.config.staging.directory, 'youtube');
    const names =
      form === 's3'
        ? (await listAll(environment.store, 'staging/')).map(({ name }) => path.basename(name))
        : await readdir(directory);
    return names.map((name) => name.replace(/\..*\./, '.')).sort();
  };

  test.each(STATES)('the staged file of a video that is %s is kept: %s', async (_state, stays, bring) => {
    await discover(KEY);
    await bring();
    await environment.stage(KEY);
    expect((await stagingOnly()).staging).toMatchObject({ files: 1, strays: stays ? 0 : 1 });
    expect(await isStaged(KEY)).toBe(stays);
    expect(await parts()).toHaveLength(stays ? 2 : 0);
  });

  test('the staged file of an unknown video is removed; a dry run only counts it', async () => {
    await discover(KEY);
    await environment.stage(OTHER);
    expect((await stagingOnly({ dryRun: true })).staging).toMatchObject({ strays: 1 });
    expect(await isStaged(OTHER)).toBe(true);
    expect((await stagingOnly()).staging).toMatchObject({ strays: 1 });
    expect(await isStaged(OTHER)).toBe(false);
  });

  describe('when MongoDB is empty', () => {
    test('nothing is removed, and a problem is reported', async () => {
      await environment.stage(KEY);
      const report = await stagingOnly();
      expect(report.staging).toMatchObject({ files: 1, strays: 0, adopted: 0 });
      expect(report.problems).toMatchObject([{ pass: 'staging', errorClass: 'record_unavailable' }]);
      expect(await isStaged(KEY)).toBe(true);
    });

    test('--from-storage records the files, and their download job finds them', async () => {
      await environment.stage(KEY);
      await environment.upload(OTHER);
      const report = await environment.reconcile({ fromStorage: true });
      expect(report).toMatchObject({
        bucket: { adopted: 1 },
        staging: { adopted: 1, strays: 0 },
        videos: { jobs: 2 },
        problems: [],
      });
      expect(await environment.database.videos.find(KEY)).toMatchObject({
        status: 'discovered',
        url: addressOf(KEY),
        title: `Title of ${KEY.videoId}`,
      });
      expect(await environment.database.videos.find(OTHER)).toMatchObject({ status: 'stored' });
      expect(await isStaged(KEY)).toBe(true);
      expect(await environment.queues.jobs.counts('download')).toMatchObject({ waiting: 1 });
      expect(await environment.queues.jobs.counts('sync')).toMatchObject({ waiting: 1 });
    });
  });

  test('audio that is missing is downloaded again, and what is left of it is removed', async () => {
    await discover(KEY);
    await environment.stage(KEY);
    await environment.database.videos.markDownloaded(KEY, 0, AUDIO, {});
    const staged = await environment.staging.findStaged(KEY);
    if (form === 's3') await environment.store.remove(staged?.file ?? '', untilDone);
    else await rm(staged?.file ?? '');
    expect((await environment.reconcile()).videos).toMatchObject({ sentBack: 1 });
    expect(await environment.queues.jobs.counts('download')).toMatchObject({ waiting: 1 });
    await environment.stage(KEY);
    expect(await isStaged(KEY)).toBe(true);
  });

  test('what is staged is no part of the archive', async () => {
    await environment.archive(OTHER);
    await discover(KEY);
    await environment.stage(KEY);
    expect((await environment.reconcile({ passes: ['bucket'] })).bucket).toMatchObject({
      ...{ objects: 1, unrecognised: 0, adopted: 0, missing: 0 },
    });
    expect(await isStaged(KEY)).toBe(true);
  });
});

describe('with staging in the bucket', () => {
  beforeEach(async () => {
    environment = await openReconcileEnvironment({ STAGING: 's3' });
  });

  test('audio that was not described and descriptions without audio are removed when they are old and no job waits', async () => {
    const [unknown, waiting, bare] = [keyOf(3), keyOf(4), keyOf(5)];
    await discover(waiting);
    for (const key of [KEY, waiting, unknown, bare]) {
      await environment.stage(key);
      const file = (await environment.staging.findStaged(key))?.file ?? '';
      await environment.store.remove(key === bare ? file : stagedMetadataName(key), untilDone);
    }
    const names = async () => (await listAll(environment.store, 'staging/')).map(({ name }) => name);
    const left = await names();
    expect(left).toHaveLength(4);
    expect((await stagingOnly()).staging).toMatchObject({ strayMetadata: 0, files: 0 });
    expect(await names()).toEqual(left);

    // Two hours later only what a job will replace is left.
    const serverTime = () => Promise.resolve(new Date(Date.now() + 2 * 3_600_000));
    const { store, config } = environment;
    const staging = createBucketStaging(withOverrides(store, { serverTime }), config.staging.directory);
    expect((await stagingOnly({ staging, dryRun: true })).staging).toMatchObject({ strayMetadata: 3 });
    expect((await stagingOnly({ staging })).staging).toMatchObject({ strayMetadata: 3 });
    expect(await names()).toEqual(left.filter((name) => name.includes(waiting.videoId)));
  });

  test('a host without a staging directory tells what is staged', async () => {
    await discover(KEY);
    await environment.stage(KEY);
    await environment.database.videos.markDownloaded(KEY, 0, AUDIO, {});
    await rm(environment.config.staging.directory, { recursive: true, force: true });
    const report = await environment.reconcile();
    expect(report).toMatchObject({ staging: { files: 1, strays: 0 }, problems: [] });
    expect(await environment.queues.jobs.counts('upload')).toMatchObject({ waiting: 1 });
  });
});

describe('with staging as a directory', () => {
  beforeEach(async () => {
    environment = await openReconcileEnvironment();
  });

  test('metadata files without audio are removed when they are old and no job waits for the video', async () => {
    const waiting = keyOf(3);
    const fresh = keyOf(4);
    await discover(waiting);
    const directory = path.join(environment.config.staging.directory, 'youtube');
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    for (const key of [KEY, waiting, fresh]) {
      await environment.stage(key);
      const staged = await environment.staging.findStaged(key);
      await rm(staged?.file ?? '');
      if (key !== fresh) await utimes((staged?.file ?? '').replace(/mp3$/, 'json'), longAgo, longAgo);
    }
    // Old metadata with its audio belongs to a file that waits.
    await discover(OTHER);
    await environment.stage(OTHER);
    await utimes(
      ((await environment.staging.findStaged(OTHER))?.file ?? '').replace(/mp3$/, 'json'),
      longAgo,
      longAgo,
    );
    expect((await stagingOnly({ dryRun: true })).staging).toMatchObject({ strayMetadata: 1 });
    expect((await stagingOnly()).staging).toMatchObject({ strayMetadata: 1, strays: 0 });
    const left = (await readdir(directory)).map((name) => name.replace(/\..*\./, '.')).sort();
    expect(left).toEqual([
      `${OTHER.videoId}.json`,
      `${OTHER.videoId}.mp3`,
      `${waiting.videoId}.json`,
      `${fresh.videoId}.json`,
    ]);
    expect((await stagingOnly()).staging).toMatchObject({ strayMetadata: 0 });
  });

  test('work directories of lost workers are removed, those in use stay', async () => {
    const abandoned = path.join(environment.config.staging.directory, 'work', 'job-of-nobody');
    await mkdir(abandoned, { recursive: true });
    const alive = await environment.staging.createWorkDirectory();
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(abandoned, longAgo, longAgo);
    expect((await stagingOnly({ dryRun: true })).staging).toMatchObject({ workDirectories: 0 });
    expect((await stagingOnly()).staging).toMatchObject({ workDirectories: 1 });
    expect(await readdir(path.join(environment.config.staging.directory, 'work'))).toEqual([
      path.basename(alive),
    ]);
  });

  test('a machine without a staging directory reports nothing about staged files', async () => {
    await discover(KEY);
    await environment.database.videos.markDownloaded(KEY, 0, AUDIO, {});
    await rm(environment.config.staging.directory, { recursive: true, force: true });
    const report = await environment.reconcile();
    expect(report.staging).toBeNull();
    // Another machine may have the file: the upload is attempted.
    expect(report.videos).toMatchObject({ jobs: 1, sentBack: 0 });
    expect(await environment.queues.jobs.counts('upload')).toMatchObject({ waiting: 1 });
  });
});
