import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import type { Peaks } from '../../src/media/peaks.ts';
import type { ObjectStore, OpenObject } from '../../src/storage/object-store.ts';
import { storePeaks } from '../../src/storage/peaks-object.ts';
import { uploadAudio } from '../../src/storage/upload-audio.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import {
  addressOf,
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';
import { STAGED_MP3 } from '../support/sample-audio.ts';
import { withOverrides } from '../support/with-overrides.ts';

const never = new AbortController().signal;
const SIZE = 300_000;
const CONTENT = randomBytes(SIZE);
const MD5 = createHash('md5').update(CONTENT).digest('hex');
const PEAKS: Peaks = {
  ...{ version: 2, channels: 1, sample_rate: 8_000, samples_per_pixel: 16, bits: 8 },
  ...{ length: 2, data: [-1, 1, -2, 2] },
};
const [KEY, MATROSKA, EMPTY, LOST] = [keyOf(1), keyOf(2), keyOf(3), keyOf(4)];

let environment: ReconcileEnvironment;
let dashboard: Dashboard;
/** Replaces what the bucket answers; undefined: it answers itself. */
let openRead: ObjectStore['openRead'] | undefined;

beforeAll(async () => {
  environment = await openReconcileEnvironment();
  await store(KEY, CONTENT);
  await store(MATROSKA, CONTENT, 'mka');
  await store(EMPTY, Buffer.alloc(0));
  await store(LOST, CONTENT);
  await environment.store.remove(`audio/youtube/${LOST.videoId}.mp3`, never);
  dashboard = await startTestDashboard(environment, undefined, {
    store: withOverrides(environment.store, {
      openRead: (...parameters) =>
        (openRead ?? environment.store.openRead.bind(environment.store))(...parameters),
    }),
  });
});
afterAll(async () => {
  await dashboard.close();
  await environment.close();
});

async function store(key: VideoKey, content: Buffer, format = 'mp3'): Promise<void> {
  const { database, directory } = environment;
  await environment.discover(key);
  const file = path.join(directory, `${key.videoId}.${format}`);
  await writeFile(file, content);
  const object = { ...STAGED_MP3, key, file, format, profile: 'mp3-320', sourceUrl: addressOf(key) };
  const stored = await uploadAudio(environment.store, object, { signal: never });
  const { bucket, key: name, sizeBytes, md5, sha256, etag } = stored;
  const audio = { bucket, key: name, size: sizeBytes, md5, sha256, etag, format };
  await database.videos.markDownloaded(key, 0, audio, {});
  await database.videos.markStored(key, 0, audio);
}

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  // Without the header fetch would send `no-cache` beside a condition.
  fetch(new URL(path, dashboard.url), { headers: { 'cache-control': 'max-age=0', ...headers }, method });
const audioOf = (key: VideoKey) => `/videos/${videoDocumentId(key)}/audio`;
const lengthOf = async (response: Response) => (await response.arrayBuffer()).byteLength;

describe('the audio of a video, by RFC 9110', () => {
  test.each([
    ['bytes=-99999999', 206, `bytes 0-${String(SIZE - 1)}/${String(SIZE)}`, SIZE],
    ['bytes=-10', 206, `bytes ${String(SIZE - 10)}-${String(SIZE - 1)}/${String(SIZE)}`, 10],
    [`bytes=${String(SIZE - 1)}-`, 206, `bytes ${String(SIZE - 1)}-${String(SIZE - 1)}/${String(SIZE)}`, 1],
    ['bytes=-0', 416, `bytes */${String(SIZE)}`, 0],
    [`bytes=${String(SIZE)}-`, 416, `bytes */${String(SIZE)}`, 0],
    ['bytes=9-3', 200, null, SIZE],
    ['bytes=0-1,9-10', 200, null, SIZE],
  ])('the range %s gives %i', async (range, status, contentRange, length) => {
    const response = await get(audioOf(KEY), { range });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-range')).toBe(contentRange);
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(await lengthOf(response)).toBe(length);
  });

  test('HEAD has no ranges (§14.2)', async () => {
    const { status, headers } = await get(audioOf(KEY), { range: 'bytes=0-9' }, 'HEAD');
    expect([status, headers.get('content-length'), headers.get('content-range')]).toEqual([
      200,
      String(SIZE),
      null,
    ]);
  });

  test('an empty object is sent, and no range of it', async () => {
    const whole = await get(audioOf(EMPTY));
    expect([whole.status, await lengthOf(whole)]).toEqual([200, 0]);
    const part = await get(audioOf(EMPTY), { range: 'bytes=0-' });
    expect([part.status, part.headers.get('content-range')]).toEqual([416, 'bytes */0']);
  });

  test('validators and conditions (§13.1)', async () => {
    const first = await get(audioOf(KEY), {}, 'HEAD');
    const [etag, changed] = [first.headers.get('etag') ?? '', first.headers.get('last-modified') ?? ''];
    const past = new Date(0).toUTCString();
    const statusOf = async (headers: Record<string, string>) => {
      const response = await get(audioOf(KEY), headers);
      await response.arrayBuffer();
      return response.status;
    };
    expect(await statusOf({ 'if-none-match': etag })).toBe(304);
    expect(await statusOf({ 'if-none-match': `"x", W/${etag}` })).toBe(304);
    expect(await statusOf({ 'if-none-match': '"x"', 'if-modified-since': changed })).toBe(200);
    expect(await statusOf({ 'if-modified-since': changed })).toBe(304);
    expect(await statusOf({ 'if-modified-since': past })).toBe(200);
    expect(await statusOf({ 'if-match': '"x"' })).toBe(412);
    expect(await statusOf({ 'if-match': etag, range: 'bytes=0-1' })).toBe(206);
    expect(await statusOf({ 'if-unmodified-since': past })).toBe(412);
    expect(await statusOf({ 'if-range': etag, range: 'bytes=0-1' })).toBe(206);
    // A weak validator and a date do not say that the bytes are the same (§13.1.5).
    expect(await statusOf({ 'if-range': `W/${etag}`, range: 'bytes=0-1' })).toBe(200);
    expect(await statusOf({ 'if-range': changed, range: 'bytes=0-1' })).toBe(200);
  });

  test('each format has its type', async () => {
    const type = async (key: VideoKey) => (await get(audioOf(key), {}, 'HEAD')).headers.get('content-type');
    expect([await type(KEY), await type(MATROSKA)]).toEqual(['audio/mpeg', 'audio/matroska']);
  });

  test('is not found when the bucket has lost it; the page says so and what to do', async () => {
    expect((await get(audioOf(LOST))).status).toBe(404);
    const page = await (await get(`/videos/${videoDocumentId(LOST)}`)).text();
    expect(page).toContain('the bucket has no object');
    expect(page).toContain('npm run reconcile');
    expect(page).not.toContain('<audio');
  });
});

describe('a bucket that fails', () => {
  test('before the first byte is an error and no file to download', async () => {
    openRead = () => Promise.reject(new TransientError('server_error', 'The bucket fails.'));
    try {
      const response = await get(`${audioOf(KEY)}?download=1`, { range: 'bytes=0-9' });
      expect(response.status).toBe(503);
      for (const header of ['content-range', 'content-disposition', 'last-modified', 'accept-ranges']) {
        expect([header, response.headers.get(header)]).toEqual([header, null]);
      }
      expect(await response.text()).toContain('The bucket fails.');
    } finally {
      openRead = undefined;
    }
  });

  test('midway cuts the connection, so that the player knows that more was to come', async () => {
    openRead = async (name, options): Promise<OpenObject> => {
      const opened = await environment.store.openRead(name, options);
      opened.stream.once('data', () => {
        opened.stream.destroy(new TransientError('network', 'The bucket is gone.'));
      });
      return opened;
    };
    try {
      const whole = get(audioOf(KEY)).then((response) => response.arrayBuffer());
      await expect(whole).rejects.toThrow();
    } finally {
      openRead = undefined;
    }
    const again = await get(audioOf(KEY), { range: 'bytes=100-199' });
    expect(Buffer.from(await again.arrayBuffer()).equals(CONTENT.subarray(100, 200))).toBe(true);
  });
});

describe('the peaks of a video', () => {
  const address = `/videos/${videoDocumentId(KEY)}/peaks`;
  const missing = async () => (await environment.database.peaks.missing('', 10)).map(({ _id }) => _id);

  test('are sent when the bucket has those of this audio', async () => {
    const { database } = environment;
    expect((await get(address)).status).toBe(404);
    await storePeaks(environment.store, KEY, JSON.stringify(PEAKS), MD5, never);
    await database.peaks.mark(KEY, MD5, 'made');
    const response = await get(address);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual(PEAKS);
    expect(await missing()).not.toContain(videoDocumentId(KEY));
  });

  test.each([
    ['of other audio', JSON.stringify(PEAKS), 'f'.repeat(32)],
    ['that are none', '<script>alert(1)</script>', MD5],
    ['that are far too large', JSON.stringify({ ...PEAKS, more: 'x'.repeat(100_000) }), MD5],
  ])('%s are not sent, and are made again', async (_what, text, md5) => {
    await storePeaks(environment.store, KEY, text, md5, never);
    await environment.database.peaks.mark(KEY, MD5, 'made');
    expect((await get(address)).status).toBe(404);
    expect(await missing()).toContain(videoDocumentId(KEY));
  });

  test.each(['youtube.unknown0001', 'youtube.x', '%00'])('of %j are not found', async (id) => {
    expect((await get(`/videos/${id}/peaks`)).status).toBe(404);
  });
});
