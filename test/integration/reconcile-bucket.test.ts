import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TransientError } from '../../src/domain/job-errors.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import type { ObjectInfo } from '../../src/storage/object-store.ts';
import {
  addressOf,
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';

const KEY = keyOf(1);
const NAME = `audio/youtube/${KEY.videoId}.mp3`;
const never = new AbortController().signal;

let environment: ReconcileEnvironment;

beforeEach(async () => {
  environment = await openReconcileEnvironment();
});
afterEach(() => environment.close());

const video = (key: VideoKey = KEY) => environment.database.videos.find(key);

async function reopen(): Promise<number> {
  const { repairs, videos } = environment.database;
  return await repairs.reopen(await videos.states([KEY]), new Date(Date.now() + 1_000));
}

describe('an object without a record', () => {
  test('is recorded with all its metadata, and mirrored', async () => {
    const stored = await environment.upload(KEY);
    const { bucket, videos } = await environment.reconcile();
    expect(bucket).toMatchObject({ objects: 1, adopted: 1, unrecognised: 0, missing: 0 });
    expect(videos).toMatchObject({ examined: 1, jobs: 1 });
    expect(await video()).toMatchObject({
      _id: videoDocumentId(KEY),
      status: 'stored',
      round: 0,
      url: addressOf(KEY),
      title: `Títle % of ${KEY.videoId}`,
      author: 'An author',
      channel_id: 'UC0123456789012345678901',
      published_at: new Date('2026-01-31T00:00:00Z'),
      audio: {
        bucket: stored.bucket,
        key: NAME,
        size: stored.sizeBytes,
        md5: stored.md5,
        sha256: stored.sha256,
        etag: stored.etag,
        duration: 12.5,
        codec: 'mp3',
        bitrate: 320_000,
        sample_rate: 44_100,
        channels: 2,
        format: 'mp3',
        source: 'yt-dlp',
      },
    });
    expect(await environment.queues.queue('sync').getJobState(`sync.${videoDocumentId(KEY)}.0`)).toBe(
      'waiting',
    );
    expect((await environment.reconcile()).bucket).toMatchObject({ objects: 1, adopted: 0 });
  });

  test('is only counted by a dry run', async () => {
    await environment.upload(KEY);
    expect((await environment.reconcile({ dryRun: true })).bucket).toMatchObject({ adopted: 1 });
    expect(await video()).toBeUndefined();
  });

  test('is ignored when it is not an archived video', async () => {
    const put = async (name: string, metadata: Record<string, string>, text = 'x') => {
      const file = path.join(environment.directory, 'object');
      await writeFile(file, text);
      const { checksumFile } = await import('../../src/storage/checksums.ts');
      const sums = await checksumFile(file);
      await environment.store.putFile(
        { name, file, ...sums, contentType: 'audio/mpeg', metadata },
        { signal: never },
      );
    };
    await put('audio/youtube/notes.txt', {});
    await put('audio/other/abc.mp3', {});
    await put('elsewhere/youtube/v0000000001.mp3', {});
    await put(NAME, {});
    await put(`audio/youtube/${keyOf(2).videoId}.mp3`, { provider: 'youtube', video_id: KEY.videoId });
    await put(`audio/youtube/${keyOf(3).videoId}.mp3`, { provider: 'http', video_id: keyOf(3).videoId });
    expect(await environment.reconcile()).toMatchObject({
      bucket: { objects: 3, adopted: 0, unrecognised: 5 },
      problems: [],
    });
    expect(await environment.database.scan.isEmpty()).toBe(true);
  });

  test('is recorded once by two passes at once, also with many objects', async () => {
    for (let number = 0; number < 30; number += 1) await environment.upload(keyOf(number));
    const reports = await Promise.all([environment.reconcile(), environment.reconcile()]);
    expect(reports.map(({ bucket }) => bucket?.adopted ?? 0).reduce((sum, count) => sum + count)).toBe(30);
    expect(await environment.database.overview.countByStatus()).toMatchObject({ stored: 30 });
    expect(await environment.queues.jobs.counts('sync')).toMatchObject({ waiting: 30 });
  });

  test('in two formats is recorded once, the newer one', async () => {
    await environment.upload(KEY, 'm4a');
    await environment.upload(KEY);
    const listed = (await Array.fromAsync(environment.store.list('audio/', never))).flat();
    const newest = listed.sort((a, b) => b.lastModified.getTime() - a.lastModified.getTime())[0];
    expect((await environment.reconcile()).bucket).toMatchObject({ objects: 2, adopted: 1, unrecognised: 1 });
    expect((await video())?.audio?.key).toBe(newest?.name);
  });
});

describe('a video that is not recorded as stored although its object exists', () => {
  const place = { stage: 'download', resumeAt: 'download' } as const;

  test.each(['discovered', 'failed', 'retrying'] as const)('%s: becomes stored', async (status) => {
    await environment.discover(KEY);
    const { videos } = environment.database;
    const error = new TransientError('network', 'x');
    if (status === 'failed') await videos.markFailed(KEY, 0, place, error);
    if (status === 'retrying') await videos.markRetrying(KEY, 0, place, error, new Date());
    await environment.upload(KEY);
    expect((await environment.reconcile()).bucket).toMatchObject({ found: 1, adopted: 0 });
    const found = await video();
    expect(found).toMatchObject({ status: 'stored', round: 0, audio: { key: NAME } });
    expect(found?.stored_at?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(found?.error).toBeUndefined();
    expect(found?.next_retry_at).toBeUndefined();
  });

  test('a video whose sync failed is left as it is', async () => {
    await environment.archive(KEY);
    await reopen();
    await environment.database.videos.markFailed(
      KEY,
      1,
      { stage: 'download', resumeAt: 'sync' },
      new TransientError('network', 'x'),
    );
    expect((await environment.reconcile()).bucket).toMatchObject({ found: 0 });
    expect(await video()).toMatchObject({ status: 'failed' });
  });

  test('a video that was started again by hand is left as it is', async () => {
    await environment.archive(KEY);
    expect(await reopen()).toBe(1);
    expect((await environment.reconcile()).bucket).toMatchObject({ found: 0 });
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
  });
});

describe('recorded objects that are missing in the bucket', () => {
  beforeEach(async () => {
    for (let number = 1; number <= 5; number += 1) await environment.archive(keyOf(number));
  });

  test('are downloaded again, with a fresh count of rounds', async () => {
    await environment.store.remove(NAME, never);
    expect(await environment.reconcile()).toMatchObject({
      bucket: { objects: 4, missing: 1, sentBack: 1 },
      videos: { jobs: 1 },
      problems: [],
    });
    const again = await video();
    expect(again).toMatchObject({ status: 'discovered', round: 1, first_round: 1 });
    expect(again?.audio).toBeUndefined();
    expect(again?.mirror).toBeUndefined();
    expect(await environment.queues.jobs.counts('download')).toMatchObject({ waiting: 1 });
    expect(await environment.database.overview.countByStatus()).toMatchObject({ mirrored: 4 });
  });

  test('are downloaded once when several passes run at once', async () => {
    await environment.store.remove(NAME, never);
    await Promise.all([environment.reconcile(), environment.reconcile(), environment.reconcile()]);
    expect(await video()).toMatchObject({ round: 1 });
    expect(await environment.queues.jobs.counts('download')).toMatchObject({ waiting: 1 });
  });

  test('are only counted by a dry run', async () => {
    await environment.store.remove(NAME, never);
    expect((await environment.reconcile({ dryRun: true })).bucket).toMatchObject({ missing: 1, sentBack: 1 });
    expect(await video()).toMatchObject({ status: 'mirrored', round: 0 });
  });

  test('are not downloaded again when most are missing, unless forced', async () => {
    for (let number = 1; number <= 3; number += 1) {
      await environment.store.remove(`audio/youtube/${keyOf(number).videoId}.mp3`, never);
    }
    const report = await environment.reconcile();
    expect(report.bucket).toMatchObject({ missing: 3, sentBack: 0 });
    expect(report.problems).toMatchObject([{ pass: 'bucket', errorClass: 'object_missing' }]);
    expect(report.problems[0]?.message).toContain('3 of 5 recorded objects are not in the bucket');
    expect(await environment.database.overview.countByStatus()).toMatchObject({ mirrored: 5 });
    expect((await environment.reconcile({ forceMissing: true })).bucket).toMatchObject({
      missing: 3,
      sentBack: 3,
    });
    expect(await environment.database.overview.countByStatus()).toMatchObject({ mirrored: 2, discovered: 3 });
  });

  test('a wrong bucket name starts no download', async () => {
    const { openMinioStore } = await import('../../src/storage/open-stores.ts');
    const bucket = 'no-such-bucket-of-ours';
    const store = openMinioStore({ ...environment.config.minio, bucket }, environment.config.storage);
    const report = await environment.reconcile({ store });
    store.close();
    expect(report.problems).toHaveLength(1);
    expect(report.problems[0]?.message).toContain(`5 of 5 recorded objects are not in the bucket ${bucket}`);
    expect(await environment.database.overview.countByStatus()).toMatchObject({ mirrored: 5 });
  });

  test('an object that was added after the listing is not missing', async () => {
    const report = await environment.reconcile({ store: listingWithout(({ name }) => name === NAME) });
    expect(report).toMatchObject({ bucket: { missing: 0, sentBack: 0 }, problems: [] });
    expect(await video()).toMatchObject({ status: 'mirrored' });
  });

  test('objects of a new bucket that were added after the listing raise no alarm', async () => {
    const report = await environment.reconcile({ store: listingWithout(() => true) });
    expect(report).toMatchObject({ bucket: { objects: 0, missing: 0, sentBack: 0 }, problems: [] });
    expect(await environment.database.overview.countByStatus()).toMatchObject({ mirrored: 5 });
  });

  test('the object of a video that was started again meanwhile is not missing', async () => {
    await environment.store.remove(NAME, never);
    const store = listingWithout(() => false);
    const find = environment.database.scan.find.bind(environment.database.scan);
    let isReopened = false;
    environment.database.scan.find = async (keys) => {
      if (!isReopened) await reopen();
      isReopened = true;
      return await find(keys);
    };
    expect((await environment.reconcile({ store })).bucket).toMatchObject({ missing: 0, sentBack: 0 });
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
  });

  test.each([
    [
      'breaks off',
      'The listing broke off.',
      async function* (): AsyncGenerator<readonly ObjectInfo[]> {
        yield* environment.store.list('audio/', never);
        throw new TransientError('network', 'The listing broke off.');
      },
    ],
    [
      'is out of order',
      'does not list in the order of names',
      async function* (): AsyncGenerator<readonly ObjectInfo[]> {
        for await (const page of environment.store.list('audio/', never)) yield page.toReversed();
      },
    ],
  ])('a listing that %s reports nothing as missing', async (_what, message, list) => {
    await environment.store.remove(NAME, never);
    const broken = Object.create(environment.store, {
      list: { value: list },
      stat: { value: environment.store.stat.bind(environment.store) },
      container: { value: environment.store.container },
    }) as MinioStore;
    const report = await environment.reconcile({ store: broken });
    expect(report).toMatchObject({ bucket: null, videos: { examined: 0 } });
    expect(report.problems[0]?.message).toContain(message);
    expect(await video()).toMatchObject({ status: 'mirrored' });
  });
});

/** The store with a listing that lacks some objects, as if they were added after its start. */
function listingWithout(isMissing: (object: ObjectInfo) => boolean): MinioStore {
  const { store } = environment;
  const partial = Object.create(store, {
    list: {
      value: async function* (prefix: string, signal: AbortSignal) {
        for await (const page of store.list(prefix, signal)) {
          yield page.filter((object) => !isMissing(object));
        }
      },
    },
  }) as MinioStore;
  // Methods with private fields need the store itself as `this`.
  for (const name of ['stat', 'openRead', 'putFile'] as const) {
    Object.defineProperty(partial, name, { value: store[name].bind(store) });
  }
  Object.defineProperty(partial, 'container', { value: store.container });
  return partial;
}

test('handles records of both providers, sorted before and after those of the bucket', async () => {
  const http: VideoKey = { provider: 'http', videoId: 'f'.repeat(64) };
  const upper: VideoKey = { provider: 'youtube', videoId: 'ABCdef_-012' };
  const dash: VideoKey = { provider: 'youtube', videoId: '-BCdef_-012' };
  const lower: VideoKey = { provider: 'youtube', videoId: '_bcdef_-012' };
  for (const key of [http, upper, lower]) await environment.archive(key);
  await environment.upload(dash);
  expect(await environment.reconcile()).toMatchObject({
    bucket: { objects: 4, adopted: 1, missing: 0, unrecognised: 0 },
    problems: [],
  });
});
