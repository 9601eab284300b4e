import { toVideoAudio } from '../../database/collections/video.ts';
import type { Config } from '../../config/config.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import { TransientError } from '../../domain/job-errors.ts';
import { finishDeletion } from '../../reconcile/finish-deletion.ts';
import type { Staging } from '../../staging/staging.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import type { Processor } from '../processor.ts';
import { putPeaks } from './put-peaks.ts';
import type { StageDependencies } from './stage-failure.ts';
import { createStageProcessor, PATIENCE_MS } from './stage.ts';
import { metadataOf } from './video-metadata.ts';

export interface UploadDependencies extends StageDependencies {
  readonly staging: Staging;
  readonly store: MinioStore;
  /** Of videos whose playlist does not say another one. */
  readonly profile: Config['media']['profile'];
  /** Whether the stored object is to be mirrored to Azure. */
  readonly isMirrored: boolean;
}

/** Those that the video was downloaded with are closer to the truth than what was changed since. */
const SETTINGS_AGE_MS = 10_000;

/** Makes the processor that stores a staged file in the bucket and deletes it once that is recorded. */
export function createUploadProcessor(dependencies: UploadDependencies): Processor<'upload'> {
  const { database, staging, store, profile } = dependencies;
  return createStageProcessor(
    {
      stage: 'upload',
      next: dependencies.isMirrored ? 'sync' : undefined,
      patienceMs: PATIENCE_MS,
      work: async (key, video, context) => {
        const staged = await staging.readStaged(key);
        if (staged === undefined) {
          throw new TransientError('staged_file_missing', 'The downloaded file is not in staging.');
        }
        const settings = await database.playlistContents.settingsFor(video, SETTINGS_AGE_MS);
        const { sizeBytes } = staged;
        let movedBytes = 0;
        const stored = await staging.upload(
          staged,
          {
            ...metadataOf(video),
            ...staged,
            ...{ key, profile: settings?.profile ?? profile },
            sourceUrl: video.url,
          },
          store,
          {
            signal: context.signal,
            onBytes: (bytes) => {
              movedBytes += bytes;
              context.reportProgress({ stage: 'upload', percent: percentOf(movedBytes, sizeBytes) });
            },
          },
        );
        const { bucket, key: objectKey, md5, sha256, etag, sizeBytes: size, sent } = stored;
        const peaks = await putPeaks(key, staged.peaks, md5, store, context);
        const audio = {
          ...toVideoAudio(staged),
          ...{ bucket, key: objectKey, size, md5, sha256, etag },
          ...definedFields({ peaks }),
        };
        return {
          record: (patienceMs) => database.videos.markStored(key, video.round, audio, patienceMs),
          result: { sizeBytes: size, sent },
        };
      },
      // A run that lost its lock to another may store the object after a person deleted the video.
      discard: async (key, { signal }) => {
        await finishDeletion(key, { ...dependencies, mirror: undefined, signal });
      },
      cleanUp: (key) => staging.removeStaged(key),
    },
    dependencies,
  );
}

/** Per cent done, at most 100. */
export function percentOf(movedBytes: number, sizeBytes: number): number {
  return sizeBytes === 0 ? 100 : Math.min(100, Math.round((100 * movedBytes) / sizeBytes));
}
