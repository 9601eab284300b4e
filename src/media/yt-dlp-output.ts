import { z } from 'zod';
import { LINE_MARKS, youtubeUrl } from './yt-dlp-arguments.ts';
import type { VideoDescription } from './audio-downloader.ts';

const optional = <T extends z.ZodType>(schema: T) => schema.nullish().catch(null);
const text = optional(z.string());
const number = optional(z.number());

/** What yt-dlp prints of a video (`pre_process`), whether or not it is then downloaded; all but the id may lack. */
const factsSchema = z.object({
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
const progressSchema = z.object({
  status: text,
  downloaded_bytes: number,
  total_bytes: number,
  total_bytes_estimate: number,
  speed: number,
});

/** One line that our own templates made. */
export type YtDlpLine =
  | {
      readonly type: 'metadata';
      readonly id: string;
      readonly metadata: VideoDescription;
      readonly liveStatus?: string;
      readonly releaseAt?: Date;
    }
  | { readonly type: 'begin' }
  | {
      readonly type: 'progress';
      readonly bytes: number;
      readonly totalBytes?: number;
      readonly bytesPerSecond?: number;
    }
  | { readonly type: 'file'; readonly file: string };

/** Reads one line of standard output; undefined when it is none of ours. */
export function parseYtDlpLine(line: string): YtDlpLine | undefined {
  const json = parseJson(line.slice(1));
  switch (line.charAt(0)) {
    case LINE_MARKS.metadata: {
      const parsed = factsSchema.safeParse(json);
      return parsed.success ? factsOf(parsed.data) : undefined;
    }
    case LINE_MARKS.begin:
      return typeof json === 'object' ? { type: 'begin' } : undefined;
    case LINE_MARKS.progress: {
      const parsed = progressSchema.safeParse(json);
      return parsed.success ? progressOf(parsed.data) : undefined;
    }
    case LINE_MARKS.file:
      return typeof json === 'string' ? { type: 'file', file: json } : undefined;
    default:
      return undefined;
  }
}

function factsOf(raw: z.output<typeof factsSchema>): YtDlpLine {
  const author = raw.channel ?? raw.uploader;
  const publishedAt = dateOf(raw.release_timestamp ?? raw.timestamp) ?? dayOf(raw.upload_date);
  const releaseAt = dateOf(raw.release_timestamp);
  return {
    type: 'metadata',
    id: raw.id,
    metadata: {
      url: youtubeUrl(raw.id),
      ...(isFilled(raw.title) && raw.title !== placeholderTitle(raw.id) ? { title: raw.title } : {}),
      ...(isFilled(author) ? { author } : {}),
      ...(isFilled(raw.channel_id) ? { channelId: raw.channel_id } : {}),
      ...(typeof raw.duration === 'number' && raw.duration > 0 ? { durationSeconds: raw.duration } : {}),
      ...(publishedAt === undefined ? {} : { publishedAt }),
      ...(isFilled(raw.thumbnail) ? { thumbnail: raw.thumbnail } : {}),
    },
    ...(isFilled(raw.live_status) ? { liveStatus: raw.live_status } : {}),
    ...(releaseAt === undefined ? {} : { releaseAt }),
  };
}

/** What yt-dlp puts where the site gave no title. */
function placeholderTitle(id: string): string {
  return `youtube video #${id}`;
}

function progressOf(raw: z.output<typeof progressSchema>): YtDlpLine {
  const total = raw.total_bytes ?? raw.total_bytes_estimate;
  return {
    type: 'progress',
    bytes: raw.downloaded_bytes ?? 0,
    ...(typeof total === 'number' ? { totalBytes: total } : {}),
    ...(typeof raw.speed === 'number' ? { bytesPerSecond: raw.speed } : {}),
  };
}

function isFilled(value: string | null | undefined): value is string {
  return value !== null && value !== undefined && value !== '';
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
