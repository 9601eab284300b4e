import { openDatabase } from '../database/database.ts';
import { createAudioProducer } from '../media/produce-audio.ts';
import { createStaging } from '../media/staging.ts';
import { JobQueues } from '../queues/job-queues.ts';
import type { Config } from '../config/config.ts';
import { openAzureStore, openMinioStore } from '../storage/open-stores.ts';

/** How a worker process opens the systems between which its jobs move things; tests hand in parts that fail. */
export interface WorkerParts {
  readonly openDatabase: typeof openDatabase;
  readonly openQueues: (config: Config['redis']) => JobQueues;
  readonly openStaging: typeof createStaging;
  readonly createAudio: typeof createAudioProducer;
  readonly openBucket: typeof openMinioStore;
  readonly openMirror: typeof openAzureStore;
}

/** The real ones. */
export const WORKER_PARTS: WorkerParts = {
  openDatabase,
  openQueues: (config) => new JobQueues(config),
  openStaging: createStaging,
  createAudio: createAudioProducer,
  openBucket: openMinioStore,
  openMirror: openAzureStore,
};
