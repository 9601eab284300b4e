import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { RssUpstream } from '../../local/upstreams/rss.ts';
import type { MediaFile } from '../../local/upstreams/rss-media.ts';
import { startUpstreams, type RunningUpstreams } from '../../local/upstreams/upstream.ts';
import type { MediaConfig } from '../../src/config/config.ts';
import { createAudioPipeline } from '../../src/media/audio-pipeline.ts';
import { createDirectoryStaging } from '../../src/staging/directory-staging.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import {
  filesBelow,
  mediaConfig,
  mediaContext,
  probed,
  temporaryDirectory,
} from '../support/media-environment.ts';

const KEY = { provider: 'http', videoId: 'ab'.repeat(32) } as const;
let directory: string;
let staging: string;
let upstream: RssUpstream;
let server: RunningUpstreams;
const audio: Record<'low' | 'finished' | 'opus', Buffer> = {
  low: Buffer.alloc(0),
  finished: Buffer.alloc(0),
  opus: Buffer.alloc(0),
};

beforeAll(async () => {
  directory = await temporaryDirectory();
  staging = path.join(directory, 'staging');
  const made = async (name: string, ...args: string[]) => {
    const file = path.join(directory, name);
    const source = ['-v', 'error', '-f', 'lavfi', '-i', 'sine=frequency=440:duration=10:sample_rate=44100'];
    await promisify(execFile)('ffmpeg', [...source, ...args, file]);
    return await readFile(file);
  };
  audio.low = await made('low.mp3', '-b:a', '64k');
  audio.finished = await made('finished.mp3', '-b:a', '320k', '-ac', '2');
  audio.opus = await made('opus.ogg', '-c:a', 'libopus');
});
beforeEach(async () => {
  upstream = new RssUpstream();
  server = await startUpstreams([upstream]);
});
afterEach(async () => {
  await server.close();
  await rm(staging, { recursive: true, force: true });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const file = (changes: Partial<MediaFile> = {}): MediaFile => ({
  bytes: audio.low,
  contentType: 'audio/mpeg',
  etag: '"1"',
  ...changes,
});
const address = (name: string) => `${server.addressOf('rss')}/media/${name}`;

function produce(
  url: string,
  changes: Partial<MediaConfig> = {},
  known: { readonly durationSeconds?: number } = {},
) {
  const config = mediaConfig({
    // A program that would fail at once: it must not be called here.
    ytDlpPath: '/nonexistent/yt-dlp',
    ...changes,
  });
  const context = { ...mediaContext(), known: { url, title: 'An episode', author: 'Ann', ...known } };
  return createAudioPipeline(config, createDirectoryStaging(staging), createSilentLogger()).produce(
    KEY,
    context,
  );
}
const rangesAsked = () => upstream.requests.map(({ headers }) => headers.range);

describe('audio of episodes', () => {
  test('is converted to 320 kbps and has the metadata of its feed', async () => {
    upstream.setMedia('e.mp3', file());
    const staged = await produce(address('e.mp3?token=1'), {}, { durationSeconds: 4000 });
    expect(staged).toMatchObject({ source: 'http', codec: 'mp3', bitrate: 320_000, format: 'mp3' });
    expect(staged.metadata).toMatchObject({ title: 'An episode', author: 'Ann' });
    expect(staged.durationSeconds).toBeCloseTo(10, 0);
    expect((await probed(staged.file)).format.tags).toMatchObject({ title: 'An episode', artist: 'Ann' });
    expect(await createDirectoryStaging(staging).readStaged(KEY)).toEqual(staged);
  });

  test('is not encoded again when it fits the profile', async () => {
    upstream.setMedia('e.mp3', file({ bytes: audio.finished }));
    const staged = await produce(address('e.mp3'));
    expect(staged).toMatchObject({ codec: 'mp3', bitrate: 320_000 });
    expect(await packetsOf(staged.file)).toBe(await packetsOf(path.join(directory, 'finished.mp3')));
  });

  test('keeps its encoding with the profile `original`, with the extension of its content', async () => {
    upstream.setMedia('e.mp3', file({ bytes: audio.opus }));
    const staged = await produce(address('e.mp3'), { profile: 'original' });
    expect(staged).toMatchObject({ codec: 'opus', format: 'opus' });
    upstream.setMedia('low', file());
    expect(await produce(address('low'), { profile: 'original' })).toMatchObject({
      codec: 'mp3',
      bitrate: 64_000,
      format: 'mp3',
    });
  });

  test('is fetched through redirects', async () => {
    upstream.setMedia('e.mp3', file());
    upstream.setMedia('tracker.mp3', file({ location: address('e.mp3?token=2') }));
    expect(await produce(address('tracker.mp3'))).toMatchObject({ codec: 'mp3' });
  });
});

describe('transfers that are cut', () => {
  /** Of 400 kB. Bytes in the buffers of the client may be lost when the connection ends, and are requested again. */
  const cut = { kind: 'cut', afterBytes: 300_000 } as const;

  test('resume where they ended', async () => {
    upstream.setMedia('e.mp3', file({ bytes: audio.finished, faults: [cut] }));
    const staged = await produce(address('e.mp3'));
    expect(staged.durationSeconds).toBeCloseTo(10, 0);
    expect(rangesAsked()).toEqual(['bytes=0-', expect.stringMatching(/^bytes=\d{6}-$/)]);
    expect(upstream.requests.at(-1)?.status).toBe(206);
    expect(await packetsOf(staged.file)).toBe(await packetsOf(path.join(directory, 'finished.mp3')));
  });

  test('resume after a stall', async () => {
    upstream.setMedia('e.mp3', file({ faults: [{ kind: 'silence', afterBytes: 30_000 }] }));
    expect(await produce(address('e.mp3'), { stallMs: 2_000 })).toMatchObject({ codec: 'mp3' });
    expect(rangesAsked()).toEqual(['bytes=0-', 'bytes=30000-']);
  });

  test.each([
    ['without parts', { ranges: false }],
    ['without a version', { etag: undefined }],
  ])('start again with a server %s', async (_name, changes) => {
    const { etag, ...rest } = { ...file({ bytes: audio.finished }), ...changes };
    upstream.setMedia('e.mp3', {
      ...rest,
      ...(etag === undefined ? {} : { etag }),
      faults: [cut],
    });
    expect((await produce(address('e.mp3'))).durationSeconds).toBeCloseTo(10, 0);
    expect(upstream.requests).toHaveLength(2);
  });

  test('start again when the file has changed meanwhile', async () => {
    const broken = file({ bytes: audio.finished, faults: [cut] });
    upstream.setMedia('e.mp3', broken);
    const produced = produce(address('e.mp3'), { profile: 'original' });
    while (broken.faults?.length !== 0) await new Promise(setImmediate);
    upstream.setMedia('e.mp3', file({ etag: '"2"' }));
    expect(await produced).toMatchObject({ bitrate: 64_000 });
  });

  test('fail when no more bytes come, and leave nothing', async () => {
    const faults = Array.from({ length: 9 }, () => ({ kind: 'cut' as const, afterBytes: 0 }));
    upstream.setMedia('e.mp3', file({ faults: [{ kind: 'cut', afterBytes: 30_000 }, ...faults] }));
    await expect(produce(address('e.mp3'))).rejects.toMatchObject({
      outcome: 'transient',
      errorClass: 'network',
    });
    expect(await filesBelow(staging)).toEqual([]);
  });
});

describe('what is refused', () => {
  test.each([
    [404, 'removed'],
    [410, 'removed'],
    [401, 'private'],
    [403, 'private'],
    [451, 'geo_blocked'],
    [400, 'unsupported'],
    [500, 'server_error'],
  ])('status %i is %s', async (status, errorClass) => {
    upstream.setMedia('e.mp3', file({ status }));
    await expect(produce(address('e.mp3'))).rejects.toMatchObject({ errorClass });
    expect(upstream.requests).toHaveLength(1);
  });

  test('a private address, also by a host name', async () => {
    upstream.setMedia('e.mp3', file());
    const enclosures = { contactUrl: undefined, allowPrivateAddresses: false };
    await expect(produce(address('e.mp3'), { enclosures })).rejects.toMatchObject({
      outcome: 'permanent',
      errorClass: 'address_refused',
    });
    const named = address('e.mp3').replace('127.0.0.1', 'localhost');
    await expect(produce(named, { enclosures })).rejects.toMatchObject({ errorClass: 'address_refused' });
    expect(upstream.requests).toEqual([]);
  });

  test.each(['file:///etc/passwd', 'ftp://site.example/a.mp3', 'no address'])('%s', async (url) => {
    await expect(produce(url)).rejects.toMatchObject({ outcome: 'permanent' });
  });

  test('a page in place of the audio', async () => {
    upstream.setMedia(
      'e.mp3',
      file({ bytes: Buffer.from('<html>'), contentType: 'text/html; charset=utf-8' }),
    );
    await expect(produce(address('e.mp3'))).rejects.toMatchObject({ errorClass: 'broken_media' });
  });

  test('a list of other files', async () => {
    const list = `#EXTM3U\n#EXTINF:10,\nfile://${path.join(directory, 'low.mp3')}\n#EXT-X-ENDLIST\n`;
    upstream.setMedia('e.mp3', file({ bytes: Buffer.from(list) }));
    await expect(produce(address('e.mp3'))).rejects.toMatchObject({ errorClass: 'broken_media' });
  });

  test('more bytes than MAX_SIZE_BYTES, whether announced or not', async () => {
    upstream.setMedia('e.mp3', file());
    await expect(produce(address('e.mp3'), { maxSizeBytes: 10_000 })).rejects.toMatchObject({
      outcome: 'permanent',
      errorClass: 'too_large',
    });
    expect(await filesBelow(staging)).toEqual([]);
  });
});

/** Checksum of the encoded audio without container and tags. */
async function packetsOf(name: string): Promise<string> {
  const args = ['-v', 'error', '-i', `file:${name}`, '-map', '0:a', '-c', 'copy', '-f', 'md5', '-'];
  return (await promisify(execFile)('ffmpeg', args)).stdout;
}
