import { execFile } from 'node:child_process';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { RssUpstream } from '../../local/upstreams/rss.ts';
import { startUpstreams, type RunningUpstreams } from '../../local/upstreams/upstream.ts';
import type { MediaConfig } from '../../src/config/config.ts';
import { createAudioPipeline } from '../../src/media/audio-pipeline.ts';
import { convertAudio } from '../../src/media/convert.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { findLimiter } from '../../src/runtime/resource-limits.ts';
import { createDirectoryStaging } from '../../src/staging/directory-staging.ts';
import {
  filesBelow,
  mediaConfig,
  mediaContext,
  probed,
  temporaryDirectory,
} from '../support/media-environment.ts';

const KEY = { provider: 'http', videoId: 'cd'.repeat(32) } as const;
const MB = 1024 ** 2;
/** In the address of each episode. */
const TOKEN = 'word-of-one-listener';
let directory: string;
let staging: string;
let upstream: RssUpstream;
let server: RunningUpstreams;

beforeAll(async () => {
  directory = await temporaryDirectory();
  staging = path.join(directory, 'staging');
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

/** Makes a file with ffmpeg and returns its bytes. */
async function made(name: string, ...args: string[]): Promise<Buffer> {
  const file = path.join(directory, name);
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args, file]);
  return await readFile(file);
}

const silence = (seconds: number, rate = 44_100) => [
  ...['-f', 'lavfi', '-i', `anullsrc=r=${String(rate)}:cl=mono`, '-t', String(seconds)],
];
const tone = (seconds: number) => ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${String(seconds)}`];

/** A WAV file of 8 bits with few samples a second: the header may say so. */
function slowWav(seconds: number, samplesPerSecond: number): Buffer {
  const bytes = seconds * samplesPerSecond;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(samplesPerSecond, 24);
  header.writeUInt32LE(samplesPerSecond, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(bytes, 40);
  return Buffer.concat([header, Buffer.alloc(bytes, 0x80)]);
}

/** FLAC whose header announces another number of samples (RFC 9639, section 8.2). */
function withSamples(flac: Buffer, samples: number): Buffer {
  const changed = Buffer.from(flac);
  changed.writeUInt8(changed.readUInt8(21) & 0xf0, 21);
  changed.writeUInt32BE(samples, 22);
  return changed;
}

async function produce(bytes: Buffer, changes: Partial<MediaConfig> = {}, durationSeconds?: number) {
  upstream.setMedia('bomb', { bytes, contentType: 'audio/mpeg', etag: '"1"' });
  const url = `${server.addressOf('rss')}/media/bomb?token=${TOKEN}`;
  const known = { url, title: 'A bomb', ...(durationSeconds === undefined ? {} : { durationSeconds }) };
  return await createAudioPipeline(
    mediaConfig(changes),
    createDirectoryStaging(staging),
    createSilentLogger(),
  ).produce(KEY, { ...mediaContext(), known });
}

interface Bomb {
  readonly name: string;
  readonly make: () => Promise<Buffer> | Buffer;
  readonly changes?: Partial<MediaConfig>;
  readonly announcedSeconds?: number;
  readonly error: Readonly<Record<string, unknown>>;
}

const TOO_SMALL = { errorClass: 'too_complex', outcome: 'permanent' };
const TOO_LARGE = { errorClass: 'too_large', outcome: 'permanent' };

const BOMBS: readonly Bomb[] = [
  {
    name: '20 kB of FLAC with 20 minutes of silence',
    make: () => made('silence.flac', ...silence(1200), '-c:a', 'flac', '-frame_size', '65535'),
    error: TOO_SMALL,
  },
  {
    name: 'the same with its length announced in the feed',
    make: () => made('silence.flac', ...silence(1200), '-c:a', 'flac', '-frame_size', '65535'),
    announcedSeconds: 1200,
    error: TOO_SMALL,
  },
  { name: 'WAV with fifty samples a second', make: () => slowWav(400, 50), error: TOO_SMALL },
  {
    name: 'audio longer than MAX_DURATION_SECONDS',
    make: () => made('long.mp3', ...tone(60), '-b:a', '32k'),
    changes: { maxDurationSeconds: 30 },
    error: { ...TOO_LARGE, message: expect.stringContaining('MAX_DURATION_SECONDS') },
  },
  {
    name: 'audio longer than MAX_DURATION_SECONDS whose header does not say so',
    make: () => made('long.aac', ...tone(60), '-b:a', '32k'),
    changes: { maxDurationSeconds: 30 },
    error: { ...TOO_LARGE, message: expect.stringContaining('MAX_DURATION_SECONDS') },
  },
  {
    name: 'audio that would be larger than MAX_OUTPUT_BYTES',
    make: () => made('large.mp3', ...tone(60), '-b:a', '32k'),
    changes: { maxOutputBytes: MB },
    error: { ...TOO_LARGE, message: expect.stringContaining('MAX_OUTPUT_BYTES') },
  },
  {
    name: 'a file kept as it is that is larger than MAX_OUTPUT_BYTES',
    make: () => made('large.mp3', ...tone(60), '-b:a', '320k'),
    changes: { maxOutputBytes: MB, profile: 'original' },
    error: { ...TOO_LARGE, message: expect.stringContaining('MAX_OUTPUT_BYTES') },
  },
  {
    name: 'a header that announces 5 s of 15 minutes',
    make: async () => withSamples(await made('tone.flac', ...tone(900), '-c:a', 'flac'), 5 * 44_100),
    error: { errorClass: 'broken_media' },
  },
];

describe('small files that become large', () => {
  test.each(BOMBS)('$name', async ({ make, changes, announcedSeconds, error }) => {
    const bytes = await make();
    const begin = performance.now();
    await expect(produce(bytes, changes, announcedSeconds)).rejects.toMatchObject(error);
    // The work ends soon, and nothing stays.
    expect(performance.now() - begin).toBeLessThan(20_000);
    expect(await filesBelow(staging)).toEqual([]);
  });

  test('silence of an ordinary encoder is no bomb', async () => {
    const bytes = await made('silence.opus', ...silence(200, 48_000), '-c:a', 'libopus', '-b:a', '6k');
    await expect(produce(bytes)).resolves.toMatchObject({ codec: 'mp3' });
    const flac = await made('quiet.flac', ...silence(200), '-c:a', 'flac');
    await expect(produce(flac)).resolves.toMatchObject({ codec: 'mp3' });
  });
});

describe('files that name other files', () => {
  const lists: readonly (readonly [name: string, text: (secret: string) => string])[] = [
    [
      'an HLS playlist',
      (file) => `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://${file}\n#EXT-X-ENDLIST\n`,
    ],
    [
      'an HLS playlist with a key',
      (file) =>
        `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="file://${file}"\n#EXTINF:10,\nfile:${file}\n#EXT-X-ENDLIST\n`,
    ],
    ['a list of ffmpeg', (file) => `ffconcat version 1.0\nfile '${file}'\n`],
    ['a list of ffmpeg with a protocol', (file) => `ffconcat version 1.0\nfile 'file:${file}'\n`],
    [
      'a DASH manifest',
      (file) =>
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>file://${file}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    ],
    [
      'a session description',
      () => 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n',
    ],
    ['an SMIL presentation', (file) => `<smil><body><audio src="file://${file}"/></body></smil>`],
  ];

  test.each(lists)('%s is not audio, and what it names is not read', async (_name, text) => {
    const secret = path.join(directory, 'secret.mp3');
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...tone(10), secret]);
    const before = (await stat(secret)).atimeMs;
    await expect(produce(Buffer.from(text(secret)))).rejects.toMatchObject({ errorClass: 'broken_media' });
    expect((await stat(secret)).atimeMs).toBe(before);
    expect(await filesBelow(staging)).toEqual([]);
  });
});

describe('ffmpeg', () => {
  test('gets neither keys of this process nor tokens in addresses, and runs under limits', async () => {
    const seen = path.join(directory, 'environment.txt');
    const ffmpegPath = path.join(directory, 'ffmpeg-that-tells');
    await writeFile(
      ffmpegPath,
      `#!/bin/sh\nenv > ${seen}\necho "$@" >> ${seen}\ncat /proc/self/limits >> ${seen}\nexec ffmpeg "$@"\n`,
      {
        mode: 0o755,
      },
    );
    process.env['MINIO_SECRET_KEY'] = 'key-of-the-store';
    try {
      await produce(await made('plain.mp3', ...tone(5), '-b:a', '64k'), { ffmpegPath });
    } finally {
      delete process.env['MINIO_SECRET_KEY'];
    }
    const text = await readFile(seen, 'utf8');
    expect(text).not.toContain('key-of-the-store');
    expect(text).toContain('/media/bomb');
    expect(text).not.toContain(TOKEN);
    expect(text.match(/^[A-Z_]+=/gm)?.filter((name) => /KEY|SECRET|TOKEN|URL/.test(name)) ?? []).toEqual([]);
    if ((await findLimiter()) === undefined) return;
    expect(text).toMatch(/^Max file size +121634816 /m);
    expect(text).toMatch(/^Max data size +1073741824 /m);
  });

  test('a picture that unpacks to gigabytes is left out and the audio kept', async () => {
    const cover = path.join(directory, 'cover.png');
    await promisify(execFile)('ffmpeg', [
      ...['-v', 'error', '-y', '-f', 'lavfi', '-i', 'color=black:s=16000x16000,format=monob'],
      ...['-frames:v', '1', cover],
    ]);
    const file = path.join(directory, 'audio.mp3');
    await made('audio.mp3', ...tone(5), '-b:a', '64k');
    const fetched = {
      ...{ file, coverFile: cover, source: 'yt-dlp' as const },
      metadata: { url: 'https://www.youtube.com/watch?v=sample00001', title: 'With a large cover' },
    };
    const converted = await convertAudio(mediaConfig(), 'mp3-320', fetched, mediaContext());
    const { streams } = await probed(converted.file);
    expect(streams.map(({ codec_name }) => codec_name)).toEqual(['mp3']);
  });
});
