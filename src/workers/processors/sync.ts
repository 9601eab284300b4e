import { PermanentError } from '../../domain/job-errors.ts';
import { finishDeletion } from '../../reconcile/finish-deletion.ts';
import { copyObject } from '../../mirror/copy-object.ts';
import type { AzureBlobStore } from '../../storage/azure-blob-store.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import type { Processor } from '../processor.ts';
import type { StageDependencies } from './stage-failure.ts';
import { createStageProcessor } from './stage.ts';
import { percentOf } from './upload.ts';

export interface SyncDependencies extends StageDependencies {
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
      // A run that lost its lock to another may write the blob after a person had it deleted everywhere.
      discard: async (key, { signal }) => {
        await finishDeletion(key, { ...dependencies, store: source, mirror: target, signal });
      },
      work: async (key, video, context) => {
        const objectName = video.audio?.key;
        if (objectName === undefined) {
          throw new PermanentError('invalid_payload', 'The video has no stored object.');
        }
        const totalBytes = video.audio?.size ?? 0;
        let movedBytes = 0;
        const copied = await copyObject(source, target, objectName, {
          signal: context.signal,
          onBytes: (bytes) => {
            movedBytes += bytes;
            context.reportProgress({ stage: 'sync', percent: percentOf(movedBytes, totalBytes) });
          },
        });
        const { outcome, container, name, etag, sizeBytes, md5 } = copied;
        const mirror = { container, name, etag, size: sizeBytes, md5, at: new Date() };
        return {
          record: () => database.videos.markMirrored(key, video.round, mirror),
          result: { sizeBytes, outcome },
        };
      },
    },
    dependencies,
  );
}
