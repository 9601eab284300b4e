import { type VideoAudio, toVideoAudio } from '../database/collections/video.ts';
import { definedFields } from '../domain/defined-fields.ts';
import type { AudioObject } from '../storage/audio-metadata.ts';

/** The video that an audio object belongs to, from the metadata of the object. */
export function toRecoveredVideo(object: AudioObject) {
  const { key, sourceUrl: url, title, author, channelId, publishedAt, durationSeconds } = object;
  return { key, url, ...definedFields({ title, author, channelId, publishedAt, durationSeconds }) };
}

/** The record of stored audio, from the metadata of its object. */
export function toStoredAudio(object: AudioObject, bucket: string): VideoAudio {
  const { name, md5, sha256, etag } = object;
  return { ...toVideoAudio(object), bucket, key: name, md5, sha256, etag };
}
