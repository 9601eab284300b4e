import { describe, expect, test } from '@jest/globals';
import { en } from '../../text/messages/en.ts';
import { fr } from '../../text/messages/fr.ts';
import type { LoadedVideo } from './load-video.ts';
import { renderVideo } from './video-page.ts';

const HOSTILE = '<script>alert(1)</script>"\u202e\u0007';
const at = new Date('2026-01-31T07:00:00Z');

const loaded: LoadedVideo = {
  video: {
    _id: 'youtube.v0000000001',
    provider: 'youtube',
    video_id: 'v0000000001',
    url: 'https://www.youtube.com/watch?v=v0000000001',
    title: 'Rain and wind',
    author: 'An author',
    status: 'mirrored',
    round: 0,
    first_round: 0,
    retry_attempts: 0,
    created_at: at,
    updated_at: at,
    stored_at: at,
    audio: {
      bucket: 'audio',
      key: 'audio/youtube/v0000000001.mp3',
      size: 4_000_000,
      md5: 'a'.repeat(32),
      sha256: 'b'.repeat(64),
      etag: 'e',
      duration: 100,
      codec: 'mp3',
      bitrate: 320_000,
      sample_rate: 44_100,
      channels: 2,
      format: 'mp3',
      peaks: 'made',
    },
    mirror: { container: 'mirror', name: 'n', etag: 'x', size: 4_000_000, md5: 'a'.repeat(32), at },
  },
  places: [{ id: 'PL1', title: 'Storms', position: 3, since: at, isRemoved: false }],
  attempts: [],
  decisions: [],
  jobs: [],
  object: 'there',
};
const options = { canChange: true, hasMirror: true, notice: undefined };
const page = (changes: Partial<LoadedVideo> = {}, messages = en, more = options) =>
  renderVideo({ ...loaded, ...changes }, more, messages).markup;
const withVideo = (changes: Partial<LoadedVideo['video']>) => ({ video: { ...loaded.video, ...changes } });

describe('the page of a video', () => {
  test('says where its file is, and that the copy is the same', () => {
    const text = page();
    for (const part of ['audio/audio/youtube/v0000000001.mp3', '320 kbit/s', 'a'.repeat(32), 'b'.repeat(64)])
      expect(text).toContain(part);
    expect(text).toContain(en.video.file.mirrorStates.equal);
    expect(text).toContain('href="/playlists/PL1"');
    expect(text).toContain('4.0 MB (4,000,000 bytes)');
  });

  test.each([
    ['missing', en.video.player.missing('audio/youtube/v0000000001.mp3').split('`')[0], false],
    ['differs', en.video.player.differs('audio/youtube/v0000000001.mp3').split('`')[0], true],
    ['unreachable', en.video.player.unreachable, false],
    ['none', en.video.player.noAudio, false],
    ['there', en.video.player.download, true],
  ] as const)('with an object that is %s says so', (object, words, hasPlayer) => {
    const text = page({ object });
    expect(text).toContain(words);
    expect(text.includes('<audio')).toBe(hasPlayer);
  });

  test('offers peaks only when the record tells of some', () => {
    const address = 'data-peaks="/videos/youtube.v0000000001/peaks"';
    expect(page()).toContain(address);
    const { peaks: _made, ...audio } = loaded.video.audio ?? { size: 1, format: 'mp3' };
    expect(page(withVideo({ audio }))).not.toContain(address);
    expect(page(withVideo({ audio: { ...audio, peaks: 'none' } }))).not.toContain(address);
  });

  test('tells a copy of an earlier version, one that is missing, and Azure that is not configured', () => {
    const { mirror, ...video } = loaded.video;
    if (!mirror) throw new Error('It has a mirror.');
    const states = en.video.file.mirrorStates;
    expect(page({ video: { ...video, mirror: { ...mirror, md5: 'c'.repeat(32) } } })).toContain(states.older);
    expect(page({ video })).toContain(states.waiting);
    expect(page({ video }, en, { ...options, hasMirror: false })).toContain(states.off);
  });

  test.each([
    ['en', en],
    ['fr', fr],
  ])('shows hostile texts as text (%s)', (_language, messages) => {
    const text = page(
      {
        video: {
          ...loaded.video,
          status: 'failed',
          title: HOSTILE,
          author: HOSTILE,
          channel_id: HOSTILE,
          description: `${HOSTILE}\n${HOSTILE}`,
          licence: HOSTILE,
          tags: [HOSTILE],
          url: `javascript:${HOSTILE}`,
          error: { class: 'unknown', message: HOSTILE, advice: HOSTILE, stage: 'download', at },
        },
        places: [{ id: HOSTILE, title: HOSTILE, position: 1, since: at, isRemoved: true }],
        attempts: [
          {
            ...{ video_id: 'youtube.v0000000001', url: HOSTILE, title: HOSTILE, timestamp: at },
            ...{ status: 'failed', retry_attempts: 0, error: HOSTILE, error_class: 'unknown' },
            ...{ stage: 'download', round: 0, attempt: 1, duration_ms: 1_500, worker: HOSTILE },
          },
        ],
        decisions: [
          { _id: '1', at, user: HOSTILE, via: 'page', operation: HOSTILE, targets: [], outcome: HOSTILE },
        ],
      },
      messages,
    );
    expect(text).not.toContain('<script>');
    expect(text).not.toContain('href="javascript:');
    expect(text).not.toContain('\u202e');
    expect(text).not.toContain('\u0007');
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toMatch(/undefined|\[object/);
  });

  test('shows each attempt with its advice, and the raw message folded away', () => {
    const attempt = {
      ...{ video_id: 'x', url: 'x', title: 'x', timestamp: at, status: 'failed' as const, retry_attempts: 0 },
      ...{ stage: 'download' as const, round: 1, attempt: 2, duration_ms: 1_500, worker: 'host.1' },
      ...{ error: 'ERROR: raw text', error_class: 'private' as const },
    };
    const text = page({ ...withVideo({ status: 'failed' }), attempts: [attempt] });
    expect(text).toContain(en.advice('private', 'failed').split('`')[0]);
    expect(text).toMatch(/<details>\s*<summary>Message<\/summary>\s*<pre>ERROR: raw text<\/pre>/);
  });

  test('links jobs to Bull Board, and says when Redis is away', () => {
    const job = {
      queue: 'retry',
      id: 'retry.download.youtube.v0000000001.0',
      round: 0,
      state: 'live',
    } as const;
    expect(page({ jobs: [job] })).toContain(
      'href="/queues/queue/retry/retry.download.youtube.v0000000001.0"',
    );
    expect(page({ jobs: undefined })).toContain(en.video.jobs.unreachable);
  });

  test('offers a viewer nothing to do', () => {
    expect(page()).toContain('value="redownload"');
    expect(page({}, en, { ...options, canChange: false })).not.toContain('<form');
  });
});
