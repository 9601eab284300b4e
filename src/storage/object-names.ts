import { createHash } from 'node:crypto';
import { parseVideoKey, type VideoKey } from '../domain/video-key.ts';

const FORMAT = /^[a-z0-9]{1,8}$/;
const MAX_NAME_BYTES = 1024;
const MAX_SEGMENTS = 254;

/**
 * The name of a video's audio in MinIO and Azure: `audio/<provider>/<videoId>.<format>`.
 * @param format file extension without the dot.
 * @throws RangeError when the format is invalid.
 */
export function audioObjectName(key: VideoKey, format: string): string {
  if (!FORMAT.test(format)) throw new RangeError(`Not an audio format: ${JSON.stringify(format)}`);
  return `audio/${key.provider}/${key.videoId}.${format}`;
}

/** How the names of a video's audio begin, whatever their formats; those of no other video do. */
export function audioObjectPrefix(key: VideoKey): string {
  return `audio/${key.provider}/${key.videoId}.`;
}

/** How the names of objects begin that wait to become audio objects (`STAGING=s3`). */
export const STAGING_PREFIX = 'staging/';
/** How the names of objects begin that are made from audio objects: they can be made again, so they are not mirrored. */
const PEAKS_PREFIX = 'peaks/';
const COVERS_PREFIX = 'covers/';

/** The name of the peaks of a video's audio in MinIO: `peaks/<provider>/<videoId>.json`. */
export function peaksObjectName(key: VideoKey): string {
  return `${PEAKS_PREFIX}${key.provider}/${key.videoId}.json`;
}

/**
 * The name of the cover of a playlist's feed in MinIO: `covers/<hash>.jpg`. Ids of playlists may have letters of any script,
 * so the name has a part of their SHA-256.
 */
export function coverObjectName(playlistId: string): string {
  return `${COVERS_PREFIX}${createHash('sha256').update(playlistId).digest('hex').slice(0, 32)}.jpg`;
}

/** Whether an object belongs to the bucket alone, not to its mirror: it is made from another one, or is on its way. */
export function isBucketOnly(name: string): boolean {
  return [PEAKS_PREFIX, COVERS_PREFIX, STAGING_PREFIX].some((prefix) => name.startsWith(prefix));
}

/** Parses the name of an audio object; undefined when it is another name. */
export function parseAudioObjectName(name: string): { key: VideoKey; format: string } | undefined {
  const parts = /^audio\/([a-z]+)\/([\w-]+)\.([a-z0-9]{1,8})$/.exec(name);
  const [, provider, videoId, format] = parts ?? [];
  const key = parseVideoKey(provider, videoId);
  return key === undefined || format === undefined || name.endsWith('\n') ? undefined : { key, format };
}

/**
 * Why a name is not allowed, or undefined when it is. The rules are the strictest of S3, MinIO and Azure: a name that one
 * of them changes or rejects, or that breaks a listing, is rejected here before it is sent.
 */
export function objectNameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (!name.isWellFormed()) return 'it is not valid Unicode';
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `it is longer than ${String(MAX_NAME_BYTES)} bytes`;
  const segments = name.split('/');
  if (segments.length > MAX_SEGMENTS) return `it has more than ${String(MAX_SEGMENTS)} segments`;
  if (segments.includes('')) return 'it has an empty segment';
  if (segments.includes('.') || segments.includes('..')) return 'it has a segment `.` or `..`';
  // Azure drops dots and slashes at the end of a segment.
  if (segments.some((segment) => segment.endsWith('.'))) return 'a segment ends with a dot';
  if (name.includes('\\')) return 'it has a backslash';
  // Control characters, private use and non-characters: one of them makes a whole Azure listing fail.
  if (/[\p{Cc}\p{Co}\p{Noncharacter_Code_Point}]/u.test(name)) return 'it has a forbidden character';
  return undefined;
}

/** @throws RangeError when the name is not allowed in a store. */
export function assertObjectName(name: string): void {
  const problem = objectNameProblem(name);
  if (problem !== undefined) {
    throw new RangeError(`${JSON.stringify(name.slice(0, 200))} is not a valid object name: ${problem}.`);
  }
}
