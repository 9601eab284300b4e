import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { copyObject } from '../../src/mirror/copy-object.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import type { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import { openAzureStore } from '../../src/storage/open-stores.ts';
import { addressOf, keyOf, openReconcileTest, type ReconcileTest } from '../support/reconcile-setting.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

const KEY = keyOf(1);
const NAME = `audio/youtube/${KEY.videoId}.mp3`;
const never = new AbortController().signal;

let setting: TestEnvironment;
let places: ReconcileTest;
let mirror: AzureBlobStore;

beforeEach(async () => {
  setting = await openTestSetting();
  places = await openReconcileTest(setting);
  const { azure, storage } = setting.config;
  if (azure === undefined) throw new Error('The test servers have no Azure.');
  mirror = openAzureStore(azure, storage);
  await mkdir(path.join(setting.config.staging.directory, 'work'), { recursive: true });
  await mirror.ensureContainer(never);
  for (let number = 1; number <= 5; number += 1) await archive(keyOf(number));
});
afterEach(async () => {
  places.store.close();
  await setting.close();
});

const video = (key: VideoKey = KEY) => setting.database.videos.find(key);
const run = (options: Parameters<ReconcileTest['run']>[0] = {}) => places.run({ mirror, ...options });

/** Brings a video to its end as the stages do, with a real copy in Azure. */
async function archive(key: VideoKey): Promise<void> {
  const { videos } = setting.database;
  await videos.discover([{ key, url: addressOf(key) }]);
  const { bucket, key: name, sizeBytes, md5, sha256, etag } = await places.upload(key);
  const audio = { bucket, key: name, size: sizeBytes, md5, sha256, etag, format: 'mp3' };
  await videos.markDownloaded(key, 0, audio, {});
  await videos.markStored(key, 0, audio);
  const copied = await copyObject(places.store, mirror, name, { signal: never });
  const { container } = copied;
  await videos.markMirrored(key, 0, {
    container,
    name,
    etag: copied.etag,
    size: sizeBytes,
    md5,
    at: new Date(),
  });
}

/** Writes a text under the name of an object, with what it says of itself where that is given. */
async function overwrite(text: string, metadata: Record<string, string>): Promise<void> {
  const file = path.join(setting.directory, 'other');
  await writeFile(file, text);
  const put = { name: NAME, file, ...(await checksumFile(file)), contentType: 'audio/mpeg' };
  await places.store.putFile({ ...put, metadata }, { signal: never });
}

const content = async () => {
  const { stream, info: facts } = await places.store.openRead(NAME, { signal: never });
  return { text: (await stream.toArray()).join(''), metadata: facts.metadata };
};

describe('a lost object whose mirror holds it', () => {
  test('is brought back as it was, and not downloaded', async () => {
    const before = await content();
    await places.store.remove(NAME, never);
    expect(await run()).toMatchObject({
      bucket: { missing: 1, restored: 1, sentBack: 0 },
      videos: { jobs: 0 },
      problems: [],
    });
    expect(await content()).toEqual(before);
    const known = await places.store.stat(NAME, never);
    expect(await video()).toMatchObject({ status: 'mirrored', round: 0, audio: { etag: known?.etag } });
    expect((await run()).bucket).toMatchObject({ missing: 0, differing: 0, strange: 0 });
    expect(await readdir(path.join(setting.config.staging.directory, 'work'))).toEqual([]);
  });

  test('by two at once ends well', async () => {
    await places.store.remove(NAME, never);
    await Promise.all([run(), run()]);
    expect(await video()).toMatchObject({ status: 'mirrored', round: 0 });
    expect((await run()).bucket).toMatchObject({ missing: 0 });
  });

  test('is only counted by a dry run', async () => {
    await places.store.remove(NAME, never);
    expect((await run({ dryRun: true })).bucket).toMatchObject({ missing: 1, restored: 1 });
    expect(await places.store.stat(NAME, never)).toBeUndefined();
  });

  test('is left for the next pass when Azure is away: no download', async () => {
    await places.store.remove(NAME, never);
    const away = openAzureStore(
      {
        kind: 'connection-string',
        container: mirror.container,
        connectionString:
          'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:9/a;',
      },
      { stallMs: 2_000, deadlineMs: 2_000 },
    );
    const report = await run({ mirror: away });
    expect(report.bucket).toMatchObject({ missing: 1, restored: 0, sentBack: 0 });
    expect(report.problems).toHaveLength(1);
    expect(await video()).toMatchObject({ status: 'mirrored', round: 0 });
  });
});

describe('a lost object is downloaded again when', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['the blob is gone, too', () => mirror.remove(NAME, never)],
    [
      'the blob is another',
      async () => {
        // As long as the real one.
        const text = `AUDIO of ${KEY.videoId}`;
        const file = path.join(setting.directory, 'blob');
        await writeFile(file, text);
        const { md5, sizeBytes } = await checksumFile(file);
        await mirror.remove(NAME, never);
        await mirror.putBlob(
          NAME,
          async () => {
            const { createReadStream } = await import('node:fs');
            return createReadStream(file);
          },
          { sizeBytes, md5, contentType: 'audio/mpeg', metadata: {}, condition: 'absent' },
          { signal: never },
        );
      },
    ],
    [
      'the record says another checksum of the blob',
      () =>
        setting.database.connection
          .collection('videos')
          .updateOne({ _id: videoDocumentId(KEY) as never }, { $set: { 'mirror.md5': '0'.repeat(32) } }),
    ],
    [
      'this machine has no staging directory',
      () => rm(setting.config.staging.directory, { recursive: true, force: true }),
    ],
  ])('%s', async (_why, spoil) => {
    await spoil();
    await places.store.remove(NAME, never);
    expect((await run()).bucket).toMatchObject({ missing: 1, restored: 0, sentBack: 1 });
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
    expect(await places.store.stat(NAME, never)).toBeUndefined();
  });
});

describe('an object of another size than recorded', () => {
  test('that is not ours is replaced by its mirror', async () => {
    await overwrite('something else', {});
    expect((await run()).bucket).toMatchObject({ differing: 1, corrected: 0, restored: 1, sentBack: 0 });
    expect((await content()).text).toBe(`audio of ${KEY.videoId}`);
    expect(await video()).toMatchObject({ status: 'mirrored', round: 0 });
  });

  test('that is not ours, without a mirror, is downloaded again', async () => {
    await overwrite('something else', {});
    const report = await run({ mirror: undefined });
    expect(report.bucket).toMatchObject({ differing: 1, corrected: 0, restored: 0, sentBack: 1 });
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
  });

  test('that says it is ours and is not what it says is not believed', async () => {
    const { md5: _md5, ...metadata } = (await content()).metadata ?? {};
    await overwrite('cut', metadata);
    expect((await run()).bucket).toMatchObject({ differing: 1, corrected: 0, restored: 1 });
  });

  test('that is a whole one of ours: the record follows, and the mirror after it', async () => {
    const { metadata = {} } = await content();
    const { md5: _md5, sha256: _sha256, ...rest } = metadata;
    await overwrite('a later version of ours', rest);
    const report = await run();
    expect(report.bucket).toMatchObject({ differing: 1, corrected: 1, restored: 0, sentBack: 0 });
    expect(report.videos).toMatchObject({ jobs: 1 });
    expect(await video()).toMatchObject({ status: 'stored', round: 0, audio: { size: 23 } });
    expect(await setting.queues.counts('sync')).toMatchObject({ waiting: 1 });
  });

  test('a record with a wrong size follows its object', async () => {
    await setting.database.connection
      .collection('videos')
      .updateOne({ _id: videoDocumentId(KEY) as never }, { $set: { 'audio.size': 7 } });
    expect((await run()).bucket).toMatchObject({ differing: 1, missing: 0, corrected: 1 });
    expect(await video()).toMatchObject({ audio: { size: `audio of ${KEY.videoId}`.length } });
  });

  test('nothing is done when most are', async () => {
    await setting.database.connection.collection('videos').updateMany({}, { $set: { 'audio.size': 7 } });
    const report = await run();
    expect(report.bucket).toMatchObject({ differing: 5, corrected: 0 });
    expect(report.problems[0]?.message).toContain('5 more have another size');
  });
});
