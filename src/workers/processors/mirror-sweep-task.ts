import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import { startSweep } from '../../mirror/sweep/start-sweep.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import type { JobContext } from '../processor.ts';

export interface SweepTaskDependencies {
  readonly config: Pick<Config, 'azure' | 'mirror'>;
  readonly database: Pick<Database, 'mirrorReports'>;
  readonly queues: JobQueues;
  readonly openBucket: (bucket: string) => Promise<MinioStore> | MinioStore;
}

/**
 * Makes the maintenance task that begins a sweep of each bucket and its container: what the copies of the uploads missed is
 * copied by the `sync` workers, shard by shard. One whose last sweep still goes on is left out.
 */
export function createMirrorSweepTask(
  dependencies: SweepTaskDependencies,
): (context: JobContext) => Promise<JobResult> {
  const { config, openBucket } = dependencies;
  const { pairs } = config.mirror;
  return async ({ logger, signal }) => {
    if (config.azure === undefined) return { outcome: 'Azure is not configured' };
    let begun = 0;
    let shards = 0;
    for (const { bucket, container } of pairs) {
      const everything = { prefix: '', include: [], exclude: [] };
      const sweep = { bucket, container, trigger: 'schedule' as const, ...everything };
      const source = await openBucket(bucket);
      try {
        const started = await startSweep(sweep, { ...dependencies, source, signal });
        if (started === undefined) {
          logger.info({ bucket, container }, 'The last sweep of the mirror still goes on');
          continue;
        }
        begun += 1;
        shards += started.shards;
      } finally {
        source.close();
      }
    }
    return { sweeps: begun, shards };
  };
}
