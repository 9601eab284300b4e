import { definedFields } from '../domain/defined-fields.ts';
import type { SkipReason, VideoStatus } from '../domain/video-status.ts';
import type { VideoMetadata } from '../domain/video-metadata.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { Model } from 'mongoose';
import type { VideoDocument } from './collections/video.ts';
import { unlessDuplicateKey } from './server-errors.ts';

/** A video as a listing found it. */
export interface DiscoveredVideo extends VideoMetadata {
  readonly key: VideoKey;
  readonly url: string;
  readonly skipReason?: SkipReason;
  /** The playlist whose listing found it, unless it skips the video. */
  readonly takenInBy?: string;
}

/** The first record of a video. */
export function newVideo(video: DiscoveredVideo, now: Date): VideoDocument {
  return {
    _id: videoDocumentId(video.key),
    provider: video.key.provider,
    video_id: video.key.videoId,
    url: video.url,
    ...metadataFields(video),
    ...(video.skipReason === undefined
      ? { status: 'discovered', ...definedFields({ taken_in_by: video.takenInBy }) }
      : { status: 'skipped', skip_reason: video.skipReason }),
    round: 0,
    first_round: 0,
    retry_attempts: 0,
    created_at: now,
    updated_at: now,
  };
}

/** The metadata of a video by the names of its fields in MongoDB. */
export function metadataFields(metadata: VideoMetadata) {
  return definedFields({
    title: metadata.title,
    author: metadata.author,
    channel_id: metadata.channelId,
    duration: metadata.durationSeconds,
    published_at: metadata.publishedAt,
    thumbnail: metadata.thumbnail,
    description: metadata.description,
    licence: metadata.licence,
    tags: metadata.tags && [...metadata.tags],
  });
}

/** Adds new videos; one that another process adds at the same instant is left as it is. */
export async function insertMissing(
  videos: Model<VideoDocument>,
  missing: readonly DiscoveredVideo[],
  now: Date,
): Promise<void> {
  if (missing.length === 0) return;
  const operations = missing.map((video) => {
    const { _id, ...fields } = newVideo(video, now);
    return { updateOne: { filter: { _id }, update: { $setOnInsert: fields }, upsert: true } };
  });
  await unlessDuplicateKey(videos.bulkWrite(operations, { ordered: false }));
}

/** What a listing may find changed. */
export type KnownVideo = Pick<VideoDocument, '_id' | 'title'>;

/**
 * Brings the records of known videos up to date with their latest listing: titles are changed at the source. URLs of
 * episodes contain tokens that expire, so episodes that are still to be downloaded get the latest URL.
 */
export async function refreshKnown(
  videos: Model<VideoDocument>,
  batch: readonly DiscoveredVideo[],
  known: readonly KnownVideo[],
): Promise<void> {
  const titles = new Map(known.map(({ _id, title }) => [_id, title]));
  const status: VideoStatus[] = ['discovered', 'retrying', 'failed'];
  const operations = batch.flatMap(({ key, title, url }) => {
    const _id = videoDocumentId(key);
    if (!titles.has(_id)) return [];
    const isRenamed = title !== undefined && title !== titles.get(_id);
    return [
      ...(isRenamed ? [{ updateOne: { filter: { _id }, update: { $set: { title } } } }] : []),
      ...(key.provider === 'http'
        ? [
            {
              updateOne: {
                filter: { _id, status: { $in: status }, url: { $ne: url } },
                update: { $set: { url } },
              },
            },
          ]
        : []),
    ];
  });
  if (operations.length > 0) await videos.bulkWrite(operations, { ordered: false });
}
