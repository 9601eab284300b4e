import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAudioPipeline } from '../../src/media/audio-pipeline.ts';
import { checkMediaTools } from '../../src/media/media-tools.ts';
import { createDirectoryStaging } from '../../src/staging/directory-staging.ts';
import { InterruptedError, LaterError } from '../../src/domain/job-errors.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { controlSampleChannel } from '../../local/sample-channel/control-client.ts';
import {
  filesBelow,
  mediaConfig,
  mediaContext,
  probed,
  temporaryDirectory,
} from '../support/media-environment.ts';

let directory: string;
const youtube = (videoId: string) => ({ provider: 'youtube', videoId }) as const;
let isYtDlpResident = true;
const producer = (changes: Parameters<typeof mediaConfig>[0] = {}, staging = directory) =>
  createAudioPipeline(
    mediaConfig({ isYtDlpResident, ...changes }),
    createDirectoryStaging(staging),
    createSilentLogger(),
  );

/** Both forms of yt-dlp are held to the same tests. */
describe.each([
  ['forked from a resident yt-dlp', true],
  ['started anew', false],
])('%s', (_form, isResident) => {
  beforeAll(async () => {
    isYtDlpResident = isResident;
    directory = await temporaryDirectory();
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  describe('downloads of YouTube videos', () => {
    test.each([
      ['m4a', 'sample00001', 'The weaver bird'],
      ['webm', 'sample00002', 'Le marché du samedi'],
      ['an id that begins with a hyphen', '-sampledash', 'A name that begins with a hyphen'],
    ])('%s becomes an MP3 of 320 kbps with title, source and cover', async (_what, videoId, title) => {
      const context = mediaContext();
      const staged = await producer().produce(youtube(videoId), context);
      expect(staged).toMatchObject({
        codec: 'mp3',
        bitrate: 320_000,
        sampleRate: 44_100,
        channels: 2,
        format: 'mp3',
        source: 'yt-dlp',
        metadata: { title, url: `https://www.youtube.com/watch?v=${videoId}` },
      });
      const found = await probed(staged.file);
      expect(found.streams.map((stream) => [stream.codec_name, stream.disposition['attached_pic']])).toEqual([
        ['mp3', 0],
        ['mjpeg', 1],
      ]);
      expect(found.format.tags).toMatchObject({ title, comment: staged.metadata.url, date: '2026-01-31' });
      expect(Math.abs(found.format.duration - (staged.metadata.durationSeconds ?? 0))).toBeLessThan(2);
      expect(new Set(context.seen.map((progress) => progress.stage))).toEqual(
        new Set(['extract', 'fetch', 'convert', 'check']),
      );
      expect(context.seen.some(({ stage, percent }) => stage === 'fetch' && percent === 100)).toBe(true);
      expect(await createDirectoryStaging(directory).readStaged(youtube(videoId))).toEqual(staged);
    });

    test('ids that differ only by letter case give two files', async () => {
      const staging = createDirectoryStaging(directory);
      for (const videoId of ['sampleCase1', 'samplecase1'])
        await producer().produce(youtube(videoId), mediaContext());
      const names = (await filesBelow(path.join(directory, 'youtube'))).map((name) => name.toLowerCase());
      expect(new Set(names).size).toBe(names.length);
      const keys = [];
      for await (const staged of staging.listStaged()) keys.push(staged.key.videoId);
      expect(keys).toEqual(expect.arrayContaining(['sampleCase1', 'samplecase1']));
    });

    test.each([
      ['sample00003', 'm4a', 'aac'],
      ['sample00004', 'webm', 'opus'],
    ])('the profile original keeps the encoding of %s (%s)', async (videoId, format, codec) => {
      const staged = await producer({ profile: 'original' }).produce(youtube(videoId), mediaContext());
      expect(staged).toMatchObject({ format, codec });
      expect((await probed(staged.file)).format.duration).toBeCloseTo(staged.durationSeconds, 0);
    });

    test.each([
      ['none', 'odd0000null', undefined],
      [
        'with control characters',
        'odd0control',
        expect.stringMatching(/^bell tab newline escape \[31m null delete/),
      ],
      ['with emoji', 'odd000emoji', '🥁 tambour 👩🏾‍🚀 family 👨‍👩‍👧‍👦'],
      ['from right to left', 'odd00hebrew', 'הקלטה קצרה'],
      ['that climbs', 'odd000climb', '../../../../etc/passwd'],
      ['that looks like an option', 'odd00option', '--exec=touch /tmp/never'],
      ['of 5,000 characters', 'odd0000long', expect.stringMatching(/^A very long title/)],
    ])('a title %s is kept and does not change the file name', async (_what, videoId, title) => {
      const staged = await producer().produce(youtube(videoId), mediaContext());
      const { format } = await probed(staged.file);
      expect(format.tags?.['title']).toEqual(title);
      expect(path.basename(staged.file)).toMatch(new RegExp(`^${videoId}\\.[0-9a-f]{8}\\.mp3$`));
    });

    test('plugins are loaded from the directory that is configured, and from nowhere else', async () => {
      const ytDlpPluginDirectory = path.join(directory, 'plugins');
      const modules = path.join(ytDlpPluginDirectory, 'mark', 'yt_dlp_plugins', 'extractor');
      const mark = path.join(directory, 'plugin-was-loaded');
      const staging = path.join(directory, 'staging-of-plugins');
      await mkdir(modules, { recursive: true });
      await mkdir(staging);
      await writeFile(path.join(modules, 'mark.py'), `open(${JSON.stringify(mark)}, 'w').write('yes')\n`);
      await producer({}, staging).produce(youtube('sample00003'), mediaContext());
      await expect(readFile(mark)).rejects.toMatchObject({ code: 'ENOENT' });
      await createDirectoryStaging(staging).removeStaged(youtube('sample00003'));
      await producer({ ytDlpPluginDirectory }, staging).produce(youtube('sample00003'), mediaContext());
      expect(await readFile(mark, 'utf8')).toBe('yes');
      await expect(
        producer({ ytDlpPluginDirectory: '/nowhere/plugins' }, staging).produce(
          youtube('sample00004'),
          mediaContext(),
        ),
      ).rejects.toMatchObject({ outcome: 'operator', errorClass: 'local_configuration' });
    });

    test.each([
      [
        'the original, not the dub of higher quality',
        undefined,
        { language: 'en', trackKind: 'original', sourceFormat: '140' },
      ],
      ['the wanted language', 'fr', { language: 'fr', trackKind: 'dubbed', sourceFormat: '141' }],
      [
        'the original where there is no track of the wanted one',
        'de',
        { language: 'en', trackKind: 'original' },
      ],
    ])('of several tracks: %s', async (_what, audioLanguage, track) => {
      const changes = audioLanguage === undefined ? {} : { audioLanguage };
      const staged = await producer(changes).produce(youtube('aud0dubbed0'), mediaContext());
      expect(staged).toMatchObject(track);
      const staging = createDirectoryStaging(directory);
      expect(await staging.readStaged(youtube('aud0dubbed0'))).toMatchObject(track);
      await staging.removeStaged(youtube('aud0dubbed0'));
    });

    test('audio that is shorter than its video passes when the format announces its length', async () => {
      const staged = await producer().produce(youtube('aud00longer'), mediaContext());
      expect(staged.metadata.durationSeconds).toBe(20);
      expect(staged.durationSeconds).toBeLessThan(15);
    });

    test('cookies are copied for each process and the original is not changed', async () => {
      const cookies = path.join(directory, 'jar.txt');
      const text = '# Netscape HTTP Cookie File\n\n.example.org\tTRUE\t/\tFALSE\t0\tname\tvalue\n';
      await writeFile(cookies, text);
      const ytDlpExtraArgs = [...mediaConfig().ytDlpExtraArgs, '--cookies', cookies];
      await producer({ ytDlpExtraArgs }).produce(youtube('sample00005'), mediaContext());
      expect(await readFile(cookies, 'utf8')).toBe(text);
    });

    test('the versions of all programs are reported', async () => {
      const versions = await checkMediaTools(mediaConfig(), new AbortController().signal);
      expect(versions.ytDlp).toMatch(/^20\d\d\./);
      expect(versions.ffmpeg).toMatch(/^\S+$/);
    });
  });

  describe('downloads that fail', () => {
    test.each([
      ['err-private', 'private'],
      ['err-removed', 'removed'],
      ['err-members', 'members_only'],
      ['err-age0000', 'age_restricted'],
      ['err-country', 'geo_blocked'],
      ['err-drm0000', 'drm'],
      ['err-bot0000', 'bot_check'],
      ['err-rate000', 'rate_limited'],
      ['err-premier', 'premiere'],
      ['err-live000', 'live'],
      ['err-ended00', 'recording_pending'],
      ['err-livenon', 'live'],
      ['err-postliv', 'recording_pending'],
      ['err-postnon', 'recording_pending'],
      ['err-process', 'recording_pending'],
      ['err-reload0', 'extraction'],
      ['err-signin0', 'sign_in_required'],
      ['err-payment', 'payment_required'],
      ['err-notavai', 'removed'],
      ['aud00alldrm', 'drm'],
      ['aud0neither', 'wrong_duration'],
      ['api-4290000', 'rate_limited'],
      ['api-5030000', 'server_error'],
      ['api-html000', 'extraction'],
      ['med-4030000', 'extraction'],
      ['med-4290000', 'rate_limited'],
      ['med-5030000', 'server_error'],
      ['med-cut0000', 'truncated_media'],
      ['med-empty00', 'truncated_media'],
      ['med-short00', 'broken_media'],
      ['med-corrupt', 'broken_media'],
      ['med-html000', 'broken_media'],
      ['med-w-short', 'truncated_media'],
      ['med-w-corru', 'broken_media'],
      ['med-w-html0', 'broken_media'],
    ])('%s fails as %s and leaves no files', async (videoId, errorClass) => {
      const staging = path.join(directory, videoId);
      await expect(producer({}, staging).produce(youtube(videoId), mediaContext())).rejects.toMatchObject({
        errorClass,
      });
      expect(await filesBelow(staging)).toEqual([]);
    });

    test.each([
      ['api-stall00', 'the site does not answer'],
      ['med-stall00', 'the media stops'],
    ])('%s: %s, and the stall limit ends it', async (videoId) => {
      await expect(
        producer({ stallMs: 3000 }).produce(youtube(videoId), mediaContext()),
      ).rejects.toMatchObject({ errorClass: 'stall' });
    });

    test('a slow but steady transfer is not a stall', async () => {
      const staged = await producer({ stallMs: 3000 }).produce(youtube('med-slow000'), mediaContext());
      expect(staged.codec).toBe('mp3');
    });

    test('a premiere is retried when it is due', async () => {
      const before = Date.now();
      const error = await producer()
        .produce(youtube('err-premier'), mediaContext())
        .catch((thrown: unknown) => thrown);
      const availableAt = error instanceof LaterError ? (error.availableAt?.getTime() ?? 0) : 0;
      expect(Math.abs(availableAt - before - 3 * 3_600_000)).toBeLessThan(60_000);
    });

    test.each(['unavailable', 'not-available', 'not-on-device', 'sign-in'] as const)(
      'what is refused once without a reason (%s) is asked for again',
      async (name) => {
        const videoId = `once-${name}`.slice(0, 11).padEnd(11, '0');
        const url = process.env['SAMPLE_CHANNEL_CONTROL_URL'] ?? '';
        const audio = { kind: 'same-as', videoId: 'sample00001' } as const;
        await controlSampleChannel(url, { action: 'add-video', video: { id: videoId, title: name, audio } });
        const fault = { kind: 'playability', name, times: 1 } as const;
        await controlSampleChannel(url, { action: 'video-fault', videoId, fault });
        expect((await producer().produce(youtube(videoId), mediaContext())).codec).toBe('mp3');
      },
    );

    test.each([
      [403, 'extraction'],
      [503, 'server_error'],
    ])('a protected track says nothing of HTTP %i for another one', async (status, errorClass) => {
      const url = process.env['SAMPLE_CHANNEL_CONTROL_URL'] ?? '';
      const fault = { kind: 'media-status', status } as const;
      await controlSampleChannel(url, { action: 'video-fault', videoId: 'aud0partdrm', fault });
      await expect(producer().produce(youtube('aud0partdrm'), mediaContext())).rejects.toMatchObject({
        errorClass,
      });
    });

    test('a video that is larger than allowed is not fetched', async () => {
      await expect(
        producer({ maxSizeBytes: 20_000 }).produce(youtube('sample00006'), mediaContext()),
      ).rejects.toMatchObject({ errorClass: 'too_large' });
    });

    test('wrong extra arguments are an operator error', async () => {
      await expect(
        producer({ ytDlpExtraArgs: ['--no-such-option'] }).produce(youtube('sample00006'), mediaContext()),
      ).rejects.toMatchObject({ errorClass: 'local_configuration' });
    });

    test('an invalid id is passed to no program and used in no path', async () => {
      for (const videoId of ['../../../etc', '--exec=echo', 'short']) {
        await expect(producer().produce(youtube(videoId), mediaContext())).rejects.toMatchObject({
          errorClass: 'unsupported',
        });
      }
    });

    test('an interruption leaves no files', async () => {
      const staging = path.join(directory, 'interrupted');
      const controller = new AbortController();
      const context = mediaContext(controller.signal);
      const produced = producer({}, staging).produce(youtube('med-slow000'), {
        ...context,
        onProgress: ({ stage }) => {
          if (stage === 'fetch') controller.abort();
        },
      });
      await expect(produced).rejects.toThrow(InterruptedError);
      expect(await filesBelow(staging)).toEqual([]);
    });
  });
});
