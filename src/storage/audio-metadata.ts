import { DOWNLOADERS, type DownloaderName } from '../domain/audio.ts';
import { z } from 'zod';
import type { VideoKey } from '../domain/video-key.ts';
import { METADATA_LIMITS } from './metadata.ts';
import { parseAudioObjectName } from './object-names.ts';
import type { ObjectInfo } from './object-store.ts';

/** What an audio object says of itself, so that the record of it can be rebuilt from the bucket alone. */
export interface AudioDescription {
  readonly key: VideoKey;
  readonly sourceUrl: string;
  readonly title?: string;
  readonly author?: string;
  readonly channelId?: string;
  readonly publishedAt?: Date;
  readonly durationSeconds?: number;
  readonly codec?: string;
  /** Bits per second. */
  readonly bitrate?: number;
  /** Hertz. */
  readonly sampleRate?: number;
  readonly channels?: number;
  /** Where it was fetched from. */
  readonly source?: DownloaderName;
}

/** An object with its description, all of it checked. */
export interface DescribedAudio extends AudioDescription {
  readonly name: string;
  readonly format: string;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Hexadecimal. */
  readonly md5: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The metadata of an object in the order of its worth: what does not fit is cut from the end. */
export function audioMetadata(
  audio: AudioDescription & { readonly profile: string },
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
    source_url: fittingAddress(audio.sourceUrl),
    published_at: audio.publishedAt?.toISOString(),
    channel_id: audio.channelId,
    title: audio.title,
    author: audio.author,
  };
}

/**
 * The address as it fits: whole, without its query (tokens, mostly), or only the site. Cut anywhere else it would be
 * another one. The feed of an episode brings the whole one back.
 */
function fittingAddress(address: string): string | undefined {
  const fits = (text: string) => encodeURIComponent(text).length <= METADATA_LIMITS.valueBytes;
  if (fits(address) || !URL.canParse(address)) return fits(address) ? address : undefined;
  const { origin, pathname } = new URL(address);
  return [`${origin}${pathname}`, `${origin}/`].find(fits);
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
  published_at: z.coerce.date().optional().catch(undefined),
  channel_id: text,
  title: text,
  author: text,
});

/**
 * Reads back what an object says of itself. Objects written by earlier versions say less.
 * @returns undefined when it is not whole: its name, provider, id, size or checksums are missing or do not agree,
 *   as in objects of other programs.
 */
export function describeAudio(object: ObjectInfo): DescribedAudio | undefined {
  const place = parseAudioObjectName(object.name);
  const parsed = schema.safeParse(object.metadata ?? {}).data;
  if (place === undefined || parsed === undefined || object.sizeBytes === 0) return undefined;
  const { key, format } = place;
  if (parsed.provider !== key.provider || parsed.video_id !== key.videoId) return undefined;
  const sourceUrl = parsed.source_url ?? addressOf(key);
  if (sourceUrl === undefined) return undefined;
  return {
    key,
    name: object.name,
    format,
    sizeBytes: object.sizeBytes,
    etag: object.etag,
    md5: parsed.md5,
    sha256: parsed.sha256,
    sourceUrl,
    ...(parsed.title === undefined ? {} : { title: parsed.title }),
    ...(parsed.author === undefined ? {} : { author: parsed.author }),
    ...(parsed.channel_id === undefined ? {} : { channelId: parsed.channel_id }),
    ...(parsed.published_at === undefined ? {} : { publishedAt: parsed.published_at }),
    ...(parsed.duration === undefined ? {} : { durationSeconds: parsed.duration }),
    ...(parsed.codec === undefined ? {} : { codec: parsed.codec }),
    ...(parsed.bitrate === undefined ? {} : { bitrate: parsed.bitrate }),
    ...(parsed.sample_rate === undefined ? {} : { sampleRate: parsed.sample_rate }),
    ...(parsed.channels === undefined ? {} : { channels: parsed.channels }),
    ...(parsed.source === undefined ? {} : { source: parsed.source }),
  };
}

function addressOf({ provider, videoId }: VideoKey): string | undefined {
  return provider === 'youtube' ? `https://www.youtube.com/watch?v=${videoId}` : undefined;
}
