import { z } from 'zod';
import { DOWNLOADERS, TRACK_KINDS, type AudioProperties, type AudioTrack } from '../../domain/audio.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import { PROVIDERS } from '../../domain/video-key.ts';
import { SKIP_REASONS, STAGES, VIDEO_STATUSES } from '../../domain/video-status.ts';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';
import { failure } from './failure.ts';

/**
 * Bucket, key and checksums are there from `stored` on. A record that was rebuilt from the object in the bucket has only
 * what the metadata of the object contains.
 */
const audio = z.object({
  bucket: z.string().exactOptional(),
  key: z.string().exactOptional(),
  size: z.number(),
  md5: z.string().exactOptional(),
  sha256: z.string().exactOptional(),
  etag: z.string().exactOptional(),
  duration: z.number().exactOptional(),
  codec: z.string().exactOptional(),
  bitrate: z.number().exactOptional(),
  sample_rate: z.number().exactOptional(),
  channels: z.number().exactOptional(),
  format: z.string(),
  source: z.enum(DOWNLOADERS).exactOptional(),
  /** Of the track that was chosen at the source, as far as it says so. */
  language: z.string().exactOptional(),
  track_kind: z.enum(TRACK_KINDS).exactOptional(),
  source_format: z.string().exactOptional(),
  /** Whether its peaks are in the bucket; `none` when they cannot be measured, left out when that was not tried yet. */
  peaks: z.enum(['made', 'none']).exactOptional(),
});

/** The blob in Azure. */
const mirror = z.object({
  container: z.string(),
  name: z.string(),
  etag: z.string(),
  size: z.number(),
  md5: z.string(),
  at: z.date(),
});

/** A person deleted it. The record stays, so that no listing brings the video back. */
const deletion = z.object({
  at: z.date(),
  /** Also in Azure. */
  everywhere: z.boolean(),
  /** When its objects were gone and no job of it was left; reconcile finishes what was interrupted. */
  finished_at: optional(z.date()),
});

/** With the skip reason `ignored`: what an undo needs to know. */
const skip = z.object({
  /** The `_id` in the audit of the operation that skipped it. */
  operation: z.string(),
  /** Why a filter had skipped it before. */
  reason: z.enum(SKIP_REASONS).exactOptional(),
  /** Why it had failed before. */
  error: failure.extend({ stage: z.enum(STAGES) }).exactOptional(),
});

/** Durations are seconds, sizes bytes, bit rates bits per second, sample rates hertz. */
const video = z.object({
  /** `<provider>.<video_id>`. */
  _id: z.string(),
  provider: z.enum(PROVIDERS),
  video_id: z.string(),
  url: z.string(),
  title: optional(z.string()),
  author: optional(z.string()),
  channel_id: optional(z.string()),
  duration: optional(z.number()),
  published_at: optional(z.date()),
  thumbnail: optional(z.string()),
  description: optional(z.string()),
  licence: optional(z.string()),
  tags: optional(z.array(z.string())),
  status: z.enum(VIDEO_STATUSES),
  skip_reason: optional(z.enum(SKIP_REASONS)),
  skip: optional(skip),
  /** The playlist whose listing took it in first: its settings say with which profile and language it is downloaded. */
  taken_in_by: optional(z.string()),
  /** How often it was retried through the retry queue or by a person; part of every job id; only ever grows. */
  round: z.number(),
  /** The round from which the limit of rounds is counted; a retry by a person sets it anew. */
  first_round: z.number(),
  retry_attempts: z.number(),
  last_retry: optional(z.date()),
  /** Its place among the videos that wait for a download job (src/database/video-backlog.ts); without one it has, or had, its job. */
  backlog_order: optional(z.number()),
  /** With which its download was last put into the backlog (src/domain/download-priority.ts). */
  download_priority: optional(z.number()),
  next_retry_at: optional(z.date()),
  /** `stage`: where the next round begins. */
  error: optional(failure.extend({ stage: z.enum(STAGES) })),
  audio: optional(audio),
  /** When it was uploaded to the bucket in this round: the age of what the mirror lacks. */
  stored_at: optional(z.date()),
  mirror: optional(mirror),
  /** With the skip reason `deleted`. */
  deletion: optional(deletion),
  created_at: z.date(),
  updated_at: z.date(),
});

export type VideoDocument = DocumentOf<typeof video>;
export type VideoAudio = DocumentOf<typeof audio>;
export type VideoMirror = DocumentOf<typeof mirror>;

export const videoSchema = documentSchema(video, [
  // For walks through all videos of a status.
  [{ status: 1, _id: 1 }],
  [{ status: 1, next_retry_at: 1 }],
  // For what waits for a download job, in its order, and for a walk through what has one.
  [{ status: 1, backlog_order: 1, _id: 1 }],
  // For what was stored within a time, and what has waited longest for the mirror.
  [{ status: 1, stored_at: 1 }],
  [{ 'audio.sha256': 1 }],
  // For audio without peaks, which is little or none of the whole; what has no audio has no peaks either, and is left out.
  [{ 'audio.peaks': 1, _id: 1 }, { partialFilterExpression: { 'audio.key': { $exists: true } } }],
  // Lists of people: the latest change first, also of what a filter finds; then the other sorts. A list that is filtered and
  // sorted otherwise reads one of them: further indexes would cost more at each change than such a list takes.
  [{ updated_at: 1, _id: 1 }],
  [{ status: 1, updated_at: 1, _id: 1 }],
  [{ 'error.class': 1, updated_at: 1, _id: 1 }],
  [{ 'audio.language': 1, updated_at: 1, _id: 1 }],
  [{ channel_id: 1, updated_at: 1, _id: 1 }],
  [{ published_at: 1, _id: 1 }],
  [{ title: 1, _id: 1 }],
  [{ duration: 1, _id: 1 }],
  [{ 'audio.size': 1, _id: 1 }],
]);

/** The fields of a video's record that describe its audio; the caller adds where it is stored. */
export function toVideoAudio(
  audio: AudioProperties & AudioTrack & { readonly format: string; readonly sizeBytes: number },
): VideoAudio {
  return {
    format: audio.format,
    size: audio.sizeBytes,
    ...definedFields({
      duration: audio.durationSeconds,
      codec: audio.codec,
      bitrate: audio.bitrate,
      sample_rate: audio.sampleRate,
      channels: audio.channels,
      source: audio.source,
      language: audio.language,
      track_kind: audio.trackKind,
      source_format: audio.sourceFormat,
    }),
  };
}
