import type { Config } from '../config/config.ts';
import type { openCollectorHttpClient } from '../collectors/collector-http-client.ts';
import type { CollectorKind } from '../collectors/collector.ts';
import { openDatabase } from '../database/database.ts';
import type { QueueName } from '../domain/queues.ts';
import type { createAudioPipeline } from '../media/audio-pipeline.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { openStaging } from '../staging/open-staging.ts';
import type { openAzureStore } from '../storage/open-azure-store.ts';
import type { openMinioStore } from '../storage/open-minio-store.ts';
import type { loadWorkerSources } from './load-worker-sources.ts';

/** How a worker process opens the systems that its jobs use. */
export interface WorkerFactories {
  readonly openDatabase: typeof openDatabase;
  readonly openQueues: (config: Config['redis']) => JobQueues;
  readonly openStaging: typeof openStaging;
  readonly createAudio: typeof createAudioPipeline;
  readonly openBucket: typeof openMinioStore;
  readonly openMirror: typeof openAzureStore;
  readonly loadSources: typeof loadWorkerSources;
  readonly kinds: readonly CollectorKind[];
  readonly openHttp: typeof openCollectorHttpClient;
}

/**
 * Loads what the workers of some queues need, and nothing else: the clients of the stores, the collectors and the
 * downloaders are most of the start-up time and memory of a worker.
 * @param isMirrored whether Azure is configured
 * @param form of staging
 */
export async function loadFactories(
  queues: readonly QueueName[],
  isMirrored: boolean,
  form: Config['staging']['form'],
): Promise<WorkerFactories> {
  const needs = (...names: readonly QueueName[]) => names.some((name) => queues.includes(name));
  const [audio, bucket, mirror, sources, kinds, http] = await Promise.all([
    needs('download') ? import('../media/audio-pipeline.ts') : undefined,
    needs('upload', 'sync', 'maintenance') || (form === 's3' && needs('download'))
      ? import('../storage/open-minio-store.ts')
      : undefined,
    isMirrored && needs('sync', 'maintenance') ? import('../storage/open-azure-store.ts') : undefined,
    needs('collect', 'maintenance') ? import('./load-worker-sources.ts') : undefined,
    needs('collect') ? import('../collectors/kinds.ts') : undefined,
    needs('collect') ? import('../collectors/collector-http-client.ts') : undefined,
  ]);
  return {
    openDatabase,
    openQueues: (redis) => new JobQueues(redis),
    openStaging,
    createAudio: audio?.createAudioPipeline ?? notLoaded,
    openBucket: bucket?.openMinioStore ?? notLoaded,
    openMirror: mirror?.openAzureStore ?? notLoaded,
    loadSources: sources?.loadWorkerSources ?? notLoaded,
    kinds: kinds?.KINDS ?? [],
    openHttp: http?.openCollectorHttpClient ?? notLoaded,
  };
}

/** A queue that uses it is missing in the lists above. */
function notLoaded(): never {
  throw new Error('The worker uses a system that was not loaded for its queues.');
}
