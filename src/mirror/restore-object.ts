import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { checksumFile, type Checksums } from '../storage/checksums.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts';
import { undefinedIfMissing } from '../storage/storage-errors.ts';

/** A lost object as MongoDB describes it. */
export interface LostObject extends Checksums {
  readonly name: string;
}

/** The metadata keys that the mirror adds to a blob. */
export const MIRROR_KEYS: ReadonlySet<string> = new Set(['srcetag', 'srcsize']);

/**
 * Restores an object that the bucket lost from its mirror. The blob is used only when its size and checksums are those of
 * the record; MinIO compares them once more when it stores the object. Safe to repeat.
 * @param options.workFile a path that does not exist yet; the file is removed again.
 * @returns the restored object; undefined when the mirror does not have the blob or has another one.
 * @throws JobError of the stores, SystemError of the file system.
 */
export async function restoreObject(
  mirror: Pick<ObjectStore, 'openRead'>,
  bucket: Pick<MinioStore, 'putFile'>,
  lost: LostObject,
  options: { readonly workFile: string; readonly signal: AbortSignal },
): Promise<ObjectInfo | undefined> {
  const { workFile, signal } = options;
  const blob = await undefinedIfMissing(mirror.openRead(lost.name, { signal }));
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
