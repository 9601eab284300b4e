import type { Readable } from 'node:stream';
import type { BlockBlobClient } from '@azure/storage-blob';
import { TransientError } from '../domain/job-errors.ts';
import type { Deadline } from '../runtime/deadline.ts';
import { putInBlocks } from './azure-blocks.ts';
import { azureToJobError } from './azure-errors.ts';
import { measureStream, reportBytes } from './measured-stream.ts';
import { encodeMetadata, type MetadataLimits, type PlainMetadata } from './metadata.ts';
import { unquoteEtag } from './object-info.ts';
import type { TransferOptions } from './object-store.ts';

/** A blob to be written. Every write replaces all headers and metadata. */
export interface PutBlob {
  readonly sizeBytes: number;
  /** Hexadecimal; the service checks it. */
  readonly md5: string;
  readonly contentType: string;
  readonly metadata: PlainMetadata;
  /** `absent`: only when no blob has the name; `etag`: only over this version. */
  readonly condition?: 'absent' | { readonly etag: string };
}

/** Opens the content of a blob from its start; called once for each attempt. */
export type OpenSource = (signal: AbortSignal) => Promise<Readable>;

/** Tests use smaller ones. */
export const DEFAULT_BLOCK_LIMITS = {
  /** Put Blob takes at most 5000 MiB (learn.microsoft.com/rest/api/storageservices/put-blob). */
  singlePutBytes: 5000 * 1024 ** 2,
  /** At most 50,000 blocks make a blob; each is held in memory. */
  blockBytes: 16 * 1024 ** 2,
};
export type BlockLimits = Readonly<typeof DEFAULT_BLOCK_LIMITS>;

/** Azure accepts 8 KiB; the rest is for keys and its own way of counting. */
export const AZURE_METADATA_LIMITS: MetadataLimits = { valueBytes: 1024, totalBytes: 7000 };

/**
 * One attempt to write a blob.
 * @param transfer `deadline` ends the attempt; transferred bytes restart its stall time.
 * @throws JobError; the error of the source when the source fails.
 */
export async function putOnce(
  blob: BlockBlobClient,
  openSource: OpenSource,
  put: PutBlob,
  transfer: {
    what: string;
    deadline: Deadline;
    blocks: BlockLimits;
    onBytes: TransferOptions['onBytes'];
  },
): Promise<{ etag: string }> {
  const { what, deadline, blocks, onBytes } = transfer;
  const sourceFailed = new AbortController();
  const abortSignal = AbortSignal.any([deadline.signal, sourceFailed.signal]);
  const source = await openSource(deadline.signal);
  const body = measureStream(source, {
    expectedBytes: put.sizeBytes,
    what,
    onBytes: reportBytes(deadline, onBytes),
  });
  // The SDK reports all errors of the body as one error of sending; older versions wait for the rest of the body for ever.
  body.on('error', (error) => {
    sourceFailed.abort(error);
  });
  const write = {
    abortSignal,
    blobHTTPHeaders: { blobContentMD5: Buffer.from(put.md5, 'hex'), blobContentType: put.contentType },
    metadata: encodeMetadata(put.metadata, AZURE_METADATA_LIMITS),
    conditions: conditionsOf(put),
  };
  try {
    if (put.sizeBytes > blocks.singlePutBytes) {
      return await putInBlocks(blob, body, { ...put, write, blockBytes: blocks.blockBytes, what });
    }
    const response = await blob.upload(() => body, put.sizeBytes, write);
    const storedMd5 = response.contentMD5 && Buffer.from(response.contentMD5).toString('hex');
    if (storedMd5 !== undefined && storedMd5 !== put.md5) {
      throw new TransientError('storage_mismatch', `${what}: the service stored other content.`);
    }
    return { etag: unquoteEtag(response.etag) };
  } catch (error) {
    const cause: unknown = sourceFailed.signal.aborted ? sourceFailed.signal.reason : error;
    throw azureToJobError(cause, deadline.signal, what);
  } finally {
    body.destroy();
  }
}

function conditionsOf(put: PutBlob): { ifNoneMatch?: string; ifMatch?: string } {
  if (put.condition === undefined) return {};
  return put.condition === 'absent' ? { ifNoneMatch: '*' } : { ifMatch: `"${put.condition.etag}"` };
}
