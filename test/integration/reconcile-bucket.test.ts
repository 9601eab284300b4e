import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TransientError } from '../../src/domain/job-errors.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import type { ObjectInfo } from '../../src/storage/object-store.ts';
import { addressOf, keyOf, openReconcileTest, type ReconcileTest } from '../support/reconcile-setting.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

const KEY = keyOf(1);
const NAME = `audio/youtube/${KEY.videoId}.mp3`;
const never = new AbortController().signal;

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

const video = (key: VideoKey = KEY) => setting.database.videos.find(key);
const discover = (...keys: readonly VideoKey[]) =>
  setting.database.videos.discover(keys.map((key) => ({ key, url: addressOf(key) })));

/** Brings a video to its end as the stages do. */
async function archive(key: VideoKey): Promise<void> {
  await discover(key);
  const { bucket, key: name, sizeBytes, md5, sha256, etag } = await places.upload(key);
  const audio = { bucket, key: name, size: sizeBytes, md5, sha256, etag, format: 'mp3' };
  await setting.database.videos.markDownloaded(key, 0, audio, {});
  await setting.database.videos.markStored(key, 0, audio);
  const mirror = { container: 'x', name, etag: 'x', size: sizeBytes, md5, at: new Date() };
  await setting.database.videos.markMirrored(key, 0, mirror);
}

describe('an object that the record does not know', () => {
  test('is taken in with all that it says of itself, and mirrored', async () => {
    const stored = await places.upload(KEY);
    const { bucket, videos } = await places.run();
    expect(bucket).toMatchObject({ objects: 1, adopted: 1, strange: 0, missing: 0 });
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
    expect(await setting.queues.queue('sync').getJobState(`sync.${videoDocumentId(KEY)}.0`)).toBe('waiting');
    expect((await places.run()).bucket).toMatchObject({ objects: 1, adopted: 0 });
  });

  test('is only counted by a dry run', async () => {
    await places.upload(KEY);
    expect((await places.run({ dryRun: true })).bucket).toMatchObject({ adopted: 1 });
    expect(await video()).toBeUndefined();
  });

  test('is left alone when it is not one of ours', async () => {
    const put = async (name: string, metadata: Record<string, string>, text = 'x') => {
      const file = path.join(setting.directory, 'object');
      await writeFile(file, text);
      const { checksumFile } = await import('../../src/storage/checksums.ts');
      const sums = await checksumFile(file);
      await places.store.putFile(
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
    expect(await places.run()).toMatchObject({
      bucket: { objects: 3, adopted: 0, strange: 5 },
      problems: [],
    });
    expect(await setting.database.scan.isEmpty()).toBe(true);
  });

  test('by two at once is taken in once; many are too', async () => {
    for (let number = 0; number < 30; number += 1) await places.upload(keyOf(number));
    const reports = await Promise.all([places.run(), places.run()]);
    expect(reports.map(({ bucket }) => bucket?.adopted ?? 0).reduce((sum, count) => sum + count)).toBe(30);
    expect(await setting.database.overview.countByStatus()).toMatchObject({ stored: 30 });
    expect(await setting.queues.counts('sync')).toMatchObject({ waiting: 30 });
  });

  test('in two formats is taken in once, the newer one', async () => {
    await places.upload(KEY, 'm4a');
    await places.upload(KEY);
    const listed = (await Array.fromAsync(places.store.list('audio/', never))).flat();
    const newest = listed.sort((a, b) => b.lastModified.getTime() - a.lastModified.getTime())[0];
    expect((await places.run()).bucket).toMatchObject({ objects: 2, adopted: 1, strange: 1 });
    expect((await video())?.audio?.key).toBe(newest?.name);
  });
});

describe('a video that is not recorded as stored though its object is there', () => {
  const place = { stage: 'download', resumeAt: 'download' } as const;

  test.each(['discovered', 'failed', 'retrying'] as const)('%s: becomes stored', async (status) => {
    await discover(KEY);
    const { videos } = setting.database;
    const error = new TransientError('network', 'x');
    if (status === 'failed') await videos.markFailed(KEY, 0, place, error);
    if (status === 'retrying') await videos.markRetrying(KEY, 0, place, error, new Date());
    await places.upload(KEY);
    expect((await places.run()).bucket).toMatchObject({ found: 1, adopted: 0 });
    const found = await video();
    expect(found).toMatchObject({ status: 'stored', round: 0, audio: { key: NAME } });
    expect(found?.stored_at?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(found?.error).toBeUndefined();
    expect(found?.next_retry_at).toBeUndefined();
  });

  test('a failed mirror is not one', async () => {
    await archive(KEY);
    await setting.database.videos.reopen([KEY], new Date(Date.now() + 1_000));
    await setting.database.videos.markFailed(
      KEY,
      1,
      { stage: 'download', resumeAt: 'sync' },
      new TransientError('network', 'x'),
    );
    expect((await places.run()).bucket).toMatchObject({ found: 0 });
    expect(await video()).toMatchObject({ status: 'failed' });
  });

  test('one that a person wants made again is left on its way', async () => {
    await archive(KEY);
    expect(await setting.database.videos.reopen([KEY], new Date(Date.now() + 1_000))).toBe(1);
    expect((await places.run()).bucket).toMatchObject({ found: 0 });
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
  });
});

describe('recorded objects that the bucket lacks', () => {
  beforeEach(async () => {
    for (let number = 1; number <= 5; number += 1) await archive(keyOf(number));
  });

  test('are downloaded again, with a fresh count of rounds', async () => {
    await places.store.remove(NAME, never);
    expect(await places.run()).toMatchObject({
      bucket: { objects: 4, missing: 1, sentBack: 1 },
      videos: { jobs: 1 },
      problems: [],
    });
    const again = await video();
    expect(again).toMatchObject({ status: 'discovered', round: 1, first_round: 1 });
    expect(again?.audio).toBeUndefined();
    expect(again?.mirror).toBeUndefined();
    expect(await setting.queues.counts('download')).toMatchObject({ waiting: 1 });
    expect(await setting.database.overview.countByStatus()).toMatchObject({ mirrored: 4 });
  });

  test('by two at once: each once', async () => {
    await places.store.remove(NAME, never);
    await Promise.all([places.run(), places.run(), places.run()]);
    expect(await video()).toMatchObject({ round: 1 });
    expect(await setting.queues.counts('download')).toMatchObject({ waiting: 1 });
  });

  test('are only counted by a dry run', async () => {
    await places.store.remove(NAME, never);
    expect((await places.run({ dryRun: true })).bucket).toMatchObject({ missing: 1, sentBack: 1 });
    expect(await video()).toMatchObject({ status: 'mirrored', round: 0 });
  });

  test('are left alone when most are missing, unless it is forced', async () => {
    for (let number = 1; number <= 3; number += 1) {
      await places.store.remove(`audio/youtube/${keyOf(number).videoId}.mp3`, never);
    }
    const report = await places.run();
    expect(report.bucket).toMatchObject({ missing: 3, sentBack: 0 });
    expect(report.problems).toMatchObject([{ pass: 'bucket', errorClass: 'object_missing' }]);
    expect(report.problems[0]?.message).toContain('3 of 5 recorded objects are not in the bucket');
    expect(await setting.database.overview.countByStatus()).toMatchObject({ mirrored: 5 });
    expect((await places.run({ forceMissing: true })).bucket).toMatchObject({ missing: 3, sentBack: 3 });
    expect(await setting.database.overview.countByStatus()).toMatchObject({ mirrored: 2, discovered: 3 });
  });

  test('a wrong bucket name starts nothing', async () => {
    const { openMinioStore } = await import('../../src/storage/open-stores.ts');
    const bucket = 'no-such-bucket-of-ours';
    const store = openMinioStore({ ...setting.config.minio, bucket }, setting.config.storage);
    const report = await places.run({ store });
    store.close();
    expect(report.problems).toHaveLength(1);
    expect(report.problems[0]?.message).toContain(`5 of 5 recorded objects are not in the bucket ${bucket}`);
    expect(await setting.database.overview.countByStatus()).toMatchObject({ mirrored: 5 });
  });

  test('an object that came after the listing is not missing', async () => {
    const report = await places.run({ store: blindTo(({ name }) => name === NAME) });
    expect(report).toMatchObject({ bucket: { missing: 0, sentBack: 0 }, problems: [] });
    expect(await video()).toMatchObject({ status: 'mirrored' });
  });

  test('most objects of a young bucket may come after the listing: no false alarm', async () => {
    const report = await places.run({ store: blindTo(() => true) });
    expect(report).toMatchObject({ bucket: { objects: 0, missing: 0, sentBack: 0 }, problems: [] });
    expect(await setting.database.overview.countByStatus()).toMatchObject({ mirrored: 5 });
  });

  test('a video that a person opened again meanwhile is not missing', async () => {
    await places.store.remove(NAME, never);
    const store = blindTo(() => false);
    const find = setting.database.scan.find.bind(setting.database.scan);
    let isReopened = false;
    setting.database.scan.find = async (keys) => {
      if (!isReopened) await setting.database.videos.reopen([KEY], new Date(Date.now() + 1_000));
      isReopened = true;
      return await find(keys);
    };
    expect((await places.run({ store })).bucket).toMatchObject({ missing: 0, sentBack: 0 });
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
  });

  test.each([
    [
      'breaks off',
      'The listing broke off.',
      async function* (): AsyncGenerator<readonly ObjectInfo[]> {
        yield* places.store.list('audio/', never);
        throw new TransientError('network', 'The listing broke off.');
      },
    ],
    [
      'is out of order',
      'does not list in the order of names',
      async function* (): AsyncGenerator<readonly ObjectInfo[]> {
        for await (const page of places.store.list('audio/', never)) yield page.toReversed();
      },
    ],
  ])('a listing that %s says nothing of what is missing', async (_what, message, list) => {
    await places.store.remove(NAME, never);
    const broken = Object.create(places.store, {
      list: { value: list },
      stat: { value: places.store.stat.bind(places.store) },
      container: { value: places.store.container },
    }) as MinioStore;
    const report = await places.run({ store: broken });
    expect(report).toMatchObject({ bucket: null, videos: { examined: 0 } });
    expect(report.problems[0]?.message).toContain(message);
    expect(await video()).toMatchObject({ status: 'mirrored' });
  });
});

/** The store with a listing that leaves some objects out, as one does that began before they came. */
function blindTo(isLeftOut: (object: ObjectInfo) => boolean): MinioStore {
  const { store } = places;
  const blind = Object.create(store, {
    list: {
      value: async function* (prefix: string, signal: AbortSignal) {
        for await (const page of store.list(prefix, signal)) {
          yield page.filter((object) => !isLeftOut(object));
        }
      },
    },
  }) as MinioStore;
  // The prototype's private fields need the store itself.
  for (const name of ['stat', 'openRead', 'putFile'] as const) {
    Object.defineProperty(blind, name, { value: store[name].bind(store) });
  }
  Object.defineProperty(blind, 'container', { value: store.container });
  return blind;
}

test('the record may hold videos of both providers, before and after those of the bucket', async () => {
  const http: VideoKey = { provider: 'http', videoId: 'f'.repeat(64) };
  const upper: VideoKey = { provider: 'youtube', videoId: 'ABCdef_-012' };
  const dash: VideoKey = { provider: 'youtube', videoId: '-BCdef_-012' };
  const lower: VideoKey = { provider: 'youtube', videoId: '_bcdef_-012' };
  for (const key of [http, upper, lower]) await archive(key);
  await places.upload(dash);
  expect(await places.run()).toMatchObject({
    bucket: { objects: 4, adopted: 1, missing: 0, strange: 0 },
    problems: [],
  });
});
