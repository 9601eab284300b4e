import { StagingGate } from '../../staging/staging-gate.ts';
import { probeDatabase } from '../probes.ts';
import { probeStore } from '../../storage/probe-store.ts';
import type { Processor } from '../processor.ts';
import { createUploadProcessor } from '../processors/upload.ts';
import type { ProcessorDependencies } from './processor-dependencies.ts';

/** Puts staged audio into the bucket. */
export async function createUploadQueue({
  config,
  logger,
  database,
  queues,
  stop,
  factories,
  ready,
}: ProcessorDependencies): Promise<Processor<'upload'>> {
  const store = factories.openBucket(config.minio, config.storage);
  await ready('MinIO', () => store.ensureContainer(stop));
  if (config.azure === undefined) {
    logger.info('Azure is not configured: videos end as stored, nothing is mirrored');
  }
  const staging = factories.openStaging(config.staging, () => store);
  const gate = new StagingGate(config, queues.redis, staging);
  const processor = createUploadProcessor({
    database,
    queues,
    retry: config.retry,
    staging: {
      ...staging,
      removeStaged: async (key) => {
        await staging.removeStaged(key);
        await gate.noteRemoved(key);
      },
    },
    store,
    profile: config.media.profile,
    isMirrored: config.azure !== undefined,
  });
  return {
    ...processor,
    probe: async (signal) => {
      await probeDatabase(database);
      await probeStore(store, signal);
    },
  };
}
