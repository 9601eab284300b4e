import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { TransientError } from '../domain/job-errors.ts';
import { interruptionOf, type Deadline } from '../runtime/deadline.ts';
import { putInBlocks } from './azure-blocks.ts';
import type { AzureRequests } from './azure-requests.ts';
import { hexToBase64 } from './checksums.ts';
import { measureStream, paceOf, reportBytes } from './measured-stream.ts';
import { encodeMetadata, type MetadataLimits, type PlainMetadata } from './metadata.ts';
import { md5OfBase64, unquoteEtag } from './object-info.ts';
import type { PacedTransferOptions } from './object-store.ts';
import { transferToJobError } from './storage-errors.ts';

/** A blob to be written. Every write replaces all headers and metadata. */
export interface PutBlob {
  readonly sizeBytes: number;
  /** Hexadecimal; the service checks it. */
  readonly md5: string;
  readonly contentType: string;
  readonly metadata: PlainMetadata;
  /** `absent`: only when no blob has the name; `etag`: only over this version. */
  readonly condition?: 'absent' | { readonly etag: string };
  /** Left out: that of the account. */
  readonly accessTier?: AccessTier | undefined;
}

/** Where a blob is kept: the later, the cheaper to keep and the dearer to read. What is archived cannot be read. */
export const ACCESS_TIERS = ['Hot', 'Cool', 'Cold', 'Archive'] as const;
export type AccessTier = (typeof ACCESS_TIERS)[number];

/** Gives the content of a blob from its start; called once for each attempt. */
export type OpenSource = (signal: AbortSignal) => Promise<Readable | Buffer>;

/** Tests use smaller ones. */
export const DEFAULT_BLOCK_LIMITS = {
  /** Put Blob takes at most 5000 MiB (learn.microsoft.com/rest/api/storageservices/put-blob). */
  singlePutBytes: 5000 * 1024 ** 2,
  /** At most 50,000 blocks make a blob; each is held in memory. */
  blockBytes: 16 * 1024 ** 2,
};
export type BlockLimits = Readonly<typeof DEFAULT_BLOCK_LIMITS>;

/** Azure accepts 8 KiB; the rest is for keys and its own way of counting. */
const METADATA_LIMITS: MetadataLimits = { valueBytes: 1024, totalBytes: 7000 };

/** What one attempt to write a blob needs. */
export interface BlobTransfer {
  readonly blob: string;
  readonly what: string;
  /** Ends the attempt; transferred bytes restart its stall time. */
  readonly deadline: Deadline;
  readonly blocks: BlockLimits;
  readonly onBytes: PacedTransferOptions['onBytes'];
  readonly bandwidth: PacedTransferOptions['bandwidth'];
}

/**
 * One attempt to write a blob.
 * @throws JobError; the error of the source when the source fails.
 */
export async function putOnce(
  requests: AzureRequests,
  openSource: OpenSource,
  put: PutBlob,
  transfer: BlobTransfer,
): Promise<{ etag: string }> {
  const { signal } = transfer.deadline;
  const source = await openSource(signal);
  if (source instanceof Uint8Array) return await putContent(requests, source, put, transfer);
  const body = measureStream(source, {
    expectedBytes: put.sizeBytes,
    what: transfer.what,
    onBytes: reportBytes(transfer.deadline, transfer.onBytes),
    pace: paceOf(transfer.bandwidth, transfer.deadline),
  });
  let sourceError: unknown;
  body.on('error', (error) => {
    sourceError ??= error;
  });
  try {
    if (put.sizeBytes <= transfer.blocks.singlePutBytes)
      return await putContent(requests, body, put, transfer);
    const { blob, what } = transfer;
    const { blockBytes } = transfer.blocks;
    const headers = blobHeaders(put);
    return await putInBlocks(requests, body, { blob, what, blockBytes, headers, ...put }, signal);
  } catch (error) {
    // A failure of the source is seen as one of the connection first.
    if (signal.aborted) throw interruptionOf(signal);
    throw transferToJobError(sourceError ?? error, transfer.what);
  } finally {
    body.destroy();
  }
}

async function putContent(
  requests: AzureRequests,
  content: Buffer | Readable,
  put: PutBlob,
  { blob, what, deadline, onBytes, bandwidth }: BlobTransfer,
): Promise<{ etag: string }> {
  const { sizeBytes, md5 } = put;
  const isShort = content instanceof Uint8Array && content.byteLength !== sizeBytes;
  if (isShort) throw new TransientError('storage_mismatch', `${what}: the content has another size.`);
  const headers = {
    ...blobHeaders(put),
    'x-ms-blob-type': 'BlockBlob',
    'content-md5': hexToBase64(md5),
  };
  if (content instanceof Uint8Array) await paceOf(bandwidth, deadline)?.(sizeBytes);
  const body = { content, sizeBytes };
  const answer = await requests.sendForHead({ method: 'PUT', blob, headers, body, what }, deadline.signal);
  if (content instanceof Uint8Array) onBytes?.(sizeBytes);
  return { etag: checkedEtag(answer, md5, what) };
}

function checkedEtag(answer: IncomingHttpHeaders, md5: string, what: string): string {
  const storedMd5 = md5OfBase64(answer['content-md5']);
  if (storedMd5 !== undefined && storedMd5 !== md5) {
    throw new TransientError('storage_mismatch', `${what}: the service stored other content.`);
  }
  return unquoteEtag(answer.etag);
}

/** The headers that describe a blob, and the condition under which it is written. */
function blobHeaders({ md5, contentType, metadata, condition, accessTier }: PutBlob): Record<string, string> {
  return {
    'x-ms-blob-content-type': contentType,
    'x-ms-blob-content-md5': hexToBase64(md5),
    ...metadataHeaders(metadata),
    ...(condition === 'absent' && { 'if-none-match': '*' }),
    ...(accessTier !== undefined && { 'x-ms-access-tier': accessTier }),
    ...(typeof condition === 'object' && { 'if-match': `"${condition.etag}"` }),
  };
}

/** Metadata of a blob as headers, cut where Azure would not take them. */
export function metadataHeaders(metadata: PlainMetadata): Record<string, string> {
  return Object.fromEntries(
    Object.entries(encodeMetadata(metadata, METADATA_LIMITS)).map(([key, value]) => [
      `x-ms-meta-${key}`,
      value,
    ]),
  );
}
