import { createHash } from 'node:crypto';
import { parseVideoKey, type VideoKey } from '../domain/video-key.ts';
import { STAGING_PREFIX } from '../storage/object-names.ts';

/** The extensions of staged audio files. */
export const STAGED_FORMATS = ['mp3', 'm4a', 'webm', 'mka', 'ogg', 'opus', 'flac', 'wav'] as const;

/**
 * The name of a staged file without its extension. YouTube ids differ by letter case; the checksum keeps their
 * files apart where the file system does not.
 */
export function stagedBaseName(key: VideoKey): string {
  return `${key.videoId}.${checksum(key.videoId)}`;
}

/** Parses the name of a staged audio file; undefined for other names. */
export function parseStagedName(
  provider: string,
  name: string,
): { readonly key: VideoKey; readonly format: string } | undefined {
  const parsed = parseName(provider, name);
  return (STAGED_FORMATS as readonly string[]).includes(parsed?.format ?? '') ? parsed : undefined;
}

/** Parses the name of a metadata file; undefined for other names. */
export function parseMetadataName(provider: string, name: string): VideoKey | undefined {
  const parsed = parseName(provider, name);
  return parsed?.format === 'json' ? parsed.key : undefined;
}

function parseName(provider: string, name: string) {
  const match = /^([\w-]+)\.([0-9a-f]{8})\.([a-z0-9]+)$/.exec(name);
  if (match === null) return undefined;
  const [, videoId = '', sum = '', format = ''] = match;
  const key = parseVideoKey(provider, videoId);
  return key === undefined || checksum(videoId) !== sum ? undefined : { key, format };
}

function checksum(videoId: string): string {
  return createHash('sha256').update(videoId).digest('hex').slice(0, 8);
}

/** How the names of the objects begin that are staged of a video; those of no other video do. */
export function stagedObjectPrefix(key: VideoKey): string {
  return `${STAGING_PREFIX}${key.provider}/${key.videoId}.`;
}

/** The name of staged audio in the bucket. It has a part of its SHA-256, so that two results never replace each other. */
export function stagedAudioName(key: VideoKey, sha256: string, format: string): string {
  return `${stagedObjectPrefix(key)}${sha256.slice(0, 16)}.${format}`;
}

/** The name of the object that makes audio staged: it says which audio object is whole, and describes it. */
export function stagedMetadataName(key: VideoKey): string {
  return `${stagedObjectPrefix(key)}json`;
}

/** Parses the name of an object of staging; undefined for other names. */
export function parseStagedObjectName(
  name: string,
): { readonly key: VideoKey; readonly isMetadata: boolean } | undefined {
  const parts = /^staging\/([a-z]+)\/([\w-]+)\.(json|[0-9a-f]{16}\.([a-z0-9]{1,8}))$/.exec(name);
  const [, provider, videoId, end, format] = parts ?? [];
  const key = parseVideoKey(provider, videoId);
  const isMetadata = end === 'json';
  const isKnown = isMetadata || (STAGED_FORMATS as readonly string[]).includes(format ?? '');
  return key === undefined || !isKnown ? undefined : { key, isMetadata };
}
