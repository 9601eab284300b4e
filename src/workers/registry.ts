import { expandDuePlaylists } from '../producers/schedule.ts';
import type { QueueName } from '../domain/queues.ts';
import type { ConfiguredSource } from '../collectors/configured-source.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { hasAccountCookies } from '../config/account-cookies.ts';
import { createPlaylistLister } from '../media/playlist-lister.ts';
import { createYtDlpLister } from '../media/playlist-yt-dlp-lister.ts';
import { createToolChecker } from '../media/media-tools.ts';
import type { JobResult } from '../queues/catalogue.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { MaintenanceTask } from '../queues/payloads.ts';
import { OperatorError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { createAlertTask } from './processors/alert-task.ts';
import { createDigestTask } from './processors/digest-task.ts';
import { StagingGate } from '../staging/staging-gate.ts';
import { probeDatabase, probeStaging } from './probes.ts';
import { probeStore } from '../storage/probe-store.ts';
import { createRateLimitedPipeline } from '../egress/rate-limited-pipeline.ts';
import type { Egress } from '../egress/egress.ts';
import { createRateLimitedLister } from '../egress/rate-limited-lister.ts';
import type { JobContext, Processor } from './processor.ts';
import { createCollectTick } from './processors/collect-tick.ts';
import { createCollectProcessor } from './processors/collect.ts';
import { createDownloadProcessor } from './processors/download.ts';
import { createPlaylistProcessor } from './processors/playlist.ts';
import { createRetryProcessor } from './processors/retry.ts';
import { createSyncProcessor } from './processors/sync.ts';
import { createUploadProcessor } from './processors/upload.ts';
import { createReconcileTask } from './processors/reconcile-task.ts';
import { createSnapshotTask, createVerifySnapshotTask } from './processors/snapshot-tasks.ts';
import type { WorkerFactories } from './worker-factories.ts';

/** When a work directory of another machine or container, whose processes cannot be seen, counts as abandoned. */
const STALE_WORK_MS = 24 * 3_600_000;

export interface ProcessorDependencies {
  readonly config: Config;
  readonly logger: Logger;
  readonly database: Database;
  readonly queues: JobQueues;
  readonly stop: AbortSignal;
  readonly factories: WorkerFactories;
  /** Undefined without a sources file. */
  readonly sources: readonly ConfiguredSource[] | undefined;
  readonly egress: Egress;
  /** Waits until something that the queue needs is available, and shows that it waits. */
  readonly ready: <T>(what: string, open: () => Promise<T>) => Promise<T>;
}

/** Makes the processor of each queue. Leaving a queue out does not compile. */
export const PROCESSORS: {
  readonly [N in QueueName]: (dependencies: ProcessorDependencies) => Processor<N> | Promise<Processor<N>>;
} = {
  playlist: ({ config, logger, database, queues, egress }) => {
    const ytDlp = createRateLimitedLister(egress, (address) =>
      createYtDlpLister({ ...config.media, address }),
    );
    return createPlaylistProcessor({
      database,
      queues,
      lister: createPlaylistLister(config, logger, ytDlp),
      filters: config.playlists.filters,
      intervalMs: config.playlists.intervalMs,
      personalLists: hasAccountCookies(config),
    });
  },

  download: async ({ config, logger, database, queues, stop, factories, egress, ready }) => {
    const tools = createToolChecker(config.media);
    const versions = await ready('the tools', () => tools.check(stop));
    logger.info({ tools: versions }, 'The tools for downloading are available');
    const staging = factories.openStaging(config.staging.directory);
    const prune = () => staging.pruneWorkDirectories(STALE_WORK_MS);
    const abandoned = await ready('the staging directory', prune);
    if (abandoned > 0)
      logger.warn({ directories: abandoned }, 'Removed the work directories of dead workers');
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
      gate: new StagingGate(config, queues.redis),
    });
    return {
      ...processor,
      probe: async (signal) => {
        await probeDatabase(database);
        await tools.check(signal);
        await probeStaging(config.staging);
      },
    };
  },

  upload: async ({ config, logger, database, queues, stop, factories, ready }) => {
    const store = factories.openBucket(config.minio, config.storage);
    await ready('MinIO', () => store.ensureContainer(stop));
    if (config.azure === undefined) {
      logger.info('Azure is not configured: videos end as stored, nothing is mirrored');
    }
    const staging = factories.openStaging(config.staging.directory);
    const gate = new StagingGate(config, queues.redis);
    const processor = createUploadProcessor({
      database,
      queues,
      retry: config.retry,
      staging: {
        ...staging,
        removeStaged: async (key) => {
          await staging.removeStaged(key);
          await gate.announceCapacity();
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
  },

  sync: async ({ config, database, queues, stop, factories, ready }) => {
    if (config.azure === undefined) {
      return notConfigured('A video is to be mirrored, but Azure is not configured for this worker.');
    }
    const source = factories.openBucket(config.minio, config.storage);
    const target = factories.openMirror(config.azure, config.storage);
    await ready('the Azure container', () => target.ensureContainer(stop));
    const processor = createSyncProcessor({ database, queues, retry: config.retry, source, target });
    return {
      ...processor,
      probe: async (signal) => {
        await probeDatabase(database);
        await probeStore(source, signal);
        await probeStore(target, signal);
      },
    };
  },

  retry: createRetryProcessor,

  collect: ({ config, database, queues, factories: { kinds, openHttp }, sources }) => {
    if (sources === undefined) {
      return notConfigured(
        'A source is to be collected, but this worker has no sources file: set SOURCES_FILE.',
      );
    }
    return {
      ...createCollectProcessor({ database, queues, config, sources, kinds, openHttp }),
      probe: () => probeDatabase(database),
    };
  },

  maintenance: ({ config, database, queues, factories, sources }) => {
    const dependencies = {
      config,
      database,
      queues,
      staging: factories.openStaging(config.staging.directory),
      store: factories.openBucket(config.minio, config.storage),
      mirror: config.azure && factories.openMirror(config.azure, config.storage),
    };
    const requestScheduledRun = createCollectTick(sources ?? [], { database, queues });
    const tasks: Readonly<Record<MaintenanceTask, (context: JobContext) => Promise<JobResult>>> = {
      'expand-due-playlists': async () => ({
        playlists: await expandDuePlaylists({ database, queues }, new Date()),
      }),
      reconcile: createReconcileTask(dependencies, ['staging', 'videos', 'runs']),
      'reconcile-bucket': createReconcileTask(dependencies, ['bucket', 'videos']),
      alerts: createAlertTask(dependencies),
      snapshot: createSnapshotTask(dependencies),
      'verify-snapshot': createVerifySnapshotTask(dependencies),
      digest: createDigestTask(dependencies),
    };
    return {
      process: (payload, context) =>
        payload.task === 'collect-tick'
          ? requestScheduledRun(payload.sourceId, context)
          : tasks[payload.task](context),
    };
  },
};

/** Another worker, with a whole configuration, may have added jobs that this one cannot do. */
function notConfigured(message: string): { process: () => Promise<never> } {
  return { process: () => Promise.reject(new OperatorError('local_configuration', message)) };
}
