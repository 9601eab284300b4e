import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MediaConfig } from '../../src/config/config.ts';
import { createAudioPipeline } from '../../src/media/audio-pipeline.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { filesBelow, mediaConfig, mediaContext, temporaryDirectory } from '../support/media-environment.ts';
import { startSaveTubeServer, type SaveTubeServer } from '../support/savetube-server.ts';
import { createDirectoryStaging } from '../../src/staging/directory-staging.ts';

const KEY = { provider: 'youtube', videoId: 'sample00001' } as const;
let directory: string;
let server: SaveTubeServer;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const audio = path.join(directory, 'audio.mp3');
  await promisify(execFile)('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'sine=frequency=440:duration=10', '-b:a', '128k', audio],
  ]);
  server = await startSaveTubeServer(await readFile(audio));
});
beforeEach(() => {
  server.behaviour = {};
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

const produce = (changes: Partial<MediaConfig> = {}, context = mediaContext()) =>
  createAudioPipeline(
    mediaConfig({
      downloaders: ['savetube'],
      saveTube: { apiUrl: server.apiUrl, cdnScheme: 'http', keyHex: server.keyHex },
      ...changes,
    }),
    createDirectoryStaging(path.join(directory, 'staging')),
    createSilentLogger(),
  ).produce(KEY, context);

describe('audio from SaveTube', () => {
  test('audio of any format is converted to 320 kbps', async () => {
    const context = mediaContext();
    const staged = await produce({}, context);
    expect(staged).toMatchObject({
      source: 'savetube',
      codec: 'mp3',
      bitrate: 320_000,
      metadata: { title: 'From SaveTube', durationSeconds: 10 },
    });
    expect(context.seen.some(({ stage, percent }) => stage === 'fetch' && percent === 100)).toBe(true);
    expect(server.requests.slice(-4)).toEqual([
      'GET /api/random-cdn',
      'POST /v2/info',
      'POST /download',
      'GET /file',
    ]);
  });

  test('a host that fails is replaced by another one', async () => {
    server.behaviour = { failures: 2 };
    expect((await produce()).source).toBe('savetube');
  });

  test('a permitted redirect is followed', async () => {
    server.behaviour = { redirectTo: '/moved', transfer: 'unsized' };
    expect((await produce()).source).toBe('savetube');
  });

  test.each([
    ['always fails', { failures: 99 }, 'server_error'],
    ['limits the rate', { infoStatus: 429 }, 'server_error'],
    ['refuses the video', { refusal: 'not found' }, 'unknown'],
    ['refuses the file', { downloadRefusal: 'no' }, 'unknown'],
    ['names a foreign host', { cdn: 'evil.example.org' }, 'extraction'],
    ['hides a host behind credentials', { cdn: 'user@127.0.0.1' }, 'extraction'],
    ['names a file of this machine', { downloadUrl: 'file:///etc/passwd' }, 'extraction'],
    ['redirects to a file of this machine', { redirectTo: 'file:///etc/passwd' }, 'extraction'],
    ['redirects endlessly', { redirectTo: '/file' }, 'extraction'],
    ['answers for another video', { id: 'anotherVide' }, 'extraction'],
    ['sends an endless response', { longAnswerBytes: 2_000_000 }, 'extraction'],
    ['cuts the transfer', { transfer: 'cut' }, 'network'],
    ['stops during the transfer', { transfer: 'stall' }, 'stall'],
    ['serves less than announced', { duration: 60 }, 'truncated_media'],
  ] as const)('a service that %s is reported as a failure', async (_what, behaviour, errorClass) => {
    server.behaviour = { ...behaviour };
    await expect(produce({ stallMs: 1500 })).rejects.toMatchObject({ errorClass });
    expect(
      (await filesBelow(path.join(directory, 'staging'))).filter((file) => file.startsWith('work')),
    ).toEqual([]);
  });

  test('a wrong key is reported', async () => {
    const saveTube = { apiUrl: server.apiUrl, cdnScheme: 'http', keyHex: '0'.repeat(32) } as const;
    await expect(produce({ saveTube })).rejects.toThrow('SAVETUBE_KEY');
  });

  test('a file without a content-length is not fetched beyond the limit', async () => {
    server.behaviour = { transfer: 'unsized' };
    await expect(produce({ maxSizeBytes: 10_000 })).rejects.toMatchObject({ errorClass: 'too_large' });
  });

  test('an interruption ends the transfer', async () => {
    server.behaviour = { transfer: 'stall' };
    const controller = new AbortController();
    const context = mediaContext(controller.signal);
    const produced = produce(
      {},
      {
        ...context,
        onProgress: ({ stage }) => {
          if (stage === 'fetch') controller.abort();
        },
      },
    );
    await expect(produced).rejects.toMatchObject({ outcome: 'interrupted' });
  });

  test('yt-dlp is used when SaveTube fails, and its failure is the one that is reported', async () => {
    server.behaviour = { refusal: 'not today' };
    const downloaders = ['savetube', 'yt-dlp'] as const;
    expect((await produce({ downloaders })).source).toBe('yt-dlp');
    const ytDlpExtraArgs = ['--proxy', 'http://127.0.0.1:9'];
    await expect(produce({ downloaders, ytDlpExtraArgs })).rejects.toMatchObject({ errorClass: 'network' });
  });
});
