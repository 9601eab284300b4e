import { text } from 'node:stream/consumers';
import { copyObject } from '../mirror/copy-object.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { ObjectStore, TransferOptions } from '../storage/object-store.ts';
import { emptyIfContainerMissing, undefinedIfMissing } from '../storage/storage-errors.ts';
import {
  checksumKey,
  parseChecksumText,
  SNAPSHOT_DIRECTORY,
  snapshotKey,
  snapshotTime,
} from './snapshot-names.ts';

/** A checksum file is one line; longer objects are not read. */
const MAX_CHECKSUM_BYTES = 4096;

/** The snapshots in a store, newest first; empty when the bucket or container does not exist. */
export async function listSnapshotObjects(store: ObjectStore, signal: AbortSignal) {
  const found: { readonly name: string; readonly at: Date; readonly sizeBytes: number }[] = [];
  for await (const page of emptyIfContainerMissing(store.list(SNAPSHOT_DIRECTORY, signal))) {
    for (const { name: key, sizeBytes } of page) {
      const name = key.slice(SNAPSHOT_DIRECTORY.length);
      const at = snapshotTime(name);
      if (at !== undefined) found.push({ name, at, sizeBytes });
    }
  }
  return found.sort((left, right) => right.at.getTime() - left.at.getTime());
}

/** The SHA-256 that is stored beside a snapshot; undefined when it is missing or invalid. */
export async function readChecksum(
  store: ObjectStore,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const opened = await undefinedIfMissing(store.openRead(checksumKey(name), { signal }));
  if (opened === undefined) return undefined;
  const { stream, info } = opened;
  if (info.sizeBytes > MAX_CHECKSUM_BYTES) {
    stream.destroy();
    return undefined;
  }
  return parseChecksumText(await text(stream), name);
}

/** @throws ObjectMissingError when there is no such snapshot. */
export async function openSnapshot(
  store: ObjectStore,
  name: string,
  options: TransferOptions,
): Promise<AsyncIterable<Buffer>> {
  const { stream } = await store.openRead(snapshotKey(name), options);
  return stream as AsyncIterable<Buffer>;
}

/** Copies a snapshot and its checksum to Azure with the checks of the mirror; equal objects are not copied again. */
export async function mirrorSnapshot(
  { source, target }: { readonly source: MinioStore; readonly target: AzureBlobStore },
  name: string,
  options: TransferOptions,
): Promise<void> {
  await target.ensureContainer(options.signal);
  for (const key of [checksumKey(name), snapshotKey(name)]) await copyObject(source, target, key, options);
}

/** Removes a snapshot; safe to repeat. The checksum goes last, as it does not count as a snapshot by itself. */
export async function removeSnapshot(store: ObjectStore, name: string, signal: AbortSignal): Promise<void> {
  await store.remove(snapshotKey(name), signal);
  await store.remove(checksumKey(name), signal);
}
