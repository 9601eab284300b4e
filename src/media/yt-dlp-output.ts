import { z } from 'zod';
import type { AudioTrack, TrackKind } from '../domain/audio.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { parseJson } from '../runtime/json.ts';
import { LINE_MARKS, youtubeUrl } from './yt-dlp-arguments.ts';
import { filled, type VideoDescription } from './audio-downloader.ts';

const optional = <T extends z.ZodType>(schema: T) => schema.nullish().catch(null);
const text = optional(z.string());
const number = optional(z.number());

/** Printed for each video (`pre_process`), whether or not it is then downloaded; all but the id may be missing. */
const metadataSchema = z.object({
  id: z.string(),
  title: text,
  duration: number,
  channel: text,
  uploader: text,
  channel_id: text,
  live_status: text,
  release_timestamp: number,
  timestamp: number,
  upload_date: text,
  thumbnail: text,
});
/** Printed with it; only archived, never decided by. */
const detailsSchema = z.object({ description: text, license: text, tags: optional(z.array(z.unknown())) });
/** Printed before the download (`before_dl`): the format that was chosen. */
const formatSchema = z.object({
  format_id: text,
  language: text,
  language_preference: number,
  filesize_approx: number,
  tbr: number,
});
const progressSchema = z.object({
  status: text,
  downloaded_bytes: number,
  total_bytes: number,
  total_bytes_estimate: number,
  speed: number,
});

type VideoDetails = Pick<VideoDescription, 'description' | 'licence' | 'tags'>;

/** What YouTube itself allows (5,000 characters, and 500 for all tags together); in UTF-16 units. */
const MAX_DESCRIPTION_LENGTH = 5_000;
const MAX_LICENCE_LENGTH = 200;
const MAX_TAGS = 50;
const MAX_TAG_LENGTH = 100;

/** One parsed line of our own templates. */
export type YtDlpLine =
  | {
      readonly type: 'metadata';
      readonly id: string;
      readonly metadata: VideoDescription;
      readonly liveStatus?: string;
      readonly releaseAt?: Date;
    }
  | { readonly type: 'details'; readonly details: VideoDetails }
  | { readonly type: 'begin'; readonly track: AudioTrack; readonly formatSeconds?: number }
  | {
      readonly type: 'progress';
      readonly bytes: number;
      readonly totalBytes?: number;
      readonly bytesPerSecond?: number;
    }
  | { readonly type: 'file'; readonly file: string };

/** Parses one line of standard output; undefined when it is not from our templates. */
export function parseYtDlpLine(line: string): YtDlpLine | undefined {
  const json = parseJson(line.slice(1));
  switch (line.charAt(0)) {
    case LINE_MARKS.metadata: {
      const parsed = metadataSchema.safeParse(json);
      return parsed.success ? metadataLine(parsed.data) : undefined;
    }
    case LINE_MARKS.details: {
      const parsed = detailsSchema.safeParse(json);
      return parsed.success ? detailsLine(parsed.data) : undefined;
    }
    case LINE_MARKS.begin: {
      const parsed = formatSchema.safeParse(json);
      return parsed.success ? formatLine(parsed.data) : undefined;
    }
    case LINE_MARKS.progress: {
      const parsed = progressSchema.safeParse(json);
      return parsed.success ? progressLine(parsed.data) : undefined;
    }
    case LINE_MARKS.file:
      return typeof json === 'string' ? { type: 'file', file: json } : undefined;
    default:
      return undefined;
  }
}

function metadataLine(raw: z.output<typeof metadataSchema>): YtDlpLine {
  // yt-dlp's own placeholder where the site gave no title.
  const hasTitle = raw.title !== `youtube video #${raw.id}`;
  return definedFields({
    type: 'metadata' as const,
    id: raw.id,
    metadata: definedFields({
      url: youtubeUrl(raw.id),
      title: hasTitle ? filled(raw.title) : undefined,
      author: filled(raw.channel ?? raw.uploader),
      channelId: filled(raw.channel_id),
      durationSeconds: typeof raw.duration === 'number' && raw.duration > 0 ? raw.duration : undefined,
      publishedAt: dateOf(raw.release_timestamp ?? raw.timestamp) ?? dayOf(raw.upload_date),
      thumbnail: filled(raw.thumbnail),
    }),
    liveStatus: filled(raw.live_status),
    releaseAt: dateOf(raw.release_timestamp),
  });
}

function detailsLine({ description, license, tags }: z.output<typeof detailsSchema>): YtDlpLine {
  const texts = (tags ?? []).filter((tag) => typeof tag === 'string' && tag.trim() !== '');
  return {
    type: 'details',
    details: definedFields({
      description: cut(description, MAX_DESCRIPTION_LENGTH),
      licence: cut(license, MAX_LICENCE_LENGTH),
      tags:
        texts.length === 0
          ? undefined
          : texts.slice(0, MAX_TAGS).flatMap((tag) => cut(String(tag), MAX_TAG_LENGTH) ?? []),
    }),
  };
}

function cut(long: string | null | undefined, maxLength: number): string | undefined {
  return filled(long?.slice(0, maxLength).toWellFormed().trim());
}

function formatLine(raw: z.output<typeof formatSchema>): YtDlpLine {
  const { filesize_approx: bytes, tbr: kilobitsPerSecond } = raw;
  const language = filled(raw.language);
  return definedFields({
    type: 'begin' as const,
    track: definedFields({
      language: language?.replace(/-desc$/, ''),
      trackKind: trackKindOf(raw.language_preference, language),
      sourceFormat: filled(raw.format_id),
    }),
    // yt-dlp does not print YouTube's `approxDurationMs`, but computes this size from it (filesize_from_tbr).
    formatSeconds:
      typeof bytes === 'number' && typeof kilobitsPerSecond === 'number' && bytes > 0 && kilobitsPerSecond > 0
        ? bytes / (kilobitsPerSecond * 125)
        : undefined,
  });
}

/** By the preferences that yt-dlp gives the tracks of YouTube (get_language_code_and_preference in _video.py). */
function trackKindOf(
  preference: number | null | undefined,
  language: string | undefined,
): TrackKind | undefined {
  if (typeof preference !== 'number') return undefined;
  if (preference >= 10) return 'original';
  if (preference >= 5) return 'default';
  if (preference <= -10) return 'descriptive';
  return language === undefined ? undefined : 'dubbed';
}

function progressLine(raw: z.output<typeof progressSchema>): YtDlpLine {
  return definedFields({
    type: 'progress' as const,
    bytes: raw.downloaded_bytes ?? 0,
    totalBytes: raw.total_bytes ?? raw.total_bytes_estimate ?? undefined,
    bytesPerSecond: raw.speed ?? undefined,
  });
}

function dateOf(seconds: number | null | undefined): Date | undefined {
  if (typeof seconds !== 'number') return undefined;
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** `20260131`, in UTC. */
function dayOf(day: string | null | undefined): Date | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(day ?? '');
  if (match === null) return undefined;
  const date = new Date(`${String(match[1])}-${String(match[2])}-${String(match[3])}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
