import { createToolChecker } from '../../media/media-tools.ts';
import { StagingGate } from '../../staging/staging-gate.ts';
import { probeWorkDisk } from '../../staging/work-disk.ts';
import { probeDatabase } from '../probes.ts';
import { createRateLimitedPipeline } from '../../egress/rate-limited-pipeline.ts';
import { createFillAsTaken } from '../fill-as-taken.ts';
import type { Processor } from '../processor.ts';
import { createDownloadProcessor } from '../processors/download.ts';
import type { ProcessorDependencies } from './processor-dependencies.ts';

/** When a work directory of another machine or container, whose processes cannot be seen, counts as abandoned. */
const STALE_WORK_MS = 24 * 3_600_000;

/** Downloads audio into staging. */
export async function createDownloadQueue({
  config,
  logger,
  database,
  queues,
  stop,
  factories,
  egress,
  ready,
}: ProcessorDependencies): Promise<Processor<'download'>> {
  const tools = createToolChecker(config.media);
  const versions = await ready('the tools', () => tools.check(stop));
  logger.info({ tools: versions }, 'The tools for downloading are available');
  const staging = factories.openStaging(config.staging, () =>
    factories.openBucket(config.minio, config.storage),
  );
  await ready('staging', () => staging.prepare(stop));
  const prune = () => staging.pruneWorkDirectories(STALE_WORK_MS);
  const abandoned = await ready('the staging directory', prune);
  if (abandoned > 0) logger.warn({ directories: abandoned }, 'Removed the work directories of dead workers');
  const audio = createRateLimitedPipeline(egress, factories.createAudio(config.media, staging, logger));
  const processor = createDownloadProcessor({
    database,
    queues,
    retry: config.retry,
    audio: {
      produce: async (key, context) => {
        await tools.check(context.signal);
        return await audio.produce(key, context);
      },
    },
    staging,
    gate: new StagingGate(config, queues.redis, staging),
  });
  return {
    ...processor,
    taken: createFillAsTaken({ database, queues }, logger, stop),
    probe: async (signal) => {
      await probeDatabase(database);
      await tools.check(signal);
      await probeWorkDisk(config.staging);
      await staging.probe(signal);
    },
  };
}
