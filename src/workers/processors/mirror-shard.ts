import type { MirrorConfig } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import type { JobError } from '../../domain/job-errors.ts';
import { MirrorRecords } from '../../mirror/mirror-records.ts';
import type { MirrorSummary } from '../../mirror/mirror-summary.ts';
import { runMirror } from '../../mirror/run-mirror.ts';
import { finishSweep, NO_RESULT, MAX_PROBLEMS } from '../../mirror/sweep/finish-sweep.ts';
import { SharedCopyLimit } from '../../mirror/sweep/shared-copy-limit.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { ShardResult } from '../../queues/mirror-sweeps.ts';
import type { ShardPayload } from '../../queues/payloads.ts';
import { SharedLimit } from '../../queues/shared-limit.ts';
import { toJobError } from '../../domain/job-errors.ts';
import type { AzureBlobStore } from '../../storage/azure-blob-store.ts';
import type { Bandwidth } from '../../storage/bandwidth.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import type { JobContext } from '../processor.ts';

export interface ShardDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly mirror: Pick<MirrorConfig, 'copies' | 'accessTier' | 'pairs'>;
  /** Shared by all copies of the process; undefined without a limit. */
  readonly bandwidth: Bandwidth | undefined;
  /** Left out: that of `runMirror`. */
  readonly passDelayMs?: number;
  /** Opens a bucket and its container; called once for each pair. */
  readonly openPair: (bucket: string, container: string) => Promise<StorePair>;
}

export interface StorePair {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
}

/** How often what a shard has done is noted for those who watch. */
const NOTE_MS = 2000;

/** Makes the functions for shards of sweeps: each compares its part of a bucket with the container, and copies. */
export function createShardProcessor(dependencies: ShardDependencies) {
  const { database, queues, mirror, openPair } = dependencies;
  const { sweeps } = queues;
  const pairs = new Map<string, Promise<StorePair>>();
  const limits = new Map<string, SharedCopyLimit>();

  function pairOf(bucket: string, container: string): Promise<StorePair> {
    const key = `${bucket}=${container}`;
    const pair = pairs.get(key) ?? openPair(bucket, container);
    pairs.set(key, pair);
    return pair;
  }

  function limitOf(container: string): SharedCopyLimit {
    const shared = new SharedLimit(queues.redis, queues.prefix, container);
    const limit = limits.get(container) ?? new SharedCopyLimit(shared, mirror.copies);
    limits.set(container, limit);
    return limit;
  }

  async function process(payload: ShardPayload, context: JobContext): Promise<JobResult> {
    const { sweepId, shard: number } = payload;
    const found = await sweeps.shard(sweepId, number);
    if (found === undefined) {
      // An earlier run may have died between the result of the last shard and the report.
      await finishSweep(sweepId, dependencies);
      return { outcome: 'superseded' };
    }
    const { sweep, shard } = found;
    try {
      const { source, target } = await pairOf(sweep.bucket, sweep.container);
      const limit = limitOf(sweep.container);
      await target.ensureContainer(context.signal);
      // The videos are in the main bucket.
      const isMain = sweep.bucket === mirror.pairs[0]?.bucket;
      const records = new MirrorRecords({
        openDatabase: () => Promise.resolve(database),
        removeBlob: (name, etag) => target.removeVersion(name, etag, context.signal),
      });
      const problems: ShardResult['problems'][number][] = [];
      const watch = watchShard(payload, context);
      const summary = await limit.during(() =>
        runMirror({
          source,
          target,
          prefix: sweep.prefix,
          filter: { include: sweep.include, exclude: sweep.exclude },
          range: shard,
          concurrency: mirror.copies,
          limit,
          signal: context.signal,
          ...definedFields({
            accessTier: mirror.accessTier,
            bandwidth: dependencies.bandwidth,
            passDelayMs: dependencies.passDelayMs,
          }),
          onPlanned: (item) => (isMain && item.kind === 'extra' ? records.addExtra(item.target) : undefined),
          onMirrored: async (name, result) => {
            watch(result.outcome === 'copied' ? result.sizeBytes : 0);
            if (isMain) await records.add(name, result);
          },
          onFailed: (name, error) => {
            if (problems.length < MAX_PROBLEMS) problems.push(problemOf(name, error));
          },
        }),
      );
      await records.flush();
      await end(payload, resultOf(summary, problems));
      const { objects, copied, copiedBytes, failed } = summary;
      return { objects, copied, copiedBytes, failed };
    } catch (thrown) {
      const error = toJobError(thrown, context.signal);
      // All others are tried again: the sweep waits for its shards.
      const isOver =
        error.outcome === 'permanent' || (error.outcome === 'transient' && context.isLastAttempt);
      if (isOver) await endFailed(payload, sweep.container, error);
      throw error;
    }
  }

  /** @returns a function to call for each copy, with its bytes */
  function watchShard({ sweepId, shard }: ShardPayload, context: JobContext) {
    let copied = 0;
    let copiedBytes = 0;
    let notedAt = performance.now();
    return (bytes: number) => {
      copied += 1;
      copiedBytes += bytes;
      context.reportProgress({ stage: 'sync', copied });
      if (performance.now() - notedAt < NOTE_MS) return;
      notedAt = performance.now();
      // For people who watch: a note that is lost is followed by another.
      sweeps.note(sweepId, shard, { ...NO_RESULT, copied, copiedBytes }).catch(() => undefined);
    };
  }

  async function end({ sweepId, shard }: ShardPayload, result: ShardResult): Promise<void> {
    if (await sweeps.endShard(sweepId, shard, result)) await finishSweep(sweepId, dependencies);
  }

  async function endFailed(payload: ShardPayload, container: string, error: JobError): Promise<void> {
    await end(payload, { ...NO_RESULT, isComplete: false, problems: [problemOf(container, error)] });
  }

  return {
    process,
    /** A shard that lost too many workers ends, so that its sweep does. */
    abandon: async (payload: ShardPayload, error: JobError): Promise<void> => {
      const found = await sweeps.shard(payload.sweepId, payload.shard);
      if (found !== undefined) await endFailed(payload, found.sweep.container, error);
    },
  };
}

function resultOf(summary: MirrorSummary, problems: ShardResult['problems']): ShardResult {
  const { objects, equal, extra, copied, copiedBytes, confirmed, failed } = summary;
  return { objects, equal, extra, copied, copiedBytes, confirmed, failed, isComplete: true, problems };
}

function problemOf(name: string, { errorClass, message }: JobError) {
  return { name, class: errorClass, message };
}
