import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { VideoKey } from '../domain/video-key.ts';
import { toObjectMetadata, parseAudioObject, type AudioMetadata } from './audio-metadata.ts';
import { decodeMetadata, encodeMetadata } from './metadata.ts';
import type { ObjectInfo } from './object-store.ts';

const KEY: VideoKey = { provider: 'youtube', videoId: 'AbC-_123456' };
const SUMS = { md5: 'a'.repeat(32), sha256: 'b'.repeat(64) };
const FULL: AudioMetadata = {
  key: KEY,
  sourceUrl: 'https://www.youtube.com/watch?v=AbC-_123456',
  title: 'Fɔ̀ngbè % / "quoted"',
  author: 'An author',
  channelId: 'UC0123',
  publishedAt: new Date('2026-01-31T00:00:00Z'),
  durationSeconds: 9.012245,
  codec: 'mp3',
  bitrate: 320_000,
  sampleRate: 44_100,
  channels: 2,
  source: 'yt-dlp',
  language: 'pt-BR',
  trackKind: 'original',
  sourceFormat: '140-drc',
};

/** An object with this metadata, as a store returns it. */
function objectWith(metadata: Readonly<Record<string, string | undefined>>, rest: Partial<ObjectInfo> = {}) {
  return {
    name: `audio/youtube/${KEY.videoId}.mp3`,
    sizeBytes: 5,
    etag: 'e',
    lastModified: new Date(0),
    metadata: decodeMetadata(encodeMetadata({ ...SUMS, ...metadata })),
    ...rest,
  };
}
const described = (audio: AudioMetadata) =>
  parseAudioObject(objectWith(toObjectMetadata({ ...audio, profile: 'mp3-320' })));

describe('the metadata of an audio object', () => {
  test('is parsed as it was written', () => {
    expect(described(FULL)).toEqual({
      ...FULL,
      ...SUMS,
      name: `audio/youtube/${KEY.videoId}.mp3`,
      format: 'mp3',
      sizeBytes: 5,
      etag: 'e',
    });
  });

  test('keeps its other fields with titles of any kind and length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 3_000 }), (title) => {
        const found = described({ ...FULL, title });
        expect(found).toMatchObject({ key: KEY, sourceUrl: FULL.sourceUrl, ...SUMS });
        expect(title.toWellFormed().startsWith(found?.title ?? '')).toBe(true);
      }),
    );
  });

  test('may have few fields, as in objects of earlier versions', () => {
    const fewFields = {
      provider: 'youtube',
      video_id: KEY.videoId,
      duration: 'x',
      published_at: 'never',
      source: 'z',
      track_kind: 'z',
    };
    expect(parseAudioObject(objectWith(fewFields))).toEqual({
      ...SUMS,
      key: KEY,
      name: `audio/youtube/${KEY.videoId}.mp3`,
      format: 'mp3',
      sizeBytes: 5,
      etag: 'e',
      sourceUrl: `https://www.youtube.com/watch?v=${KEY.videoId}`,
    });
  });

  const own = { provider: 'youtube', video_id: KEY.videoId };
  test.each<[string, ObjectInfo]>([
    ['no metadata', objectWith({}, { metadata: {} })],
    [
      'a listing without metadata',
      { name: 'audio/youtube/AbC-_123456.mp3', sizeBytes: 5, etag: 'e', lastModified: new Date(0) },
    ],
    ['another id', objectWith({ ...own, video_id: 'XXXXXXXXXXX' })],
    ['another provider', objectWith({ ...own, provider: 'http' })],
    ['a broken checksum', objectWith({ ...own, sha256: 'b'.repeat(63) })],
    ['no bytes', objectWith(own, { sizeBytes: 0 })],
    ['another name', objectWith(own, { name: 'audio/youtube/short.mp3' })],
  ])('is rejected with %s', (_what, object) => {
    expect(parseAudioObject(object)).toBeUndefined();
  });

  test.each([
    ['as it is', 'https://example.org/a.mp3', 'https://example.org/a.mp3'],
    [
      'without login, query and fragment, where tokens are',
      'https://ann:word@example.org/a.mp3?token=1#word',
      'https://example.org/a.mp3',
    ],
    [
      'as its origin when the path is too long too',
      `https://example.org/${'a'.repeat(600)}.mp3`,
      'https://example.org/',
    ],
  ])('a URL is kept %s, so that the record of an episode can be rebuilt', (_how, sourceUrl, kept) => {
    const key: VideoKey = { provider: 'http', videoId: 'f'.repeat(64) };
    const object = objectWith(toObjectMetadata({ key, sourceUrl, profile: 'original' }), {
      name: `audio/http/${key.videoId}.mp3`,
    });
    expect(parseAudioObject(object)).toMatchObject({ key, sourceUrl: kept });
  });
});
