import type { Connection } from 'mongoose';
import type { Database } from '../database/database.ts';
import type { StoredSnapshot } from '../database/snapshot-repository.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { OperatorError, TransientError, toError } from '../domain/job-errors.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { appendVersionLog, type VersionLogAction } from '../reports/version-log.ts';
import { dumpDatabase, isInstantGone, openSnapshotSession } from './dump-database.ts';
import { recoverRecords } from './recover-records.ts';
import { checksumKey, checksumText, SNAPSHOT_FORMAT, snapshotKey, snapshotName } from './snapshot-names.ts';

/** What snapshots are made with. */
export interface SnapshotDependencies {
  readonly database: Pick<Database, 'connection' | 'snapshots'>;
  readonly store: MinioStore;
  readonly versionLogFile: string;
  readonly signal: AbortSignal;
  /** Set by tests. */
  readonly now?: () => Date;
  readonly onDocuments?: (count: number) => void;
  /** Bytes sent to the bucket since the last call. */
  readonly onBytes?: (moved: number) => void;
  /** Told of what is worth a line in the log and yet no failure. */
  readonly onWarning?: (message: string, error: Error) => void;
}

const ALIVE_EVERY_MS = 15_000;

/** Another process makes a snapshot, or died in it a moment ago. */
export class SnapshotUnderWayError extends TransientError {
  constructor(name: string) {
    super('unknown', `Another snapshot is being made (${name}).`);
  }
}

/**
 * Makes a snapshot of all collections, streamed into the bucket; it appears there when it is whole.
 * @param note what the version log says of it.
 * @throws SnapshotUnderWayError when another one is being made, and any JobError of the store; all are recorded.
 */
export async function takeSnapshot(
  dependencies: SnapshotDependencies,
  note: string,
): Promise<StoredSnapshot & { readonly name: string }> {
  const { database, store, signal } = dependencies;
  const now = dependencies.now ?? (() => new Date());
  await store.ensureContainer(signal);
  await recoverRecords({ snapshots: database.snapshots, store, signal, at: now() });
  const startedAt = now();
  const name = snapshotName(startedAt);
  await beginAlone(dependencies, name, startedAt);
  const alive = setInterval(() => {
    // A missed sign of life is of no consequence; several in a row come from a database that is away.
    void database.snapshots.keepAlive(name, now()).catch(() => undefined);
  }, ALIVE_EVERY_MS);
  try {
    const stored = { ...(await storeDump(dependencies, name)), note };
    await database.snapshots.markStored(name, stored, now());
    await log(dependencies, 'MONGO_SNAPSHOT', `${name} — ${note}`);
    return { ...stored, name };
  } catch (thrown) {
    // Ended from outside: nothing failed, and the next attempt makes one of a new name.
    if (signal.aborted) {
      await database.snapshots.withdraw(name).catch(() => undefined);
      throw interruptionOf(signal);
    }
    const error = toError(thrown);
    await database.snapshots.markFailed(name, error.message, now()).catch(() => undefined);
    const action = error instanceof OperatorError ? 'MONGO_SNAPSHOT_FAIL' : 'MONGO_SNAPSHOT_ERROR';
    await log(dependencies, action, error.message);
    throw thrown;
  } finally {
    clearInterval(alive);
  }
}

/**
 * Records the beginning, unless another process is at it: whoever sees another one withdraws, so that there are never
 * two; when two begin at the same moment, there may be none, and the next attempt makes it.
 */
async function beginAlone(
  { database, store }: SnapshotDependencies,
  name: string,
  startedAt: Date,
): Promise<void> {
  const begun = {
    _id: name,
    format: SNAPSHOT_FORMAT,
    started_at: startedAt,
    bucket: store.container,
    key: snapshotKey(name),
  };
  const isFirst = await database.snapshots.begin(begun);
  const others = (await database.snapshots.withStatus('running')).filter(({ _id }) => _id !== name);
  if (isFirst && others.length === 0) return;
  if (isFirst) await database.snapshots.withdraw(name);
  throw new SnapshotUnderWayError(others[0]?._id ?? name);
}

async function storeDump(dependencies: SnapshotDependencies, name: string): Promise<StoredSnapshot> {
  const session = await openSnapshotSession(dependencies.database.connection);
  try {
    return await storeOnce(dependencies, name, session);
  } catch (error) {
    if (session === undefined || !isInstantGone(error)) throw error;
    dependencies.onWarning?.(
      'The database is too large to be read as of one instant; its collections are read one after the other',
      toError(error),
    );
    return await storeOnce(dependencies, name, undefined);
  } finally {
    await session?.endSession();
  }
}

async function storeOnce(
  { database, store, signal, onDocuments, onBytes }: SnapshotDependencies,
  name: string,
  session: Awaited<ReturnType<typeof openSnapshotSession>>,
): Promise<StoredSnapshot> {
  const connection: Connection = database.connection;
  const dump = dumpDatabase({
    connection,
    signal,
    ...(session === undefined ? {} : { session }),
    ...(onDocuments === undefined ? {} : { onDocuments }),
  });
  const { sizeBytes, sha256 } = await store.putStream(
    {
      name: snapshotKey(name),
      content: dump.chunks,
      contentType: 'application/gzip',
      metadata: { format: SNAPSHOT_FORMAT },
      // First the checksum, then the snapshot: one that can be seen can be verified.
      beforeVisible: async ({ sha256: digest }) => {
        await storeChecksum(store, name, digest, signal);
      },
    },
    { signal, ...(onBytes === undefined ? {} : { onBytes }) },
  );
  return { size: sizeBytes, sha256, ...dump.info() };
}

async function storeChecksum(
  store: MinioStore,
  name: string,
  sha256: string,
  signal: AbortSignal,
): Promise<void> {
  const text = Buffer.from(checksumText(sha256, name));
  const content = (async function* () {
    yield await Promise.resolve(text);
  })();
  await store.putStream(
    { name: checksumKey(name), content, contentType: 'text/plain', metadata: {} },
    { signal },
  );
}

async function log(
  dependencies: SnapshotDependencies,
  action: VersionLogAction,
  details: string,
): Promise<void> {
  try {
    await appendVersionLog(dependencies.versionLogFile, action, details);
  } catch (error) {
    dependencies.onWarning?.('The version log cannot be written', toError(error));
  }
}
