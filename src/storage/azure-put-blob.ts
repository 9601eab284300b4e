import type { Readable } from 'node:stream';
import type { BlobHTTPHeaders, BlockBlobClient } from '@azure/storage-blob';
import type { Watchdog } from '../runtime/deadline.ts';
import { TransientError } from '../domain/job-errors.ts';
import { putInBlocks } from './azure-blocks.ts';
import { azureToJobError } from './azure-errors.ts';
import { withoutQuotes } from './etags.ts';
import { measureStream } from './measured-stream.ts';
import { encodeMetadata, type MetadataLimits } from './metadata.ts';
import type { TransferOptions } from './object-store.ts';

/** What a blob is to be. Headers and metadata are replaced as a whole by every write. */
export interface PutBlob {
  readonly sizeBytes: number;
  /** Hexadecimal; the service checks it. */
  readonly md5: string;
  readonly contentType: string;
  /** Plain values; they are encoded here. */
  readonly metadata: Readonly<Record<string, string | undefined>>;
  /** `absent`: only if there is none yet; otherwise only over the version with this ETag. */
  readonly condition?: 'absent' | { readonly etag: string };
}

/** Opens the content of a blob anew; called once for each attempt. */
export type OpenSource = (signal: AbortSignal) => Promise<Readable>;

/** Sizes that tests make smaller. */
export interface BlockLimits {
  /** Put Blob takes at most 5000 MiB (learn.microsoft.com/rest/api/storageservices/put-blob). */
  readonly singlePutBytes: number;
  /** At most 50,000 blocks make a blob; each is held in memory. */
  readonly blockBytes: number;
}

/** Sizes for real use. */
export const BLOCKS: BlockLimits = { singlePutBytes: 5000 * 1024 ** 2, blockBytes: 16 * 1024 ** 2 };
/** Azure takes 8 KiB; room is left for names and counting of its own. */
export const METADATA: MetadataLimits = { valueBytes: 1024, totalBytes: 7000 };

/**
 * One attempt to write a blob.
 * @param transfer `watchdog` is told of every byte and ends the attempt.
 * @throws JobError; that of the source when it is the source that fails.
 */
export async function putOnce(
  blob: BlockBlobClient,
  openSource: OpenSource,
  put: PutBlob,
  transfer: {
    what: string;
    watchdog: Watchdog;
    blocks: BlockLimits;
    onBytes: TransferOptions['onBytes'];
  },
): Promise<{ etag: string }> {
  const { what, watchdog, blocks, onBytes } = transfer;
  const sourceFailed = new AbortController();
  const abortSignal = AbortSignal.any([watchdog.signal, sourceFailed.signal]);
  const source = await openSource(watchdog.signal);
  const body = measureStream(source, {
    expectedBytes: put.sizeBytes,
    what,
    onBytes: (moved) => {
      watchdog.moved();
      onBytes?.(moved);
    },
  });
  // The SDK makes one failure of sending of all errors of the body; older ones wait for its rest for ever.
  body.on('error', (error) => {
    sourceFailed.abort(error);
  });
  const write = {
    abortSignal,
    blobHTTPHeaders: {
      blobContentMD5: Buffer.from(put.md5, 'hex'),
      blobContentType: put.contentType,
    } satisfies BlobHTTPHeaders,
    metadata: encodeMetadata(put.metadata, METADATA),
    conditions: conditionsOf(put),
  };
  try {
    if (put.sizeBytes > blocks.singlePutBytes) {
      return await putInBlocks(blob, body, { ...put, ...write, blockBytes: blocks.blockBytes, what });
    }
    const response = await blob.upload(() => body, put.sizeBytes, write);
    const storedMd5 = response.contentMD5 && Buffer.from(response.contentMD5).toString('hex');
    if (storedMd5 !== undefined && storedMd5 !== put.md5) {
      throw new TransientError('storage_mismatch', `${what}: the service stored another content.`);
    }
    return { etag: withoutQuotes(response.etag ?? '') };
  } catch (error) {
    const cause: unknown = sourceFailed.signal.aborted ? sourceFailed.signal.reason : error;
    throw azureToJobError(cause, watchdog.signal, what);
  } finally {
    body.destroy();
  }
}

function conditionsOf(put: PutBlob): { ifNoneMatch?: string; ifMatch?: string } {
  if (put.condition === undefined) return {};
  return put.condition === 'absent' ? { ifNoneMatch: '*' } : { ifMatch: `"${put.condition.etag}"` };
}
