import { OperatorError } from '../domain/job-errors.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { ObjectMissingError } from '../storage/storage-errors.ts';
import {
  checksumKey,
  parseChecksumText,
  SNAPSHOT_DIRECTORY,
  snapshotKey,
  snapshotTime,
} from './snapshot-names.ts';

/** A snapshot as a store has it. */
export interface SnapshotObject {
  readonly name: string;
  readonly at: Date;
  readonly sizeBytes: number;
}

/** A checksum file is a line; what is much longer is none. */
const MAX_CHECKSUM_BYTES = 4096;

/** The snapshots in a store, newest first; empty without bucket or container. */
export async function listSnapshotObjects(
  store: ObjectStore,
  signal: AbortSignal,
): Promise<SnapshotObject[]> {
  const found: SnapshotObject[] = [];
  try {
    for await (const page of store.list(SNAPSHOT_DIRECTORY, signal)) {
      for (const { name: key, sizeBytes } of page) {
        const name = key.slice(SNAPSHOT_DIRECTORY.length);
        const at = snapshotTime(name);
        if (at !== undefined) found.push({ name, at, sizeBytes });
      }
    }
  } catch (error) {
    if (!(error instanceof OperatorError && error.errorClass === 'storage_missing')) throw error;
  }
  return found.sort((left, right) => right.at.getTime() - left.at.getTime());
}

/** The SHA-256 that was stored beside a snapshot; undefined when there is none that can be read. */
export async function readChecksum(
  store: ObjectStore,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { stream, info: info } = await store.openRead(checksumKey(name), { signal });
    if (info.sizeBytes > MAX_CHECKSUM_BYTES) {
      stream.destroy();
      return undefined;
    }
    const chunks = await Array.fromAsync(stream as AsyncIterable<Buffer>);
    return parseChecksumText(Buffer.concat(chunks).toString('utf8'), name);
  } catch (error) {
    if (error instanceof ObjectMissingError) return undefined;
    throw error;
  }
}

/** Opens the bytes of a snapshot. @throws ObjectMissingError when there is none of this name. */
export async function openSnapshot(
  store: ObjectStore,
  name: string,
  options: { readonly signal: AbortSignal; readonly onBytes?: (moved: number) => void },
): Promise<AsyncIterable<Buffer>> {
  const { stream } = await store.openRead(snapshotKey(name), options);
  return stream as AsyncIterable<Buffer>;
}

/** Removes a snapshot; safe to repeat. The checksum goes last: alone it is no snapshot. */
export async function removeSnapshot(store: ObjectStore, name: string, signal: AbortSignal): Promise<void> {
  await store.remove(snapshotKey(name), signal);
  await store.remove(checksumKey(name), signal);
}
