import { probeDatabase } from '../probes.ts';
import { Bandwidth } from '../../storage/bandwidth.ts';
import { probeStore } from '../../storage/probe-store.ts';
import type { Processor } from '../processor.ts';
import { createSyncProcessor } from '../processors/sync.ts';
import type { ProcessorDependencies } from './processor-dependencies.ts';
import { notConfigured } from './not-configured.ts';

/** Copies objects to Azure. */
export async function createSyncQueue({
  config,
  database,
  queues,
  stop,
  factories,
  ready,
}: ProcessorDependencies): Promise<Processor<'sync'>> {
  if (config.azure === undefined) {
    return notConfigured('A video is to be mirrored, but Azure is not configured for this worker.');
  }
  const source = factories.openBucket(config.minio, config.storage);
  const target = factories.openMirror(config.azure, config.storage);
  await ready('the Azure container', () => target.ensureContainer(stop));
  const { azure, mirror } = config;
  const processor = createSyncProcessor({
    ...{ database, queues, mirror, source, target, retry: config.retry },
    bandwidth: mirror.bytesPerSecond === undefined ? undefined : new Bandwidth(mirror.bytesPerSecond),
    openPair: (bucket, container) =>
      Promise.resolve(
        container === target.container
          ? { source, target }
          : {
              source: factories.openBucket({ ...config.minio, bucket }, config.storage),
              target: factories.openMirror({ ...azure, container }, config.storage),
            },
      ),
  });
  return {
    ...processor,
    probe: async (signal) => {
      await probeDatabase(database);
      await probeStore(source, signal);
      await probeStore(target, signal);
    },
  };
}
