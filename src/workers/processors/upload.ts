import type { Config } from '../../config/config.ts';
import type { VideoAudio, VideoDocument } from '../../database/documents.ts';
import type { StagedAudio } from '../../media/audio-downloader.ts';
import type { Staging } from '../../staging/staging.ts';
import { TransientError } from '../../domain/job-errors.ts';
import type { AudioDescription } from '../../storage/audio-metadata.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import { uploadAudio, type StoredAudio } from '../../storage/upload-audio.ts';
import type { Processor } from '../processor.ts';
import { audioRecord } from './audio-record.ts';
import type { FailureDependencies } from './stage-failure.ts';
import { createStageProcessor } from './stage.ts';

/** What uploading needs. */
export interface UploadDependencies extends FailureDependencies {
  readonly staging: Staging;
  readonly store: MinioStore;
  readonly profile: Config['media']['profile'];
  /** Whether the stored object is to be mirrored to Azure. */
  readonly isMirrored: boolean;
}

/** Makes the processor that brings a staged file into the bucket and deletes it once the fact is written. */
export function createUploadProcessor(dependencies: UploadDependencies): Processor<'upload'> {
  const { database, staging, store, profile } = dependencies;
  return createStageProcessor(
    {
      stage: 'upload',
      next: dependencies.isMirrored ? 'sync' : undefined,
      work: async (key, video, context) => {
        const staged = await staging.readStaged(key);
        if (staged === undefined) {
          throw new TransientError(
            'staged_file_missing',
            'The downloaded file is not in the staging directory.',
          );
        }
        let movedBytes = 0;
        const stored = await uploadAudio(
          store,
          { key, profile, file: staged.file, format: staged.format, ...descriptionOf(video, staged) },
          {
            signal: context.signal,
            onBytes: (bytes) => {
              movedBytes += bytes;
              context.reportProgress({ stage: 'upload', percent: percentOf(movedBytes, staged.sizeBytes) });
            },
          },
        );
        return {
          record: () => database.videos.markStored(key, video.round, storedAudio(staged, stored)),
          result: { sizeBytes: stored.sizeBytes, sent: stored.sent },
        };
      },
      cleanUp: (key) => staging.removeStaged(key),
    },
    dependencies,
  );
}

/** Hundredths done, at most 100. */
export function percentOf(movedBytes: number, sizeBytes: number): number {
  return sizeBytes === 0 ? 100 : Math.min(100, Math.round((100 * movedBytes) / sizeBytes));
}

function descriptionOf(video: VideoDocument, staged: StagedAudio): Omit<AudioDescription, 'key'> {
  return {
    sourceUrl: video.url,
    durationSeconds: staged.durationSeconds,
    codec: staged.codec,
    bitrate: staged.bitrate,
    sampleRate: staged.sampleRate,
    channels: staged.channels,
    source: staged.source,
    ...(video.published_at instanceof Date ? { publishedAt: video.published_at } : {}),
    ...(typeof video.channel_id === 'string' ? { channelId: video.channel_id } : {}),
    ...(typeof video.title === 'string' ? { title: video.title } : {}),
    ...(typeof video.author === 'string' ? { author: video.author } : {}),
  };
}

function storedAudio(staged: StagedAudio, stored: StoredAudio): VideoAudio {
  return {
    ...audioRecord(staged),
    bucket: stored.bucket,
    key: stored.key,
    size: stored.sizeBytes,
    md5: stored.md5,
    sha256: stored.sha256,
    etag: stored.etag,
  };
}
