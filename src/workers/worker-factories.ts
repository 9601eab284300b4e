import { existsSync } from 'node:fs';
import { openCollectorHttpClient } from '../collectors/collector-http-client.ts';
import type { ConfiguredSource } from '../collectors/configured-source.ts';
import { KINDS } from '../collectors/kinds.ts';
import { loadSources } from '../collectors/sources-file.ts';
import type { Config } from '../config/config.ts';
import { openDatabase } from '../database/database.ts';
import { createAudioPipeline } from '../media/audio-pipeline.ts';
import { JobQueues } from '../queues/job-queues.ts';
import type { Logger } from '../runtime/logger.ts';
import { createStaging } from '../staging/staging.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';

export type WorkerFactories = typeof WORKER_FACTORIES;

/** How a worker process opens the systems that its jobs use; tests hand in ones that fail. */
export const WORKER_FACTORIES = {
  openDatabase,
  openQueues: (config: Config['redis']) => new JobQueues(config),
  openStaging: createStaging,
  createAudio: createAudioPipeline,
  openBucket: openMinioStore,
  openMirror: openAzureStore,
  loadSources: loadWorkerSources,
  kinds: KINDS,
  openHttp: openCollectorHttpClient,
};

/**
 * Reads the sources file of a worker. Without one it works on everything else.
 * @throws ConfigurationError with all that is wrong in the file.
 */
async function loadWorkerSources(
  config: Config,
  logger: Logger,
): Promise<readonly ConfiguredSource[] | undefined> {
  const { sourcesFile } = config.collect;
  if (existsSync(sourcesFile)) return await loadSources(config.collect);
  logger.info({ sourcesFile }, 'There is no sources file: no documents are collected');
  return undefined;
}
