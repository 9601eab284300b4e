import type { Database } from '../database/database.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { ObjectMissingError } from '../storage/storage-errors.ts';
import { ArchiveError } from './archive-format.ts';
import { checkArchive, differencesOf, type CheckedArchive } from './check-archive.ts';
import { rehearseRestore } from './rehearse-restore.ts';
import { openSnapshot, readChecksum } from './snapshot-objects.ts';

/** `bytes`: size, SHA-256, every length, checksum and count. `restored`: also written into a scratch database. */
export type VerificationDepth = 'bytes' | 'restored';

/** What verifying a snapshot takes. */
export interface Verification {
  readonly database: Pick<Database, 'connection' | 'snapshots'>;
  readonly store: MinioStore;
  readonly depth: VerificationDepth;
  readonly signal: AbortSignal;
  /** Bytes read since the last call. */
  readonly onBytes?: (moved: number) => void;
}

/** What a verification found. */
export interface VerifiedSnapshot {
  readonly name: string;
  readonly depth: VerificationDepth;
  /** What is wrong; nothing, when the snapshot is good. */
  readonly problems: readonly string[];
  /** The archive, where it could be read to its end. */
  readonly found?: CheckedArchive;
}

/**
 * Reads a snapshot's stored bytes again and compares them with its record and with the checksum beside it. What was
 * found is recorded: a good one is verified from now on, one that is damaged no longer counts as verified.
 * @throws JobError when store or database fail; that says nothing of the snapshot and is not recorded.
 */
export async function verifySnapshot(verification: Verification, name: string): Promise<VerifiedSnapshot> {
  const { database, depth } = verification;
  const { problems, found } = await examine(verification, name);
  if (found !== undefined && problems.length === 0) {
    const { collections, sizeBytes: size, sha256 } = found;
    await database.snapshots.markVerified(name, depth, { collections, size, sha256 }, new Date());
  } else {
    await database.snapshots.markDamaged(name, problems.join(' '));
  }
  return { name, depth, problems, ...(found === undefined ? {} : { found }) };
}

async function examine(
  { database, store, depth, signal, onBytes }: Verification,
  name: string,
): Promise<{ problems: readonly string[]; found?: CheckedArchive }> {
  const record = await database.snapshots.find(name);
  const checksum = await readChecksum(store, name, signal);
  try {
    const source = await openSnapshot(store, name, { signal, ...(onBytes === undefined ? {} : { onBytes }) });
    const { found, problems } =
      depth === 'restored'
        ? await rehearseRestore(database.connection, source, signal)
        : { found: await checkArchive(source), problems: [] };
    const expected = {
      sizeBytes: record?.size ?? undefined,
      sha256: record?.sha256 ?? undefined,
      // One that was found in the bucket has no counts of its own yet.
      collections: record === undefined || record.collections.length === 0 ? undefined : record.collections,
    };
    const differences = differencesOf(found, expected);
    if (checksum === undefined) differences.push('The checksum beside it is missing or not its own.');
    else if (checksum !== found.sha256) differences.push('The checksum beside it is another one.');
    return { found, problems: [...differences, ...problems] };
  } catch (error) {
    if (error instanceof ArchiveError) return { problems: [error.message] };
    if (error instanceof ObjectMissingError)
      return { problems: [`It is not in the bucket ${store.container}.`] };
    throw error;
  }
}
