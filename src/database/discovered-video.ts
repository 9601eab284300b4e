import type { SkipReason } from '../domain/video-status.ts';
import type { VideoMetadata } from '../domain/video-metadata.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { VideoDocument } from './documents.ts';

/** A video as a listing found it. */
export interface DiscoveredVideo extends VideoMetadata {
  readonly key: VideoKey;
  readonly url: string;
  readonly skipReason?: SkipReason;
}

/** The record of a video that had none. */
export function newVideo(video: DiscoveredVideo, now: Date): VideoDocument {
  return {
    _id: videoDocumentId(video.key),
    provider: video.key.provider,
    video_id: video.key.videoId,
    url: video.url,
    ...learnedFields(video),
    ...(video.skipReason === undefined
      ? { status: 'discovered' as const }
      : { status: 'skipped' as const, skip_reason: video.skipReason }),
    round: 0,
    first_round: 0,
    retry_attempts: 0,
    created_at: now,
    updated_at: now,
  };
}

/** As MongoDB keeps them; what is unknown is left out. */
export function learnedFields(metadata: VideoMetadata) {
  return {
    ...(metadata.title === undefined ? {} : { title: metadata.title }),
    ...(metadata.author === undefined ? {} : { author: metadata.author }),
    ...(metadata.channelId === undefined ? {} : { channel_id: metadata.channelId }),
    ...(metadata.durationSeconds === undefined ? {} : { duration: metadata.durationSeconds }),
    ...(metadata.publishedAt === undefined ? {} : { published_at: metadata.publishedAt }),
    ...(metadata.thumbnail === undefined ? {} : { thumbnail: metadata.thumbnail }),
  };
}
