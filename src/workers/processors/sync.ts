import type { VideoMirror } from '../../database/documents.ts';
import { copyObject, type CopyResult } from '../../mirror/copy-object.ts';
import { PermanentError } from '../../domain/job-errors.ts';
import type { AzureBlobStore } from '../../storage/azure-blob-store.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import type { Processor } from '../processor.ts';
import type { FailureDependencies } from './stage-failure.ts';
import { createStageProcessor } from './stage.ts';
import { percentOf } from './upload.ts';

/** What mirroring one object needs. */
export interface SyncDependencies extends FailureDependencies {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
}

/** Makes the processor that copies a stored object to Azure and verifies it there. */
export function createSyncProcessor(dependencies: SyncDependencies): Processor<'sync'> {
  const { database, source, target } = dependencies;
  return createStageProcessor(
    {
      stage: 'sync',
      next: undefined,
      work: async (key, video, context) => {
        const name = video.audio?.key;
        if (name === undefined)
          throw new PermanentError('invalid_payload', 'The video has no stored object.');
        const sizeBytes = video.audio?.size ?? 0;
        let movedBytes = 0;
        const copied = await copyObject(source, target, name, {
          signal: context.signal,
          onBytes: (bytes) => {
            movedBytes += bytes;
            context.reportProgress({ stage: 'sync', percent: percentOf(movedBytes, sizeBytes) });
          },
        });
        return {
          record: () => database.videos.markMirrored(key, video.round, mirrorRecord(copied)),
          result: { sizeBytes: copied.sizeBytes, outcome: copied.outcome },
        };
      },
    },
    dependencies,
  );
}

function mirrorRecord(copied: CopyResult): VideoMirror {
  return {
    container: copied.container,
    name: copied.name,
    etag: copied.etag,
    size: copied.sizeBytes,
    md5: copied.md5,
    at: new Date(),
  };
}
