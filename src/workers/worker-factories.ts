import type { CollectorKind } from '../collectors/collector.ts';
import { KINDS } from '../collectors/kinds.ts';
import { openDatabase } from '../database/database.ts';
import { createAudioPipeline } from '../media/audio-pipeline.ts';
import { createStaging } from '../staging/staging.ts';
import { JobQueues } from '../queues/job-queues.ts';
import type { Config } from '../config/config.ts';
import { openCollectorHttpClient } from '../collectors/collector-http-client.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';
import { loadWorkerSources } from './load-sources.ts';

/** How a worker process opens the systems that its jobs use; tests hand in ones that fail. */
export interface WorkerFactories {
  readonly openDatabase: typeof openDatabase;
  readonly openQueues: (config: Config['redis']) => JobQueues;
  readonly openStaging: typeof createStaging;
  readonly createAudio: typeof createAudioPipeline;
  readonly openBucket: typeof openMinioStore;
  readonly openMirror: typeof openAzureStore;
  /** Reads the sources file; undefined where there is none. */
  readonly loadSources: typeof loadWorkerSources;
  readonly kinds: readonly CollectorKind[];
  readonly openHttp: typeof openCollectorHttpClient;
}

export const WORKER_FACTORIES: WorkerFactories = {
  openDatabase,
  openQueues: (config) => new JobQueues(config),
  openStaging: createStaging,
  createAudio: createAudioPipeline,
  openBucket: openMinioStore,
  openMirror: openAzureStore,
  loadSources: loadWorkerSources,
  kinds: KINDS,
  openHttp: openCollectorHttpClient,
};
