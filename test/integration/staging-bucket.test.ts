import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { TransientError } from '../../src/domain/job-errors.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import type { Staging } from '../../src/staging/staging.ts';
import { createBucketStaging } from '../../src/staging/bucket-staging.ts';
import { createDirectoryStaging } from '../../src/staging/directory-staging.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import { MinioStore } from '../../src/storage/minio-store.ts';
import { LIMITS, listAll, openTestStores, untilDone, type TestStores } from '../contract/test-stores.ts';
import { STAGED_MP3 } from '../support/sample-audio.ts';
import { withOverrides } from '../support/with-overrides.ts';

const KEY: VideoKey = { provider: 'youtube', videoId: 'sTaGeD-0001' };
const OTHER: VideoKey = { provider: 'youtube', videoId: 'staged-0001' };
const OBJECT = 'audio/youtube/sTaGeD-0001.mp3';
const PART = 5 * 1024 ** 2;
const options = { signal: untilDone };
const audioOf = (key: VideoKey) => ({
  ...{ key, format: 'mp3', profile: 'mp3-320', sourceUrl: 'https://www.youtube.com/watch?v=x' },
  title: 'Àgbà',
});

let stores: TestStores;
let store: MinioStore;
let hosts = 0;

beforeAll(async () => {
  stores = await openTestStores();
  store = new MinioStore(stores.minioConfig, LIMITS, { copyPartBytes: PART });
});
afterAll(async () => {
  store.close();
  await stores.close();
});
afterEach(async () => {
  for (const { name } of await listAll(store)) await store.remove(name, untilDone);
});

const stagingObjects = async () => (await listAll(store, 'staging/')).map(({ name }) => name);

/** Staging in the bucket as another host has it. */
function onAnotherHost(bucket: MinioStore = store): Staging {
  hosts += 1;
  return createBucketStaging(bucket, path.join(stores.directory, `host-${String(hosts)}`));
}

/** A bucket that stores audio at once and its description when it is released. */
function holdDescriptions() {
  const released = Promise.withResolvers<undefined>();
  const reached = Promise.withResolvers<undefined>();
  const bucket = withOverrides(store, {
    putText: async (...args: Parameters<MinioStore['putText']>) => {
      reached.resolve(undefined);
      await released.promise;
      return await store.putText(...args);
    },
  });
  const release = () => {
    released.resolve(undefined);
  };
  return { bucket, reached: reached.promise, release };
}

async function put(staging: Staging, key: VideoKey, content: string | Buffer) {
  const work = await staging.createWorkDirectory();
  const file = path.join(work, 'audio.mp3');
  await writeFile(file, content);
  const metadata = { url: 'https://www.youtube.com/watch?v=x', title: 'Ünïcode ../..' };
  const sizeBytes = Buffer.byteLength(content);
  const staged = await staging.put(
    key,
    file,
    { ...STAGED_MP3, sizeBytes, durationSeconds: 1.5, metadata },
    untilDone,
  );
  await staging.removeWorkDirectory(work);
  return staged;
}

async function upload(staging: Staging, key: VideoKey, bucket: MinioStore = store) {
  const staged = await staging.readStaged(key);
  if (staged === undefined) throw new Error('Nothing is staged.');
  return await staging.upload(staged, audioOf(key), bucket, options);
}

const contentOf = async (name: string) => await text((await store.openRead(name, options)).stream);

describe.each<[string, () => Staging]>([
  ['directory', () => createDirectoryStaging(path.join(stores.directory, `host-${String((hosts += 1))}`))],
  ['s3', () => onAnotherHost()],
])('staging as %s', (_form, open) => {
  test('a staged file is found, read, listed, counted, uploaded and removed', async () => {
    const staging = open();
    const staged = await put(staging, KEY, 'audio');
    await put(staging, OTHER, 'other audio');
    expect(await staging.readStaged(KEY)).toEqual(staged);
    expect(await staging.findStaged(KEY)).toEqual({ key: KEY, file: staged.file, sizeBytes: 5 });
    const keys = async (files: AsyncIterable<{ readonly key: VideoKey }>) =>
      (await Array.fromAsync(files)).map(({ key }) => key.videoId).sort();
    expect(await keys(staging.listStaged())).toEqual([KEY.videoId, OTHER.videoId].sort());
    const sizes = await Array.fromAsync(staging.listSizes());
    expect(sizes.map(({ sizeBytes }) => sizeBytes).sort()).toEqual([11, 5]);
    expect(await Array.fromAsync(staging.listUnfinished(0))).toEqual([]);

    const stored = await upload(staging, KEY);
    expect(stored).toMatchObject({ key: OBJECT, sizeBytes: 5, sent: true });
    const object = await store.stat(OBJECT, untilDone);
    expect(object).toMatchObject({
      ...{ sizeBytes: 5, etag: stored.etag, md5: createHash('md5').update('audio').digest('hex') },
      contentType: 'audio/mpeg',
    });
    expect(object?.metadata).toMatchObject({
      ...{ sha256: stored.sha256, video_id: KEY.videoId, profile: 'mp3-320', title: 'Àgbà' },
    });
    expect(await contentOf(OBJECT)).toBe('audio');
    expect(await upload(staging, KEY)).toEqual({ ...stored, sent: false });

    await staging.removeStaged(KEY);
    await staging.removeStaged(KEY);
    expect(await staging.findStaged(KEY)).toBeUndefined();
    await expect(staging.upload(staged, audioOf(KEY), store, options)).rejects.toMatchObject({
      errorClass: 'staged_file_missing',
    });
    expect(await keys(staging.listStaged())).toEqual([OTHER.videoId]);
  });

  test('nothing is staged of an invalid id', async () => {
    const invalid = { provider: 'youtube', videoId: '../../audio' } as const;
    const staging = open();
    for (const call of [
      () => staging.findStaged(invalid),
      () => staging.readStaged(invalid),
      () => staging.removeStaged(invalid),
      () => put(staging, invalid, 'x'),
    ]) {
      await expect(call()).rejects.toMatchObject({ errorClass: 'unsupported' });
    }
  });

  test('a second result replaces the first', async () => {
    const staging = open();
    await put(staging, KEY, 'the first');
    const second = await put(staging, KEY, 'the second');
    expect(await staging.readStaged(KEY)).toEqual(second);
    await upload(staging, KEY);
    expect(await contentOf(OBJECT)).toBe('the second');
    await staging.removeStaged(KEY);
    expect(await Array.fromAsync(staging.listSizes())).toEqual([]);
  });
});

describe('staging in the bucket', () => {
  test('one host stages, another one uploads without the file', async () => {
    await put(onAnotherHost(), KEY, 'audio');
    const other = onAnotherHost();
    expect(await upload(other, KEY)).toMatchObject({ sent: true });
    await other.removeStaged(KEY);
    expect(await stagingObjects()).toEqual([]);
    expect(await contentOf(OBJECT)).toBe('audio');
  });

  test('two hosts that stage a video at once leave one whole result, that of the last', async () => {
    const slow = holdDescriptions();
    const first = put(onAnotherHost(slow.bucket), KEY, 'audio one');
    await slow.reached;
    const second = await put(onAnotherHost(), KEY, 'audio two');
    expect(await onAnotherHost().readStaged(KEY)).toEqual(second);
    slow.release();
    const last = await first;
    expect(await onAnotherHost().readStaged(KEY)).toEqual(last);
    await upload(onAnotherHost(), KEY);
    expect(await contentOf(OBJECT)).toBe('audio one');
    await onAnotherHost().removeStaged(KEY);
    expect(await stagingObjects()).toEqual([]);
  });

  test('audio that was found is uploaded whole, also when another result comes in between', async () => {
    const staging = onAnotherHost();
    const found = await put(staging, KEY, 'audio one');
    await put(onAnotherHost(), KEY, 'audio two');
    const stored = await staging.upload(found, audioOf(KEY), store, options);
    expect(stored.sha256).toBe(createHash('sha256').update('audio one').digest('hex'));
    expect(await contentOf(OBJECT)).toBe('audio one');
  });

  test('audio that is not described yet, was deleted or was replaced is not read and not uploaded', async () => {
    const staging = onAnotherHost();
    const staged = await put(staging, KEY, 'audio');
    const [audio = '', description = ''] = await stagingObjects();
    expect(audio).toBe(staged.file);
    expect(description).toBe('staging/youtube/sTaGeD-0001.json');

    await stores.putMinio(audio, Buffer.from('other'));
    expect(await staging.readStaged(KEY)).toBeUndefined();
    await stores.putMinio(audio, Buffer.from('longer than before'));
    await expect(staging.upload(staged, audioOf(KEY), store, options)).rejects.toMatchObject({
      errorClass: 'staged_file_missing',
    });
    await store.remove(audio, untilDone);
    expect(await staging.readStaged(KEY)).toBeUndefined();
    expect(await staging.findStaged(KEY)).toBeUndefined();

    await put(staging, KEY, 'audio');
    await store.remove(description, untilDone);
    expect(await staging.readStaged(KEY)).toBeUndefined();
    expect(await store.stat(OBJECT, untilDone)).toBeUndefined();
  });

  test.each([
    ['cut', '{"format":"mp3"'],
    ['of another program', '{"md5":1}'],
    ['that names an audio elsewhere', JSON.stringify({ md5: '0'.repeat(32), sha256: '../../audio' })],
    ['that is endless', 'x'.repeat(1024 ** 2 + 1)],
  ])('a description %s stages nothing', async (_what, content) => {
    const object = { contentType: 'application/json', metadata: {} };
    await store.putText({ name: 'staging/youtube/sTaGeD-0001.json', text: content, ...object }, untilDone);
    expect(await onAnotherHost().readStaged(KEY)).toBeUndefined();
  });

  test('a copy whose answer is lost is found by the next try', async () => {
    const staging = onAnotherHost();
    await put(staging, KEY, 'audio');
    const lossy = withOverrides(store, {
      copyObject: async (...args: Parameters<MinioStore['copyObject']>) => {
        await store.copyObject(...args);
        throw new TransientError('network', 'The answer was lost.');
      },
    });
    await expect(upload(staging, KEY, lossy)).rejects.toThrow('The answer was lost.');
    expect(await upload(staging, KEY)).toMatchObject({ sent: false });
    expect(await contentOf(OBJECT)).toBe('audio');
  });

  test.each([
    ['small', Buffer.from('audio')],
    ['large, in parts', Buffer.alloc(2 * PART + 12_345, 'audio')],
  ])('audio that is replaced between its look-up and its copy is not copied: %s', async (_size, content) => {
    const staging = onAnotherHost();
    const staged = await put(staging, KEY, content);
    const late = withOverrides(store, {
      copyObject: async (...args: Parameters<MinioStore['copyObject']>) => {
        await stores.putMinio(staged.file, Buffer.alloc(content.byteLength, 'x'));
        return await store.copyObject(...args);
      },
    });
    await expect(upload(staging, KEY, late)).rejects.toMatchObject({ name: 'ObjectChangedError' });
    expect(await store.stat(OBJECT, untilDone)).toBeUndefined();
  });

  test('large audio is copied in parts, whole, with its checksums', async () => {
    const content = Buffer.alloc(2 * PART + 12_345, 'some audio ');
    const staging = onAnotherHost();
    await put(staging, KEY, content);
    const moved: number[] = [];
    const staged = await staging.readStaged(KEY);
    if (staged === undefined) throw new Error('Nothing is staged.');
    const stored = await staging.upload(staged, audioOf(KEY), store, {
      ...options,
      onBytes: (bytes) => moved.push(bytes),
    });
    expect(moved).toEqual([PART, PART, 12_345]);
    expect(stored.etag).toMatch(/-3$/);
    const file = path.join(stores.directory, 'large');
    await writeFile(file, await contentOf(OBJECT));
    const { sha256, md5 } = await checksumFile(file);
    expect(stored).toMatchObject({ sha256, md5, sizeBytes: content.byteLength });
    expect(await store.stat(OBJECT, untilDone)).toMatchObject({ md5, etag: stored.etag });
  });

  test('the store may be away for a while when a download is finished: nothing is lost', async () => {
    let calls = 0;
    const away = withOverrides(store, {
      putFile: async (...args: Parameters<MinioStore['putFile']>) => {
        calls += 1;
        if (calls < 3) throw new TransientError('network', 'Connection refused');
        return await store.putFile(...args);
      },
    });
    await put(onAnotherHost(away), KEY, 'audio');
    expect(calls).toBe(3);
    expect(await onAnotherHost().readStaged(KEY)).toBeDefined();
  });

  test('a stopped worker does not wait for it', async () => {
    const away = withOverrides(store, {
      putFile: () => Promise.reject(new TransientError('network', 'Connection refused')),
    });
    const staging = onAnotherHost(away);
    const file = path.join(stores.directory, 'waiting.mp3');
    await writeFile(file, 'audio');
    const metadata = {
      ...STAGED_MP3,
      sizeBytes: 5,
      durationSeconds: 1,
      metadata: { url: 'https://x.example' },
    };
    const stop = new AbortController();
    const waiting = staging.put(KEY, file, metadata, stop.signal);
    setTimeout(() => {
      stop.abort();
    }, 300);
    await expect(waiting).rejects.toMatchObject({ outcome: 'interrupted' });
  });

  test('parts without the other one are unfinished when they are old by the clock of the store', async () => {
    const staging = onAnotherHost();
    const { file } = await put(staging, KEY, 'audio');
    await store.remove('staging/youtube/sTaGeD-0001.json', untilDone);
    await put(staging, OTHER, 'audio');
    const unfinished = (host: Staging, ageMs: number) => Array.fromAsync(host.listUnfinished(ageMs));
    expect(await unfinished(staging, 3_600_000)).toEqual([]);
    const inTwoHours = new Date(Date.now() + 2 * 3_600_000);
    const later = onAnotherHost(withOverrides(store, { serverTime: () => Promise.resolve(inTwoHours) }));
    expect(await unfinished(later, 3_600_000)).toEqual([KEY]);
    const mute = onAnotherHost(withOverrides(store, { serverTime: () => Promise.resolve(new Date('')) }));
    expect(await unfinished(mute, 0)).toEqual([]);
    await later.removeStaged(KEY);
    expect(await store.stat(file, untilDone)).toBeUndefined();
    expect(Math.abs((await store.serverTime(untilDone)).getTime() - Date.now())).toBeLessThan(60_000);
  });

  test('is probed by writing, and the probe leaves nothing', async () => {
    await onAnotherHost().probe(untilDone);
    expect(await stagingObjects()).toEqual([]);
    const full = withOverrides(store, {
      putText: () => Promise.reject(new TransientError('server_error', 'Full')),
    });
    await expect(onAnotherHost(full).probe(untilDone)).rejects.toThrow('Full');
  });
});
