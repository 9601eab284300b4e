import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  readSampleChannelRequests,
  controlSampleChannel,
} from '../../local/sample-channel/control-client.ts';
import type { VideoFault } from '../../local/sample-channel/faults.ts';
import { generateMedia } from '../../local/sample-channel/media-library.ts';
import { PLAYABILITY_NAMES } from '../../local/sample-channel/playability.ts';
import { SAMPLE_VIDEOS } from '../../local/sample-channel/sample-videos.ts';
import { spawnSampleChannel } from '../../local/sample-channel/spawn-sample-channel.ts';
import { runYtDlp } from '../support/run-yt-dlp.ts';
import { openNewSampleChannel, type NewSampleChannel } from '../support/sample-channel.ts';

let channel: NewSampleChannel;

beforeAll(async () => {
  channel = await openNewSampleChannel();
});
afterAll(() => channel.close());
beforeEach(() => channel.reset());

/** Downloads like production, into a new directory. */
async function download(...videoIds: readonly string[]) {
  const target = await mkdtemp(join(channel.directory, 'out-'));
  const result = await runYtDlp(
    { extraArguments: channel.extraArguments, directory: target },
    ...['--no-playlist', '--quiet', '--no-progress', '--format', 'bestaudio/best', '--socket-timeout', '2'],
    ...[
      '--retries',
      '1',
      '--extractor-retries',
      '0',
      '--match-filters',
      '!is_live & live_status!=?post_live',
    ],
    ...['--output', '%(id)s.%(ext)s', '--print', 'after_move:%(id)s %(ext)s %(duration)d %(upload_date)s'],
    ...['--', ...videoIds.map((id) => `https://www.youtube.com/watch?v=${id}`)],
  );
  return { ...result, target };
}

describe('videos that play', () => {
  test('m4a and webm are served, each with its own sound', async () => {
    const ids = ['sample00001', 'sample00002', 'sampleCase1', 'samplecase1', '-sampledash'];
    const result = await download(...ids);
    expect(result.exitCode).toBe(0);
    expect(result.lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'sample00001 m4a',
      'sample00002 webm',
      'sampleCase1 webm',
      'samplecase1 m4a',
      '-sampledash webm',
    ]);
    const digests = await Promise.all(
      (await readdir(result.target)).map(async (name) =>
        createHash('sha256')
          .update(await readFile(join(result.target, name)))
          .digest('hex'),
      ),
    );
    expect(new Set(digests).size).toBe(ids.length);
    for (const line of result.lines) expect(line).toMatch(/ (?:[6-9]|1\d|2[0-5]) 20260131$/);
  });

  test('a generated video and an added one play; an unknown one does not', async () => {
    await controlSampleChannel(channel.controlUrl, {
      action: 'add-video',
      video: { id: 'added-video', title: 'A', audio: { kind: 'tone', toneHz: 440, durationSeconds: 7 } },
    });
    const result = await download('gen00004999', 'added-video', 'unknown-one');
    expect(result.lines.map((line) => line.split(' ')[0])).toEqual(['gen00004999', 'added-video']);
    expect(result.lines[1]).toContain(' 7 ');
    expect(result.stderr).toBe('ERROR: [youtube] unknown-one: Video unavailable\n');
  });

  test('the flaky one fails in two runs of yt-dlp with all their retries, then plays', async () => {
    const results = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) results.push(await download('sampleFlaky'));
    expect(results.map((result) => result.exitCode)).toEqual([1, 1, 0]);
    expect(results[0]?.stderr).toContain('HTTP Error 503');
    const { counts } = await readSampleChannelRequests(channel.controlUrl);
    expect(counts['sampleFlaky']).toMatchObject({ player: 3, media: 5 });
  });

  test('a number of failures can be configured', async () => {
    await controlSampleChannel(channel.controlUrl, {
      action: 'failures-before-success',
      videoId: 'sample00001',
      failures: 1,
    });
    expect((await download('sample00001')).exitCode).toBe(1);
    expect((await download('sample00001')).exitCode).toBe(0);
  });
});

const HINT = 'Use --cookies-from-browser or --cookies';
/** What yt-dlp prints after `ERROR: [youtube] ID: `. */
const TEXTS: Readonly<Record<(typeof PLAYABILITY_NAMES)[number], string | undefined>> = {
  private: `Private video. Sign in if you've been granted access to this video. ${HINT}`,
  removed: 'Video unavailable. This video has been removed by the uploader',
  'account-terminated':
    'Video unavailable. This video is no longer available because the YouTube account associated',
  'copyright-claim': 'Video unavailable. This video is no longer available due to a copyright claim by',
  unavailable: 'Video unavailable\n',
  'music-premium': 'This video is only available to Music Premium members',
  members: 'Join this channel to get access to members-only content like this video, and other exclusive',
  'members-level':
    "This video is available to this channel's members on level: Patron (or any higher level).",
  age: `Sign in to confirm your age. This video may be inappropriate for some users. ${HINT}`,
  country: 'The uploader has not made this video available in your country\nYou might want to use a VPN',
  'country-copyright':
    'Video unavailable. This video contains content from Sample Records, who has blocked it',
  drm: 'This video is DRM protected',
  'bot-check': `Sign in to confirm you’re not a bot. ${HINT}`,
  captcha: 'Please verify that you are human. YouTube is requiring a captcha challenge before playback',
  'rate-limited':
    "This content isn't available, try again later. The current session has been rate-limited by",
  premiere: 'Premieres in 3 hours',
  'premiere-shortly': 'Premiere will begin shortly',
  upcoming: 'This live event will begin in 2 hours.',
  // Left out by the match filter, without an error.
  live: undefined,
  'live-without-formats': 'No video formats found!; please report this issue',
  // Left out by the match filter too.
  'post-live': undefined,
  'post-live-without-formats': 'No video formats found!; please report this issue',
  processing: "We're processing this video. Check back later.",
  reload: 'The page needs to be reloaded.',
  'sign-in': `Please sign in. ${HINT}`,
  payment: 'This video requires payment to watch',
  'not-available': 'This video is not available',
  'not-on-device': 'This video is unavailable on this device.',
  'live-ended': 'This live stream recording is not available.',
};

describe('videos that do not play', () => {
  test('each refusal of the player gives the error message of yt-dlp', async () => {
    const ids = PLAYABILITY_NAMES.map((_name, index) => `gen${String(index).padStart(8, '0')}`);
    for (const [index, name] of PLAYABILITY_NAMES.entries()) {
      const fault: VideoFault = { kind: 'playability', name };
      await controlSampleChannel(channel.controlUrl, {
        action: 'video-fault',
        videoId: ids[index] ?? '',
        fault,
      });
    }
    const result = await download(...ids);
    expect(result.lines).toEqual([]);
    for (const [index, name] of PLAYABILITY_NAMES.entries()) {
      const text = TEXTS[name];
      const prefix = `ERROR: [youtube] ${ids[index] ?? ''}: `;
      if (text === undefined) expect(result.stderr).not.toContain(prefix);
      else expect(result.stderr).toContain(prefix + text);
    }
  });

  test.each([
    ['api-4030000', 'Unable to download API page: HTTP Error 403: Forbidden'],
    ['api-4040000', 'Unable to download API page: HTTP Error 404: Not Found'],
    ['api-4290000', 'Unable to download API page: HTTP Error 429: Too Many Requests'],
    ['api-5000000', 'Unable to download API page: HTTP Error 500: Internal Server Error'],
    ['api-stall00', 'Unable to download API page: HTTPSConnectionPool'],
    ['api-wrong00', 'All player responses are invalid. Your IP is likely being blocked by Youtube'],
    ['api-noforma', 'No video formats found!'],
    ['api-html000', 'Failed to parse JSON'],
    ['med-4030000', 'unable to download video data: HTTP Error 403: Forbidden'],
    ['med-4040000', 'unable to download video data: HTTP Error 404: Not Found'],
    ['med-4290000', 'unable to download video data: HTTP Error 429: Too Many Requests'],
    ['med-5000000', '[download] Got error: HTTP Error 500: Internal Server Error. Giving up after 1 retries'],
    ['med-stall00', 'Read timed out.. Giving up after 1 retries'],
    ['med-cut0000', 'more expected. Giving up after 1 retries'],
    ['med-corrupt', 'Postprocessing: file:med-corrupt.m4a: Invalid data found when processing input'],
    ['med-html000', 'Postprocessing: file:med-html000.m4a: Invalid data found when processing input'],
    ['med-empty00', 'Did not get any data blocks'],
  ])('%s: %s', async (id, text) => {
    const result = await download(id);
    expect(result).toMatchObject({ exitCode: 1, lines: [] });
    expect(result.stderr).toContain(text);
  });

  test('damaged media that yt-dlp reports as a success', async () => {
    const result = await download('med-short00', 'med-w-corru', 'med-w-short', 'med-w-html0');
    expect(result.exitCode).toBe(0);
    const whole = await download('sample00001', 'sample00002');
    const sizes = async (target: string) =>
      Promise.all((await readdir(target)).sort().map(async (name) => (await stat(join(target, name))).size));
    const [short = 0, corrupt, html = 0, shortWebm = 0] = await sizes(result.target);
    const [wholeM4a = 0, wholeWebm = 0] = await sizes(whole.target);
    expect(short).toBeLessThan(0.6 * wholeM4a);
    expect(shortWebm).toBeLessThan(0.6 * wholeWebm);
    expect(corrupt).toBe(wholeWebm);
    expect(html).toBeLessThan(200);
  });
});

describe('the servers', () => {
  const audio = (range?: string, method = 'GET') =>
    fetch(`${channel.mediaUrl}/audio/sample00001.m4a`, {
      method,
      ...(range === undefined ? {} : { headers: { range } }),
    });

  test('audio has a length, ranges and HEAD', async () => {
    const head = await audio(undefined, 'HEAD');
    const whole = Buffer.from(await (await audio()).arrayBuffer());
    expect(head.headers.get('content-length')).toBe(String(whole.length));
    const part = await audio('bytes=10-19');
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 10-19/${whole.length}`);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(10, 20));
    const beyond = await audio(`bytes=${whole.length}-`);
    expect(beyond.status).toBe(416);
    expect(beyond.headers.get('content-range')).toBe(`bytes */${whole.length}`);
  });

  test('pictures are JPEG files', async () => {
    const response = await fetch(`${channel.mediaUrl}/vi/sample00001/maxresdefault.jpg`);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(
      Buffer.from(await response.arrayBuffer())
        .subarray(0, 3)
        .toString('hex'),
    ).toBe('ffd8ff');
  });

  test('a wrong action is refused with a reason', async () => {
    const response = await fetch(channel.controlUrl, { method: 'POST', body: '{"action":"explode"}' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('action');
  });

  test('a second start uses the files of the first, and the process ends with its input', async () => {
    const media = join(channel.directory, 'media');
    const listMedia = async () => {
      const names = (await readdir(media)).sort();
      return Promise.all(names.map(async (name) => [name, (await stat(join(media, name))).mtimeMs]));
    };
    const before = await listMedia();
    const second = await spawnSampleChannel({ directory: media });
    expect(await listMedia()).toEqual(before);
    await second.close();
    expect(() => process.kill(second.pid, 0)).toThrow('ESRCH');
  });

  test('without a synthesiser each video has its own tone', async () => {
    const tools = {
      directory: join(channel.directory, 'tones'),
      ffmpegPath: 'ffmpeg',
      espeakPath: '/no/such/espeak-ng',
    };
    const made = [];
    for (const video of SAMPLE_VIDEOS.slice(0, 2)) {
      if (video.audio.kind === 'same-as') throw new Error('the dozen has audio of its own');
      made.push(await generateMedia(tools, video.id, 'm4a', video.audio));
    }
    for (const media of made) {
      expect(media.spoken).toBe(false);
      expect(media.durationSeconds).toBeGreaterThanOrEqual(6);
      expect(media.durationSeconds).toBeLessThanOrEqual(25);
    }
    const [one, two] = await Promise.all(made.map((media) => readFile(media.file)));
    expect(one).not.toEqual(two);
  });

  test('a failed start gives the reason', async () => {
    await expect(
      spawnSampleChannel({ directory: join(channel.directory, 'other'), ffmpegPath: '/no/such/ffmpeg' }),
    ).rejects.toThrow('/no/such/ffmpeg');
  });
});
