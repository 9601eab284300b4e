import type { QueueName } from '../domain/queues.ts';
import type { Processor } from './processor.ts';
import type { ProcessorDependencies } from './queues/processor-dependencies.ts';

/**
 * Makes the processor of each queue; leaving a queue out does not compile. A worker for one queue loads only what that queue
 * needs: each is a file of its own, which is loaded when its processor is made.
 */
export const PROCESSORS: {
  readonly [N in QueueName]: (dependencies: ProcessorDependencies) => Promise<Processor<N>>;
} = {
  playlist: async (dependencies) =>
    (await import('./queues/playlist-queue.ts')).createPlaylistQueue(dependencies),
  download: async (dependencies) =>
    (await import('./queues/download-queue.ts')).createDownloadQueue(dependencies),
  upload: async (dependencies) => (await import('./queues/upload-queue.ts')).createUploadQueue(dependencies),
  sync: async (dependencies) => (await import('./queues/sync-queue.ts')).createSyncQueue(dependencies),
  retry: async (dependencies) => (await import('./processors/retry.ts')).createRetryProcessor(dependencies),
  collect: async (dependencies) =>
    (await import('./queues/collect-queue.ts')).createCollectQueue(dependencies),
  maintenance: async (dependencies) =>
    (await import('./queues/maintenance-queue.ts')).createMaintenanceQueue(dependencies),
};
