import { TransientError } from '../domain/job-errors.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import type { PutBlob } from '../storage/azure-put-blob.ts';
import { checksumStream } from '../storage/checksums.ts';
import { portableMetadataKey } from '../storage/metadata.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { ObjectInfo, OpenObject, TransferOptions } from '../storage/object-store.ts';
import { ObjectChangedError } from '../storage/storage-errors.ts';

/** The result of one copy. */
export interface CopyResult {
  /** `equal`: the blob already had the same content and nothing was sent. */
  readonly outcome: 'copied' | 'equal';
  readonly container: string;
  readonly name: string;
  /** Of the blob. */
  readonly etag: string;
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly md5: string;
}

export interface CopyOptions extends TransferOptions {
  /** The blob as just listed; `null` when it does not exist. Left out: it is looked up. */
  readonly seen?: ObjectInfo | null;
}

/** Each time someone else writes the object or the blob during the copy, it starts again. */
const MAX_ATTEMPTS = 4;

/**
 * Makes the blob of this name equal to the object. The object is streamed into one checked write, on the condition that
 * the blob is still the version seen before. This is correct with two copies at once, after a lost response, and when the
 * object changes meanwhile.
 * @throws ObjectMissingError when the object is not in the bucket; any JobError of the stores.
 */
export async function copyObject(
  source: MinioStore,
  target: AzureBlobStore,
  name: string,
  options: CopyOptions,
): Promise<CopyResult> {
  let seen = options.seen;
  for (let attempt = 1; ; attempt += 1) {
    // Before the object is opened: a connection should not wait with its body half read.
    if (seen === undefined) seen = (await target.stat(name, options.signal)) ?? null;
    try {
      return await copyOver(seen, { source, target, name, options });
    } catch (error) {
      if (!(error instanceof ObjectChangedError) || attempt >= MAX_ATTEMPTS) throw error;
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
    const { info } = first;
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
    const { etag } = await target.putBlob(name, createOpener(source, first), put, options);
    return { ...result, outcome: 'copied', etag };
  } finally {
    first.stream.destroy();
  }
}

/** Opens the content for each attempt: first the stream that is open already, then new ones of the same version. */
function createOpener(source: MinioStore, first: OpenObject) {
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

/** For objects of other programs, which have no MD5 in their metadata; Azure needs it before the content. */
async function computeMd5(source: MinioStore, info: ObjectInfo, signal: AbortSignal): Promise<string> {
  const { stream } = await source.openRead(info.name, { signal, ifMatch: info.etag });
  const { md5, sizeBytes } = await checksumStream(stream as AsyncIterable<Buffer>, signal);
  if (sizeBytes !== info.sizeBytes) {
    throw new TransientError('storage_mismatch', `${info.name} does not have the size that MinIO reported.`);
  }
  return md5;
}

/** First what the next comparison uses, then the metadata of the object. */
function mirrorMetadata(info: ObjectInfo, md5: string): Record<string, string> {
  // A Map, since other programs choose the keys, `constructor` and `__proto__` too.
  const metadata = new Map([
    ['srcetag', info.etag],
    ['srcsize', String(info.sizeBytes)],
    ['md5', md5],
  ]);
  for (const [key, value] of Object.entries(info.metadata ?? {})) {
    const portable = portableMetadataKey(key);
    if (!metadata.has(portable)) metadata.set(portable, value);
  }
  return Object.fromEntries(metadata);
}

/** Records the version of the object at a blob that is already equal, so that the next plan needs no copy. */
async function refreshMetadata(
  seen: ObjectInfo,
  metadata: Readonly<Record<string, string>>,
  copy: Copy,
): Promise<string> {
  const known = seen.metadata ?? {};
  if (known['srcetag'] === metadata['srcetag'] && known['srcsize'] === metadata['srcsize']) return seen.etag;
  // Other metadata of the blob are kept; they come last and are cut first.
  const kept = Object.fromEntries(
    Object.entries(known).map(([key, value]) => [portableMetadataKey(key), value]),
  );
  const options = { signal: copy.options.signal, etag: seen.etag };
  const { etag } = await copy.target.setMetadata(seen.name, { ...metadata, ...kept, ...metadata }, options);
  return etag;
}
