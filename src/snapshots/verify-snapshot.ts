import type { Database } from '../database/database.ts';
import { definedFields } from '../domain/defined-fields.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { ObjectMissingError } from '../storage/storage-errors.ts';
import { ArchiveError } from './archive-format.ts';
import { checkArchive, differencesOf, type CheckedArchive } from './check-archive.ts';
import { openSnapshot, readChecksum } from './snapshot-objects.ts';
import { trialRestore } from './trial-restore.ts';

/** `bytes`: size, SHA-256, all lengths, checksums and counts. `restored`: also a trial restore. */
export type VerificationDepth = 'bytes' | 'restored';

export interface VerifyOptions {
  readonly database: Pick<Database, 'connection' | 'snapshots'>;
  readonly store: MinioStore;
  readonly depth: VerificationDepth;
  readonly signal: AbortSignal;
  /** Bytes read since the last call. */
  readonly onBytes?: (moved: number) => void;
}

interface VerifiedSnapshot {
  /** What is wrong; empty when the snapshot is good. */
  readonly problems: readonly string[];
  /** Undefined when the archive could not be read to its end. */
  readonly found: CheckedArchive | undefined;
}

/**
 * Reads a snapshot's stored bytes again, compares them with its record and its checksum file, and records the result:
 * a snapshot found damaged no longer counts as verified.
 * @throws JobError when the store or the database fails; then nothing is recorded.
 */
export async function verifySnapshot(options: VerifyOptions, name: string): Promise<VerifiedSnapshot> {
  const { database, depth } = options;
  const { problems, found } = await examine(options, name);
  if (found !== undefined && problems.length === 0) {
    const { collections, sizeBytes: size, sha256 } = found;
    await database.snapshots.markVerified(name, depth, { collections, size, sha256 }, new Date());
  } else {
    await database.snapshots.markDamaged(name, problems.join(' '));
  }
  return { problems, found };
}

async function examine(
  { database, store, depth, signal, onBytes }: VerifyOptions,
  name: string,
): Promise<VerifiedSnapshot> {
  const record = await database.snapshots.findById(name);
  const checksum = await readChecksum(store, name, signal);
  try {
    const source = await openSnapshot(store, name, definedFields({ signal, onBytes }));
    const { found, problems } =
      depth === 'restored'
        ? await trialRestore(database.connection, source, signal)
        : { found: await checkArchive(source), problems: [] };
    const expected = {
      sizeBytes: record?.size ?? undefined,
      sha256: record?.sha256 ?? undefined,
      // A snapshot that was found in the bucket has no counts yet.
      collections: record === undefined || record.collections.length === 0 ? undefined : record.collections,
    };
    const differences = differencesOf(found, expected);
    if (checksum === undefined) differences.push('Its checksum file is missing or invalid.');
    else if (checksum !== found.sha256) differences.push('Its checksum file has another SHA-256.');
    return { found, problems: [...differences, ...problems] };
  } catch (error) {
    if (error instanceof ArchiveError) return { problems: [error.message], found: undefined };
    if (error instanceof ObjectMissingError) {
      return { problems: [`The snapshot is not in the bucket ${store.container}.`], found: undefined };
    }
    throw error;
  }
}
