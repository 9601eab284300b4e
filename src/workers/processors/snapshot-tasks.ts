import { mirrorSnapshot } from '../../snapshots/snapshot-objects.ts';
import type { Config } from '../../config/config.ts';
import { previousTick } from '../../config/cron.ts';
import type { Database } from '../../database/database.ts';
import { isVerified } from '../../database/snapshot-repository.ts';
import { pruneSnapshots } from '../../snapshots/prune-snapshots.ts';
import { SnapshotInProgressError, takeSnapshot } from '../../snapshots/take-snapshot.ts';
import { verifySnapshot } from '../../snapshots/verify-snapshot.ts';
import { SnoozeError, TransientError } from '../../domain/job-errors.ts';
import type { AzureBlobStore } from '../../storage/azure-blob-store.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext } from '../processor.ts';
import { findSnapshotForSlot } from '../../snapshots/snapshot-slot.ts';

export interface SnapshotTaskDependencies {
  readonly config: Pick<Config, 'snapshots' | 'versionLogFile'>;
  readonly database: Database;
  readonly store: MinioStore;
  /** Undefined without Azure. */
  readonly mirror: AzureBlobStore | undefined;
}

/** The note that the version log has always had for the daily one. */
const DAILY_NOTE = 'Backup quotidien automatique';

/** When a job checks again that found another snapshot in progress; one that died counts as dead after 90 seconds. */
const RECHECK_MS = 20_000;

/**
 * Makes the daily task: takes a snapshot, verifies its bytes, copies it to Azure and prunes older ones. A damaged snapshot is
 * not mirrored and replaces none. A slot that has its snapshot gets no second one: only the steps that an interrupted
 * attempt left are done. Then earlier snapshots are copied that Azure lacks.
 */
export function createSnapshotTask(
  dependencies: SnapshotTaskDependencies,
): (context: JobContext) => Promise<JobResult> {
  const { config, database, store, mirror } = dependencies;
  return async (context) => {
    const { logger, signal } = context;
    const now = new Date();
    const slot = context.scheduledFor ?? previousTick(config.snapshots.schedule, now);
    const made = await findSnapshotForSlot(database.snapshots, slot, now);
    const name = made?._id ?? (await take(dependencies, context));
    if (made === undefined || !isVerified(made)) {
      const { problems } = await verifySnapshot({ database, store, depth: 'bytes', signal }, name);
      if (problems.length > 0) throw damaged(name, problems);
    }
    if (mirror !== undefined) await mirrorSnapshot({ source: store, target: mirror }, name, { signal });
    const plan = await pruneSnapshots({
      snapshots: database.snapshots,
      keep: config.snapshots.keep,
      stores: mirror === undefined ? [store] : [mirror, store],
      dryRun: false,
      signal,
    });
    if (mirror !== undefined) await mirrorEarlier(name, mirror, dependencies, context);
    const pruned = plan.filter(({ isKept }) => !isKept).length;
    const isNew = made === undefined;
    const message = isNew ? 'The database was saved' : 'The database had been saved for this time already';
    logger.info({ snapshot: name, pruned }, message);
    return { snapshot: name, isNew, pruned };
  };
}

/** Copies what Azure did not take on its own day. A failure of one does not fail today's. */
async function mirrorEarlier(
  newest: string,
  mirror: AzureBlobStore,
  { database, store }: SnapshotTaskDependencies,
  { logger, signal }: JobContext,
): Promise<void> {
  const kept = (await database.snapshots.withStatus('stored')).filter(isVerified);
  for (const { _id: name } of kept.filter(({ _id }) => _id !== newest)) {
    try {
      await mirrorSnapshot({ source: store, target: mirror }, name, { signal });
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ err: error, snapshot: name }, 'An earlier snapshot could not be copied to Azure');
    }
  }
}

async function take(
  { config: { versionLogFile }, database, store }: SnapshotTaskDependencies,
  { logger, signal }: JobContext,
): Promise<string> {
  const onWarning = (message: string, error: Error) => {
    logger.warn({ err: error }, message);
  };
  try {
    return (await takeSnapshot({ database, store, versionLogFile, signal, onWarning }, DAILY_NOTE)).name;
  } catch (error) {
    if (!(error instanceof SnapshotInProgressError)) throw error;
    // It may belong to this very job, whose worker died: failing now would leave the day without a snapshot.
    throw new SnoozeError('postponed', error.message, { cause: error, delayMs: RECHECK_MS });
  }
}

/** Makes the weekly task: the newest snapshot is restored into a scratch database and compared. */
export function createVerifySnapshotTask(
  dependencies: SnapshotTaskDependencies,
): (context: JobContext) => Promise<JobResult> {
  const { database, store } = dependencies;
  return async ({ logger, signal }) => {
    const newest = await database.snapshots.latestStored();
    if (newest === undefined) return { snapshot: 'none' };
    const { problems } = await verifySnapshot({ database, store, depth: 'restored', signal }, newest._id);
    if (problems.length > 0) throw damaged(newest._id, problems);
    logger.info({ snapshot: newest._id }, 'A snapshot was restored for a trial and is equal');
    return { snapshot: newest._id };
  };
}

function damaged(name: string, problems: readonly string[]): TransientError {
  return new TransientError(
    'storage_mismatch',
    `The snapshot ${name} is damaged: ${problems.join(' ')} Another one is taken automatically.`,
  );
}
