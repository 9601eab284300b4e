import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { checksumFile } from '../storage/checksums.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { ObjectInfo, ObjectStore, OpenObject } from '../storage/object-store.ts';
import { ObjectChangedError, ObjectMissingError } from '../storage/storage-errors.ts';

/** What an object was, by the record; checksums in hexadecimal. */
export interface LostObject {
  readonly name: string;
  readonly sizeBytes: number;
  readonly md5: string;
  readonly sha256: string;
}

/** What the mirror adds for itself. */
const MIRROR_KEYS = new Set(['srcetag', 'srcsize']);

/**
 * Brings an object that the bucket lost back from its mirror. The blob is taken only when it is what the record says,
 * byte for byte; MinIO compares once more when it is stored. Safe to repeat.
 * @param workFile a file of the caller's own that does not exist yet; it is removed again.
 * @returns the object as it is in the bucket now; undefined when the mirror has no such blob or another one.
 * @throws JobError of the stores, SystemError of the file system.
 */
export async function restoreObject(
  mirror: Pick<ObjectStore, 'openRead'>,
  bucket: Pick<MinioStore, 'putFile'>,
  lost: LostObject,
  options: { readonly workFile: string; readonly signal: AbortSignal },
): Promise<ObjectInfo | undefined> {
  const { workFile, signal } = options;
  const blob = await openIfThere(mirror, lost.name, signal);
  if (blob === undefined) return undefined;
  try {
    if (blob.info.sizeBytes !== lost.sizeBytes) return undefined;
    await pipeline(blob.stream, createWriteStream(workFile, { flags: 'wx' }), { signal });
    const { md5, sha256, sizeBytes } = await checksumFile(workFile, { signal });
    if (md5 !== lost.md5 || sha256 !== lost.sha256 || sizeBytes !== lost.sizeBytes) return undefined;
    const metadata = Object.fromEntries(
      Object.entries(blob.info.metadata ?? {}).filter(([key]) => !MIRROR_KEYS.has(key)),
    );
    const contentType = blob.info.contentType ?? 'application/octet-stream';
    return await bucket.putFile({ ...lost, file: workFile, contentType, metadata }, { signal });
  } finally {
    blob.stream.destroy();
    await rm(workFile, { force: true });
  }
}

async function openIfThere(
  mirror: Pick<ObjectStore, 'openRead'>,
  name: string,
  signal: AbortSignal,
): Promise<OpenObject | undefined> {
  try {
    return await mirror.openRead(name, { signal });
  } catch (error) {
    if (error instanceof ObjectMissingError || error instanceof ObjectChangedError) return undefined;
    throw error;
  }
}
