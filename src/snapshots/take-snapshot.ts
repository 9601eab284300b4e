import { Readable } from 'node:stream';
import type { Database } from '../database/database.ts';
import type { StoredSnapshot } from '../database/snapshot-repository.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { OperatorError, TransientError, toError } from '../domain/job-errors.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { appendVersionLog, type VersionLogAction } from '../reports/version-log.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { dumpDatabase, isSnapshotExpired, openSnapshotSession } from './dump-database.ts';
import { reconcileRecords } from './reconcile-records.ts';
import { checksumKey, checksumText, SNAPSHOT_FORMAT, snapshotKey, snapshotName } from './snapshot-names.ts';

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
  /** Called for problems that do not stop the snapshot. */
  readonly onWarning?: (message: string, error: Error) => void;
}

/** How often a running snapshot is marked as alive; `reconcileRecords` relies on it. */
const ALIVE_EVERY_MS = 15_000;

/** Another process is making a snapshot, or died while it did less than 90 seconds ago. */
export class SnapshotInProgressError extends TransientError {
  constructor(name: string) {
    super('unknown', `Another snapshot is being made (${name}).`);
  }
}

/**
 * Streams a snapshot of all collections into the bucket, where it appears when it is complete.
 * @param note for its record and the version log.
 * @throws SnapshotInProgressError when another snapshot is being made; any JobError of the store or the database. A
 *   failed snapshot is recorded with its error.
 */
export async function takeSnapshot(
  dependencies: SnapshotDependencies,
  note: string,
): Promise<StoredSnapshot & { readonly name: string }> {
  const { database, store, signal } = dependencies;
  const now = dependencies.now ?? (() => new Date());
  await store.ensureContainer(signal);
  await reconcileRecords({ snapshots: database.snapshots, store, signal, at: now() });
  const startedAt = now();
  const name = snapshotName(startedAt);
  await recordStart(dependencies, name, startedAt);
  const alive = setInterval(() => {
    // One missed update has no consequence, and without the database the snapshot fails anyway.
    void database.snapshots.keepAlive(name, now()).catch(() => undefined);
  }, ALIVE_EVERY_MS);
  try {
    const stored = { ...(await storeDump(dependencies, name)), note };
    await database.snapshots.markStored(name, stored, now());
    await log(dependencies, 'MONGO_SNAPSHOT', `${name} — ${note}`);
    return { ...stored, name };
  } catch (thrown) {
    // Not a failure; the next attempt makes a snapshot with a new name.
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
 * Records the start. A process that then sees another running snapshot withdraws its own, so that there are never two;
 * when two start at the same moment, both may withdraw, and the next attempt makes the snapshot.
 */
async function recordStart(
  { database, store }: SnapshotDependencies,
  name: string,
  startedAt: Date,
): Promise<void> {
  const isFirst = await database.snapshots.begin({
    _id: name,
    format: SNAPSHOT_FORMAT,
    started_at: startedAt,
    bucket: store.container,
    key: snapshotKey(name),
  });
  const others = (await database.snapshots.withStatus('running')).filter(({ _id }) => _id !== name);
  if (isFirst && others.length === 0) return;
  if (isFirst) await database.snapshots.withdraw(name);
  throw new SnapshotInProgressError(others[0]?._id ?? name);
}

async function storeDump(dependencies: SnapshotDependencies, name: string): Promise<StoredSnapshot> {
  const session = await openSnapshotSession(dependencies.database.connection);
  try {
    return await storeDumpOnce(dependencies, name, session);
  } catch (error) {
    if (session === undefined || !isSnapshotExpired(error)) throw error;
    dependencies.onWarning?.(
      'The database is too large to read it as of one instant; the collections are read one after the other',
      toError(error),
    );
    return await storeDumpOnce(dependencies, name, undefined);
  } finally {
    await session?.endSession();
  }
}

async function storeDumpOnce(
  { database, store, signal, onDocuments, onBytes }: SnapshotDependencies,
  name: string,
  session: Awaited<ReturnType<typeof openSnapshotSession>>,
): Promise<StoredSnapshot> {
  const dump = dumpDatabase({ connection: database.connection, signal, session, onDocuments });
  const { sizeBytes, sha256 } = await store.putStream(
    {
      name: snapshotKey(name),
      content: dump.chunks,
      contentType: 'application/gzip',
      metadata: { format: SNAPSHOT_FORMAT },
      // First the checksum, so that every visible snapshot can be verified.
      beforeVisible: ({ sha256: digest }) => storeChecksum(store, name, digest, signal),
    },
    definedFields({ signal, onBytes }),
  );
  return { size: sizeBytes, sha256, ...dump.info() };
}

async function storeChecksum(
  store: MinioStore,
  name: string,
  sha256: string,
  signal: AbortSignal,
): Promise<void> {
  const content = Readable.from([Buffer.from(checksumText(sha256, name))]) as AsyncIterable<Buffer>;
  const put = { name: checksumKey(name), content, contentType: 'text/plain', metadata: {} };
  await store.putStream(put, { signal });
}

async function log(
  dependencies: SnapshotDependencies,
  action: VersionLogAction,
  details: string,
): Promise<void> {
  await appendVersionLog(dependencies.versionLogFile, action, details, (error) => {
    dependencies.onWarning?.('The version log could not be written', error);
  });
}
