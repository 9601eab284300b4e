import type { VideoDocument } from '../../database/collections/video.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import type { VideoMetadata } from '../../domain/video-metadata.ts';

/** What the record knows of a video. */
export function metadataOf(video: VideoDocument): VideoMetadata {
  return definedFields({
    title: video.title ?? undefined,
    author: video.author ?? undefined,
    channelId: video.channel_id ?? undefined,
    durationSeconds: video.duration ?? undefined,
    publishedAt: video.published_at ?? undefined,
  });
}
