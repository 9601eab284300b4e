import type { VideoDocument } from '../../database/collections/video.ts';
import type { Database } from '../../database/database.ts';
import { shownAddress } from '../../domain/shown-address.ts';
import { videoDocumentId, type VideoKey } from '../../domain/video-key.ts';
import { toVideoRow } from '../../operations/video-row.ts';

interface VideoRecord {
  readonly video: VideoDocument;
  readonly playlists: readonly string[];
}

/** The record of a video, and the playlists that contain it; undefined when it is unknown. */
export async function readVideo(key: VideoKey, database: Database): Promise<VideoRecord | undefined> {
  const video = await database.videos.find(key);
  if (video === undefined) return undefined;
  return { video, playlists: await database.playlistDecisions.containing(videoDocumentId(key)) };
}

/** What the API says of one video. */
export function describeVideo({ video, playlists }: VideoRecord) {
  const { error, audio, mirror } = video;
  return {
    ...toVideoRow(video),
    description: video.description ?? null,
    licence: video.licence ?? null,
    tags: [...(video.tags ?? [])],
    thumbnail: video.thumbnail ? shownAddress(video.thumbnail) : null,
    round: video.round,
    retryAttempts: video.retry_attempts,
    nextRetryAt: video.next_retry_at ?? null,
    error: error ?? null,
    audio: audio ? describeFile(audio, video.stored_at ?? null) : null,
    mirror: mirror
      ? {
          ...{ container: mirror.container, name: mirror.name, sizeBytes: mirror.size },
          ...{ md5: mirror.md5, at: mirror.at },
        }
      : null,
    playlists: [...playlists],
    createdAt: video.created_at,
  };
}

function describeFile(audio: NonNullable<VideoDocument['audio']>, storedAt: Date | null) {
  return {
    ...{ bucket: audio.bucket ?? null, key: audio.key ?? null, sizeBytes: audio.size },
    ...{ md5: audio.md5 ?? null, sha256: audio.sha256 ?? null, format: audio.format },
    ...{ codec: audio.codec ?? null, bitsPerSecond: audio.bitrate ?? null },
    ...{ sampleRateHertz: audio.sample_rate ?? null, channels: audio.channels ?? null },
    hasPeaks: audio.peaks === 'made',
    storedAt,
  };
}
