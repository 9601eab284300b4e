import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { copyObject } from '../../src/mirror/copy-object.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import type { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import { openAzureStore } from '../../src/storage/open-stores.ts';
import {
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';

const KEY = keyOf(1);
const NAME = `audio/youtube/${KEY.videoId}.mp3`;
const never = new AbortController().signal;

let environment: ReconcileEnvironment;
let mirror: AzureBlobStore;

beforeEach(async () => {
  environment = await openReconcileEnvironment();
  const { azure, storage } = environment.config;
  if (azure === undefined) throw new Error('The test servers have no Azure.');
  mirror = openAzureStore(azure, storage);
  await mkdir(path.join(environment.config.staging.directory, 'work'), { recursive: true });
  await mirror.ensureContainer(never);
  for (let number = 1; number <= 5; number += 1) {
    await environment.archive(keyOf(number), (name) =>
      copyObject(environment.store, mirror, name, { signal: never }),
    );
  }
});
afterEach(() => environment.close());

const video = (key: VideoKey = KEY) => environment.database.videos.find(key);
const run = (options: Parameters<ReconcileEnvironment['reconcile']>[0] = {}) =>
  environment.reconcile({ mirror, ...options });

/** Overwrites the object with a text and this metadata. */
async function overwrite(text: string, metadata: Record<string, string>): Promise<void> {
  const file = path.join(environment.directory, 'other');
  await writeFile(file, text);
  const put = { name: NAME, file, ...(await checksumFile(file)), contentType: 'audio/mpeg' };
  await environment.store.putFile({ ...put, metadata }, { signal: never });
}

const content = async () => {
  const { stream, info } = await environment.store.openRead(NAME, { signal: never });
  return { text: (await stream.toArray()).join(''), metadata: info.metadata };
};

describe('a lost object with a mirror', () => {
  test('is restored from the mirror, and not downloaded', async () => {
    const before = await content();
    await environment.store.remove(NAME, never);
    expect(await run()).toMatchObject({
      bucket: { missing: 1, restored: 1, sentBack: 0 },
      videos: { jobs: 0 },
      problems: [],
    });
    expect(await content()).toEqual(before);
    const known = await environment.store.stat(NAME, never);
    expect(await video()).toMatchObject({ status: 'mirrored', round: 0, audio: { etag: known?.etag } });
    expect((await run()).bucket).toMatchObject({ missing: 0, differing: 0, unrecognised: 0 });
    expect(await readdir(path.join(environment.config.staging.directory, 'work'))).toEqual([]);
  });

  test('is restored when two passes run at once', async () => {
    await environment.store.remove(NAME, never);
    await Promise.all([run(), run()]);
    expect(await video()).toMatchObject({ status: 'mirrored', round: 0 });
    expect((await run()).bucket).toMatchObject({ missing: 0 });
  });

  test('is only counted by a dry run', async () => {
    await environment.store.remove(NAME, never);
    expect((await run({ dryRun: true })).bucket).toMatchObject({ missing: 1, restored: 1 });
    expect(await environment.store.stat(NAME, never)).toBeUndefined();
  });

  test('is left for the next pass when Azure is down: no download', async () => {
    await environment.store.remove(NAME, never);
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
    ['the blob is missing too', () => mirror.remove(NAME, never)],
    [
      'the blob has other content',
      async () => {
        // As long as the original.
        const text = `AUDIO of ${KEY.videoId}`;
        const file = path.join(environment.directory, 'blob');
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
      'the record has another checksum of the blob',
      () =>
        environment.database.connection
          .collection('videos')
          .updateOne({ _id: videoDocumentId(KEY) as never }, { $set: { 'mirror.md5': '0'.repeat(32) } }),
    ],
    [
      'this machine has no staging directory',
      () => rm(environment.config.staging.directory, { recursive: true, force: true }),
    ],
  ])('%s', async (_why, spoil) => {
    await spoil();
    await environment.store.remove(NAME, never);
    expect((await run()).bucket).toMatchObject({ missing: 1, restored: 0, sentBack: 1 });
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
    expect(await environment.store.stat(NAME, never)).toBeUndefined();
  });
});

describe('an object of another size than recorded', () => {
  test('that is not the archived one is restored from the mirror', async () => {
    await overwrite('something else', {});
    expect((await run()).bucket).toMatchObject({ differing: 1, corrected: 0, restored: 1, sentBack: 0 });
    expect((await content()).text).toBe(`audio of ${KEY.videoId}`);
    expect(await video()).toMatchObject({ status: 'mirrored', round: 0 });
  });

  test('that is not the archived one, without a mirror, is downloaded again', async () => {
    await overwrite('something else', {});
    const report = await run({ mirror: undefined });
    expect(report.bucket).toMatchObject({ differing: 1, corrected: 0, restored: 0, sentBack: 1 });
    expect(await video()).toMatchObject({ status: 'discovered', round: 1 });
  });

  test('with metadata of a video but a wrong checksum is restored from the mirror', async () => {
    const { md5: _md5, ...metadata } = (await content()).metadata ?? {};
    await overwrite('cut', metadata);
    expect((await run()).bucket).toMatchObject({ differing: 1, corrected: 0, restored: 1 });
  });

  test('that is complete updates the record, and the mirror follows', async () => {
    const { metadata = {} } = await content();
    const { md5: _md5, sha256: _sha256, ...rest } = metadata;
    await overwrite('a later version of ours', rest);
    const report = await run();
    expect(report.bucket).toMatchObject({ differing: 1, corrected: 1, restored: 0, sentBack: 0 });
    expect(report.videos).toMatchObject({ jobs: 1 });
    expect(await video()).toMatchObject({ status: 'stored', round: 0, audio: { size: 23 } });
    expect(await environment.queues.jobs.counts('sync')).toMatchObject({ waiting: 1 });
  });

  test('a record with a wrong size is corrected', async () => {
    await environment.database.connection
      .collection('videos')
      .updateOne({ _id: videoDocumentId(KEY) as never }, { $set: { 'audio.size': 7 } });
    expect((await run()).bucket).toMatchObject({ differing: 1, missing: 0, corrected: 1 });
    expect(await video()).toMatchObject({ audio: { size: `audio of ${KEY.videoId}`.length } });
  });

  test('nothing is changed when most objects differ', async () => {
    await environment.database.connection.collection('videos').updateMany({}, { $set: { 'audio.size': 7 } });
    const report = await run();
    expect(report.bucket).toMatchObject({ differing: 5, corrected: 0 });
    expect(report.problems[0]?.message).toContain('5 more have another size');
  });
});
