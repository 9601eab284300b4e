import { expandDuePlaylists } from '../producers/schedule.ts';
import type { QueueName } from '../domain/queues.ts';
import type { ConfiguredSource } from '../collectors/configured-source.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { hasAccountCookies } from '../config/account-cookies.ts';
import { createPlaylistLister } from '../media/playlist-lister.ts';
import { createYtDlpLister } from '../media/playlist-yt-dlp-lister.ts';
import { createToolChecker } from '../media/media-tools.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { OperatorError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { createAlertTask } from './processors/alert-task.ts';
import { createDigestTask } from './processors/digest-task.ts';
import { StagingGate } from '../staging/staging-gate.ts';
import { probeDatabase, probeStaging, probeStore } from './probes.ts';
import { createRateLimitedPipeline } from '../egress/rate-limited-pipeline.ts';
import type { Egress } from '../egress/egress.ts';
import { createRateLimitedLister } from '../egress/rate-limited-lister.ts';
import type { Processor } from './processor.ts';
import { createCollectTick } from './processors/collect-tick.ts';
import { createCollectProcessor } from './processors/collect.ts';
import { createDownloadProcessor } from './processors/download.ts';
import { createMaintenanceProcessor } from './processors/maintenance.ts';
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
  readonly [N in QueueName]: (dependencies: ProcessorDependencies) => Promise<Processor<N>>;
} = {
  playlist: ({ config, logger, database, queues, egress }) =>
    Promise.resolve(
      createPlaylistProcessor({
        database,
        queues,
        lister: createPlaylistLister(
          config,
          logger,
          createRateLimitedLister(egress, (address) => createYtDlpLister({ ...config.media, address })),
        ),
        filters: config.playlists.filters,
        intervalMs: config.playlists.intervalMs,
        personalLists: hasAccountCookies(config),
      }),
    ),

  download: async ({ config, logger, database, queues, stop, factories: parts, egress, ready }) => {
    const tools = createToolChecker(config.media);
    const versions = await ready('the tools', () => tools.check(stop));
    logger.info({ tools: versions }, 'The tools for downloading are available');
    const staging = parts.openStaging(config.staging.directory);
    const prune = () => staging.pruneWorkDirectories(STALE_WORK_MS);
    const abandoned = await ready('the staging directory', prune);
    if (abandoned > 0)
      logger.warn({ directories: abandoned }, 'Removed the work directories of dead workers');
    const audio = createRateLimitedPipeline(egress, parts.createAudio(config.media, staging, logger));
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

  upload: async ({ config, logger, database, queues, stop, factories: parts, ready }) => {
    const store = parts.openBucket(config.minio, config.storage);
    await ready('MinIO', () => store.ensureContainer(stop));
    if (config.azure === undefined) {
      logger.info('Azure is not configured: videos end as stored, nothing is mirrored');
    }
    const staging = parts.openStaging(config.staging.directory);
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

  sync: async ({ config, database, queues, stop, factories: parts, ready }) => {
    if (config.azure === undefined) return withoutAzure;
    const source = parts.openBucket(config.minio, config.storage);
    const target = parts.openMirror(config.azure, config.storage);
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

  retry: ({ database, queues }) => Promise.resolve(createRetryProcessor({ database, queues })),

  collect: ({ config, database, queues, factories: parts, sources }) => {
    const { kinds, openHttp } = parts;
    return Promise.resolve(
      sources === undefined
        ? withoutSources
        : {
            ...createCollectProcessor({ database, queues, config, sources, kinds, openHttp }),
            probe: () => probeDatabase(database),
          },
    );
  },

  maintenance: ({ config, database, queues, factories: parts, sources }) => {
    const tasks = {
      config,
      database,
      queues,
      staging: parts.openStaging(config.staging.directory),
      store: parts.openBucket(config.minio, config.storage),
      mirror: config.azure === undefined ? undefined : parts.openMirror(config.azure, config.storage),
    };
    return Promise.resolve(
      createMaintenanceProcessor({
        'expand-due-playlists': async () => ({
          playlists: await expandDuePlaylists({ database, queues }, new Date()),
        }),
        reconcile: createReconcileTask(tasks, ['staging', 'videos', 'runs']),
        'reconcile-bucket': createReconcileTask(tasks, ['bucket', 'videos']),
        alerts: createAlertTask({ config, database, queues }),
        'collect-tick': createCollectTick(sources ?? [], { database, queues }),
        snapshot: createSnapshotTask(tasks),
        'verify-snapshot': createVerifySnapshotTask(tasks),
        digest: createDigestTask({ config, database }),
      }),
    );
  },
};

/** Another worker, with Azure configured, may have added jobs that this one cannot do. */
const withoutAzure: Processor<'sync'> = {
  process: () =>
    Promise.reject(
      new OperatorError(
        'local_configuration',
        'A video is to be mirrored, but Azure is not configured for this worker.',
      ),
    ),
};

/** Another worker, with a sources file, may have added jobs that this one cannot do. */
const withoutSources: Processor<'collect'> = {
  process: () =>
    Promise.reject(
      new OperatorError(
        'local_configuration',
        'A source is to be collected, but this worker has no sources file: set SOURCES_FILE.',
      ),
    ),
};
