import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import { pruneSnapshots } from '../../reports/snapshots/prune-snapshots.ts';
import { takeSnapshot } from '../../reports/snapshots/take-snapshot.ts';
import { verifySnapshot } from '../../reports/snapshots/verify-snapshot.ts';
import { TransientError } from '../../runtime/job-errors.ts';
import type { AzureBlobStore } from '../../storage/azure-blob-store.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import type { JobContext, JobResult } from '../processor.ts';
import { mirrorSnapshot } from './mirror-snapshot.ts';

/** What the tasks of snapshots work with. */
export interface SnapshotParts {
  readonly config: Pick<Config, 'snapshots' | 'versionLogFile'>;
  readonly database: Database;
  readonly store: MinioStore;
  /** Undefined without Azure. */
  readonly mirror: AzureBlobStore | undefined;
}

/** The note that the version log has always had for the daily one. */
const DAILY_NOTE = 'Backup quotidien automatique';

/**
 * Makes the daily task: a snapshot, its bytes read again, copied to Azure, older ones pruned. One that turns out damaged
 * is not mirrored and pushes nothing out.
 */
export function createSnapshotTask(parts: SnapshotParts): (context: JobContext) => Promise<JobResult> {
  const { config, database, store, mirror } = parts;
  return async ({ logger, signal }) => {
    const onWarning = (message: string, error: Error) => {
      logger.warn({ err: error }, message);
    };
    const { versionLogFile } = config;
    const { name, size } = await takeSnapshot(
      { database, store, versionLogFile, signal, onWarning },
      DAILY_NOTE,
    );
    const { problems } = await verifySnapshot({ database, store, depth: 'bytes', signal }, name);
    if (problems.length > 0) throw damaged(name, problems);
    if (mirror !== undefined) await mirrorSnapshot({ source: store, target: mirror }, name, { signal });
    const plan = await pruneSnapshots({
      snapshots: database.snapshots,
      keep: config.snapshots.keep,
      stores: mirror === undefined ? [store] : [mirror, store],
      dryRun: false,
      signal,
    });
    const pruned = plan.filter(({ isKept }) => !isKept).length;
    logger.info({ snapshot: name, sizeBytes: size, pruned }, 'The database was saved');
    return { snapshot: name, sizeBytes: size ?? 0, pruned };
  };
}

/** Makes the weekly task: the newest snapshot is restored into a scratch database and compared. */
export function createVerifySnapshotTask(parts: SnapshotParts): (context: JobContext) => Promise<JobResult> {
  const { database, store } = parts;
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
  return new TransientError('storage_mismatch', `The snapshot ${name} is damaged: ${problems.join(' ')}`);
}
