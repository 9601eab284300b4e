import { definedFields } from '../../domain/defined-fields.ts';
import { PermanentError } from '../../domain/job-errors.ts';
import { finishDeletion } from '../../reconcile/finish-deletion.ts';
import { copyObject } from '../../mirror/copy-object.ts';
import type { AzureBlobStore } from '../../storage/azure-blob-store.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import type { Processor } from '../processor.ts';
import type { StageDependencies } from './stage-failure.ts';
import { createShardProcessor, type ShardDependencies } from './mirror-shard.ts';
import { createStageProcessor, PATIENCE_MS } from './stage.ts';
import { percentOf } from './upload.ts';

export interface SyncDependencies extends StageDependencies, ShardDependencies {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
}

/** Makes the processor that copies a stored object, or what a shard of a sweep finds, to Azure and verifies it there. */
export function createSyncProcessor(dependencies: SyncDependencies): Processor<'sync'> {
  const { database, source, target } = dependencies;
  const shards = createShardProcessor(dependencies);
  const stage = createStageProcessor(
    {
      stage: 'sync',
      next: undefined,
      patienceMs: PATIENCE_MS,
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
          ...definedFields({
            accessTier: dependencies.mirror.accessTier,
            bandwidth: dependencies.bandwidth,
          }),
          onBytes: (bytes) => {
            movedBytes += bytes;
            context.reportProgress({ stage: 'sync', percent: percentOf(movedBytes, totalBytes) });
          },
        });
        const { outcome, container, name, etag, sizeBytes, md5 } = copied;
        const mirror = { container, name, etag, size: sizeBytes, md5, at: new Date() };
        return {
          record: (patienceMs) => database.videos.markMirrored(key, video.round, mirror, patienceMs),
          result: { sizeBytes, outcome },
        };
      },
    },
    dependencies,
  );
  return {
    process: (payload, context) =>
      'sweepId' in payload ? shards.process(payload, context) : stage.process(payload, context),
    // What a shard has done is equal for its next run: there is nothing to record.
    lost: async (payload, attempt) => {
      if (!('sweepId' in payload)) await stage.lost?.(payload, attempt);
    },
    abandon: async (payload, error, context) => {
      if ('sweepId' in payload) await shards.abandon(payload, error);
      else await stage.abandon?.(payload, error, context);
    },
  };
}
