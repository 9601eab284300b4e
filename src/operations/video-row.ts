import type { VideoDocument } from '../database/collections/video.ts';
import { shownAddress } from '../domain/shown-address.ts';

export type VideoRow = ReturnType<typeof toVideoRow>;

/** What lists, exports and the API say of a video. */
export function toVideoRow(video: VideoDocument) {
  return {
    id: video._id,
    title: video.title ?? null,
    author: video.author ?? null,
    channel: video.channel_id ?? null,
    url: shownAddress(video.url),
    status: video.status,
    /** Why it is skipped or failed. */
    reason: video.skip_reason ?? video.error?.class ?? null,
    skipReason: video.skip_reason ?? null,
    errorClass: video.error?.class ?? null,
    publishedAt: video.published_at ?? null,
    durationSeconds: video.audio?.duration ?? video.duration ?? null,
    /** Of the object in the bucket. */
    sizeBytes: video.audio?.size ?? null,
    language: video.audio?.language ?? null,
    object: video.audio?.key ?? null,
    updatedAt: video.updated_at,
  };
}
