import { z } from 'zod';
import { DOWNLOADERS, TRACK_KINDS, type AudioProperties, type AudioTrack } from '../domain/audio.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { shownAddress } from '../domain/shown-address.ts';
import type { VideoKey } from '../domain/video-key.ts';
import type { Checksums } from './checksums.ts';
import { S3_METADATA_LIMITS } from './metadata.ts';
import { parseAudioObjectName } from './object-names.ts';
import type { ObjectInfo } from './object-store.ts';

/** The metadata of an audio object, from which the record in MongoDB can be rebuilt. */
export interface AudioMetadata extends AudioProperties, AudioTrack {
  readonly key: VideoKey;
  readonly sourceUrl: string;
  readonly title?: string;
  readonly author?: string;
  readonly channelId?: string;
  readonly publishedAt?: Date;
}

/** An audio object whose name, size and metadata were checked. */
export interface AudioObject extends AudioMetadata, Checksums {
  readonly name: string;
  readonly format: string;
  readonly etag: string;
}

/** The metadata to store with an object, most important first: what does not fit is cut from the end. */
export function toObjectMetadata(
  audio: AudioMetadata & { readonly profile: string },
): Record<string, string | undefined> {
  return {
    provider: audio.key.provider,
    video_id: audio.key.videoId,
    profile: audio.profile,
    duration: audio.durationSeconds?.toString(),
    codec: audio.codec,
    bitrate: audio.bitrate?.toString(),
    sample_rate: audio.sampleRate?.toString(),
    channels: audio.channels?.toString(),
    source: audio.source,
    language: audio.language,
    track_kind: audio.trackKind,
    source_format: audio.sourceFormat,
    source_url: storedAddress(audio.sourceUrl),
    published_at: audio.publishedAt?.toISOString(),
    channel_id: audio.channelId,
    title: audio.title,
    author: audio.author,
  };
}

/**
 * The address without what may be secret, or only its origin where that does not fit: cut anywhere else it would be another
 * address. The next read of the feed restores the whole address of an episode whose record was rebuilt.
 */
function storedAddress(address: string): string | undefined {
  const fits = (text: string) => encodeURIComponent(text).length <= S3_METADATA_LIMITS.valueBytes;
  const shown = shownAddress(address);
  if (fits(shown) || !URL.canParse(shown)) return fits(shown) ? shown : undefined;
  return [`${new URL(shown).origin}/`].find(fits);
}

const positive = z.coerce.number().positive().optional().catch(undefined);
const text = z.string().min(1).optional().catch(undefined);
const schema = z.object({
  provider: z.string(),
  video_id: z.string(),
  md5: z.string().regex(/^[0-9a-f]{32}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  source_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .catch(undefined),
  duration: positive,
  codec: text,
  bitrate: positive,
  sample_rate: positive,
  channels: positive,
  source: z.enum(DOWNLOADERS).optional().catch(undefined),
  language: text,
  track_kind: z.enum(TRACK_KINDS).optional().catch(undefined),
  source_format: text,
  published_at: z.coerce.date().optional().catch(undefined),
  channel_id: text,
  title: text,
  author: text,
});

/**
 * Parses the metadata of an audio object. Objects of earlier versions have fewer fields.
 * @returns undefined when name, provider, id, size or checksums are missing or do not agree, as in objects of other
 *   programs.
 */
export function parseAudioObject(object: ObjectInfo): AudioObject | undefined {
  const parsedName = parseAudioObjectName(object.name);
  const metadata = schema.safeParse(object.metadata ?? {}).data;
  if (parsedName === undefined || metadata === undefined || object.sizeBytes === 0) return undefined;
  const { key, format } = parsedName;
  if (metadata.provider !== key.provider || metadata.video_id !== key.videoId) return undefined;
  const sourceUrl = metadata.source_url ?? defaultUrl(key);
  if (sourceUrl === undefined) return undefined;
  return {
    key,
    name: object.name,
    format,
    sizeBytes: object.sizeBytes,
    etag: object.etag,
    md5: metadata.md5,
    sha256: metadata.sha256,
    sourceUrl,
    ...definedFields({
      title: metadata.title,
      author: metadata.author,
      channelId: metadata.channel_id,
      publishedAt: metadata.published_at,
      durationSeconds: metadata.duration,
      codec: metadata.codec,
      bitrate: metadata.bitrate,
      sampleRate: metadata.sample_rate,
      channels: metadata.channels,
      source: metadata.source,
      language: metadata.language,
      trackKind: metadata.track_kind,
      sourceFormat: metadata.source_format,
    }),
  };
}

function defaultUrl({ provider, videoId }: VideoKey): string | undefined {
  return provider === 'youtube' ? `https://www.youtube.com/watch?v=${videoId}` : undefined;
}
