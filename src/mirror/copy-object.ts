import { definedFields } from '../domain/defined-fields.ts';
import { PermanentError, TransientError } from '../domain/job-errors.ts';
import { pause } from '../runtime/deadline.ts';
import type { AzureBlobStore } from '../storage/azure-blob-store.ts';
import type { AccessTier, PutBlob } from '../storage/azure-put-blob.ts';
import type { Bandwidth } from '../storage/bandwidth.ts';
import { checksumStream } from '../storage/checksums.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { ObjectInfo, OpenContent, TransferOptions } from '../storage/object-store.ts';
import { ObjectChangedError, UnavailableError } from '../storage/storage-errors.ts';
import { abandon, reopenable } from './copy-content.ts';
import { mirrorMetadata, refreshedMetadata } from './copy-metadata.ts';
import { md5OfEtag } from './is-mirrored.ts';

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

/** How all copies are made. */
export interface CopySettings {
  /** Left out: that of the account. */
  readonly accessTier?: AccessTier;
  /** Shared by all copies; left out: no limit. */
  readonly bandwidth?: Bandwidth;
}

export interface CopyOptions extends TransferOptions, CopySettings {
  /** The blob as just listed; `null` when it does not exist. Left out: it is looked up. */
  readonly seen?: ObjectInfo | null;
  /** The object as just read; it is closed by the end. Left out, and after a failure: it is read. */
  readonly opened?: OpenContent;
  /** Writes the blob even if it seems equal, as when its content was found damaged. */
  readonly force?: boolean;
  /** Called when an attempt failed and another follows. */
  readonly onRetry?: (error: unknown) => void;
  /** Called when a store asked for fewer requests, also when the request is repeated and succeeds. */
  readonly onThrottled?: () => void;
}

/** Each time someone else writes the object or the blob during the copy, it starts again. */
const MAX_CHANGES = 4;
/** Of attempts that ended with damaged data or an unavailable store; each request in them is repeated as well. */
const MAX_FAILURES = 4;
const FIRST_DELAY_MS = 300;

/**
 * Makes the blob of this name equal to the object. The object is streamed into one checked write, on the condition that
 * the blob is still the version seen before. This is correct with two copies at once, after a lost response, and when the
 * object changes meanwhile. Data that arrives damaged is read and sent again.
 * @throws ObjectMissingError when the object is not in the bucket; any JobError of the stores.
 */
export async function copyObject(
  source: MinioStore,
  target: AzureBlobStore,
  name: string,
  options: CopyOptions,
): Promise<CopyResult> {
  const { signal, onRetry } = options;
  let { seen, opened } = options;
  let changes = 0;
  let failures = 0;
  let trustEtag = true;
  for (;;) {
    try {
      // Before the object is opened: a connection should not wait with its body half read.
      if (seen === undefined) seen = (await target.stat(name, signal)) ?? null;
      // Until it is another version: after a lost answer, that is the one written here.
      const isForced = options.force === true && seen?.etag === options.seen?.etag;
      return await copyOver(seen, { source, target, name, options, opened, trustEtag, isForced });
    } catch (error) {
      opened = undefined;
      if (error instanceof ObjectChangedError) changes += 1;
      else if (isTemporary(error)) failures += 1;
      else throw error;
      if (changes >= MAX_CHANGES || failures >= MAX_FAILURES || signal.aborted) throw error;
      onRetry?.(error);
      // Damaged in transit; or the ETag is not the MD5 that it looks like.
      if (isMismatch(error)) trustEtag = false;
      // It may have been written although the answer said otherwise, or did not come.
      seen = undefined;
      if (failures > 0) await pause(Math.random() * FIRST_DELAY_MS * 2 ** failures, signal);
    }
  }
}

/** A store that asks for a long pause is left to the queue, or to the next pass. */
function isTemporary(error: unknown): boolean {
  return error instanceof UnavailableError ? !error.asksForLongPause : isMismatch(error);
}

function isMismatch(error: unknown): boolean {
  return error instanceof TransientError && error.errorClass === 'storage_mismatch';
}

interface Copy {
  readonly source: MinioStore;
  readonly target: AzureBlobStore;
  readonly name: string;
  readonly options: CopyOptions;
  readonly opened: OpenContent | undefined;
  /** Whether an ETag that looks like an MD5 is taken for one. */
  readonly trustEtag: boolean;
  readonly isForced: boolean;
}

async function copyOver(seen: ObjectInfo | null, copy: Copy): Promise<CopyResult> {
  const { source, target, name, options } = copy;
  const { signal, onThrottled, accessTier } = options;
  const first =
    copy.opened ?? (await source.openContent(name, { signal, ...definedFields({ onThrottled }) }));
  try {
    const { info } = first;
    const listedMd5 = info.md5 ?? (copy.trustEtag ? md5OfEtag(info.etag) : undefined);
    const md5 = listedMd5 ?? (await computeMd5(source, info, signal));
    const result = { container: target.container, name, sizeBytes: info.sizeBytes, md5 };
    const metadata = mirrorMetadata(info, md5);
    if (!copy.isForced && seen?.sizeBytes === info.sizeBytes && seen.md5 === md5) {
      const refreshed = refreshedMetadata(seen, metadata);
      if (refreshed === undefined) return { ...result, outcome: 'equal', etag: seen.etag };
      const etag = await noteVersion(seen, refreshed, copy);
      return { ...result, outcome: 'equal', etag };
    }
    const put: PutBlob = {
      sizeBytes: info.sizeBytes,
      md5,
      contentType: info.contentType ?? 'application/octet-stream',
      metadata,
      condition: seen === null ? 'absent' : { etag: seen.etag },
      accessTier,
    };
    const { etag } = await target.putBlob(name, reopenable(source, first), put, options);
    return { ...result, outcome: 'copied', etag };
  } finally {
    abandon(first);
  }
}

/** @returns the ETag of the blob */
async function noteVersion(
  seen: ObjectInfo,
  metadata: PutBlob['metadata'],
  { target, options: { signal } }: Copy,
): Promise<string> {
  try {
    return (await target.setMetadata(seen.name, metadata, { signal, etag: seen.etag })).etag;
  } catch (error) {
    // The content is equal all the same.
    if (error instanceof PermanentError && error.errorClass === 'blob_archived') return seen.etag;
    throw error;
  }
}

/** For objects whose MD5 nothing tells; Azure needs it before the content. */
async function computeMd5(source: MinioStore, info: ObjectInfo, signal: AbortSignal): Promise<string> {
  const { stream } = await source.openRead(info.name, { signal, ifMatch: info.etag });
  const { md5, sizeBytes } = await checksumStream(stream as AsyncIterable<Buffer>, signal);
  if (sizeBytes !== info.sizeBytes) {
    throw new TransientError('storage_mismatch', `${info.name} does not have the size that MinIO reported.`);
  }
  return md5;
}
