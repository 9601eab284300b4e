import { TransientError } from '../domain/job-errors.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import type { PutBlob } from '../storage/azure-put-blob.ts';
import { checksumStream } from '../storage/checksums.ts';
import { portableMetadataKey } from '../storage/metadata.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { ObjectInfo, OpenObject, TransferOptions } from '../storage/object-store.ts';
import { ObjectChangedError } from '../storage/storage-errors.ts';

/** The end of one copy. Checksums in hexadecimal. */
export interface CopyResult {
  /** `equal`: the same content was there already and nothing was sent. */
  readonly outcome: 'copied' | 'equal';
  readonly container: string;
  readonly name: string;
  /** Of the blob. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly md5: string;
}

/** What a copy may know beforehand. */
export interface CopyOptions extends TransferOptions {
  /** The blob as a listing has just shown it; `null` when there is none. Left out: it is looked up. */
  readonly seen?: ObjectInfo | null;
}

/** How often a copy begins anew because somebody wrote one of the two ends meanwhile. */
const MAX_LOOKS = 4;

/**
 * Makes the blob of this name equal to the object: the object is streamed into one checked write that only goes
 * through over what was seen before, so that two copies at once, a lost answer or a changed source end well.
 * @throws ObjectMissingError when the object is not in the bucket; any JobError of the stores.
 */
export async function copyObject(
  source: MinioStore,
  target: AzureBlobStore,
  name: string,
  options: CopyOptions,
): Promise<CopyResult> {
  let seen = options.seen;
  for (let look = 1; ; look += 1) {
    // The blob is looked up before the object is opened: a connection should not wait with its body half read.
    if (seen === undefined) seen = (await target.stat(name, options.signal)) ?? null;
    try {
      return await copyOver(seen, { source, target, name, options });
    } catch (error) {
      if (!(error instanceof ObjectChangedError) || look >= MAX_LOOKS) throw error;
      seen = undefined;
    }
  }
}

interface Copy {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
  readonly name: string;
  readonly options: CopyOptions;
}

async function copyOver(seen: ObjectInfo | null, copy: Copy): Promise<CopyResult> {
  const { source, target, name, options } = copy;
  const { signal } = options;
  const first = await source.openRead(name, { signal });
  try {
    const { info: info } = first;
    const md5 = info.md5 ?? (await computeMd5(source, info, signal));
    const result = { container: target.container, name, sizeBytes: info.sizeBytes, md5 };
    const metadata = mirrorMetadata(info, md5);
    if (seen?.sizeBytes === info.sizeBytes && seen.md5 === md5) {
      const etag = await refreshMetadata(seen, metadata, copy);
      return { ...result, outcome: 'equal', etag };
    }
    const put: PutBlob = {
      sizeBytes: info.sizeBytes,
      md5,
      contentType: info.contentType ?? 'application/octet-stream',
      metadata,
      condition: seen === null ? 'absent' : { etag: seen.etag },
    };
    const { etag } = await target.putBlob(name, sourceOf(source, first), put, options);
    return { ...result, outcome: 'copied', etag };
  } finally {
    first.stream.destroy();
  }
}

/** The stream that is open already for the first attempt, a new one of the same version for each other. */
function sourceOf(source: MinioStore, first: OpenObject) {
  let isFirst = true;
  return async (signal: AbortSignal) => {
    if (isFirst && !first.stream.destroyed) {
      isFirst = false;
      return first.stream;
    }
    const { name, etag } = first.info;
    return (await source.openRead(name, { signal, ifMatch: etag })).stream;
  };
}

/** Objects that another program wrote say nothing of their MD5; Azure wants it before the content. */
async function computeMd5(source: MinioStore, info: ObjectInfo, signal: AbortSignal): Promise<string> {
  const { stream } = await source.openRead(info.name, { signal, ifMatch: info.etag });
  const { md5, sizeBytes } = await checksumStream(stream as AsyncIterable<Buffer>, signal);
  if (sizeBytes !== info.sizeBytes) {
    throw new TransientError('storage_mismatch', `${info.name} has another size than MinIO says.`);
  }
  return md5;
}

/** What the next comparison goes by, first; then all that the object carries. */
function mirrorMetadata(info: ObjectInfo, md5: string): Record<string, string> {
  const metadata: Record<string, string> = { srcetag: info.etag, srcsize: String(info.sizeBytes), md5 };
  for (const [key, value] of Object.entries(info.metadata ?? {})) {
    metadata[portableMetadataKey(key)] ??= value;
  }
  return metadata;
}

/** Notes the object's version at a blob that is equal already, so that the next plan sees it without a copy. */
async function refreshMetadata(
  seen: ObjectInfo,
  metadata: Readonly<Record<string, string>>,
  copy: Copy,
): Promise<string> {
  const known = seen.metadata ?? {};
  if (known['srcetag'] === metadata['srcetag'] && known['srcsize'] === metadata['srcsize']) return seen.etag;
  // What the blob says of itself beside its source is not ours to remove; put last, it gives way for lack of room.
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(known)) kept[portableMetadataKey(key)] = value;
  const options = { signal: copy.options.signal, etag: seen.etag };
  const { etag } = await copy.target.setMetadata(seen.name, { ...metadata, ...kept, ...metadata }, options);
  return etag;
}
