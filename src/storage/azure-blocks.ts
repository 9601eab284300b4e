import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { BlobHTTPHeaders, BlockBlobClient } from '@azure/storage-blob';
import { TransientError } from '../domain/job-errors.ts';
import { azureToJobError } from './azure-errors.ts';
import { withRetries } from './retries.ts';
import { withoutQuotes } from './etags.ts';

const MAX_BLOCKS = 50_000;

/** A blob that is too large for Put Blob. */
export interface BlockedPut {
  readonly blobHTTPHeaders: BlobHTTPHeaders;
  /** Encoded. */
  readonly metadata: Record<string, string>;
  readonly conditions: { ifMatch?: string; ifNoneMatch?: string };
  readonly abortSignal: AbortSignal;
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly md5: string;
  readonly blockBytes: number;
  readonly what: string;
}

/**
 * Writes a blob block by block, each checked by the service. At the end the service believes any MD5 of the
 * whole, so it is computed here and compared before the blocks become a blob.
 */
export async function putInBlocks(
  blob: BlockBlobClient,
  source: Readable,
  put: BlockedPut,
): Promise<{ etag: string }> {
  const { abortSignal, what } = put;
  const blockBytes = Math.max(put.blockBytes, Math.ceil(put.sizeBytes / MAX_BLOCKS));
  // Ids of their own for each attempt: two writers of one blob must not mix their blocks.
  const attemptId = randomUUID();
  const whole = createHash('md5');
  const ids: string[] = [];
  for await (const block of blocksOf(source, blockBytes)) {
    whole.update(block);
    const id = Buffer.from(`${attemptId}-${String(ids.length).padStart(6, '0')}`).toString('base64');
    const transactionalContentMD5 = createHash('md5').update(block).digest();
    const stage = () =>
      blob
        .stageBlock(id, block, block.byteLength, { abortSignal, transactionalContentMD5 })
        .catch((error: unknown) => {
          throw azureToJobError(error, abortSignal, what);
        });
    await withRetries(stage, { signal: abortSignal });
    ids.push(id);
  }
  if (whole.digest('hex') !== put.md5) {
    throw new TransientError('storage_mismatch', `${what}: the content that was read has another MD5.`);
  }
  const { blobHTTPHeaders, metadata, conditions } = put;
  const response = await blob.commitBlockList(ids, {
    abortSignal,
    blobHTTPHeaders,
    metadata,
    conditions,
  });
  return { etag: withoutQuotes(response.etag ?? '') };
}

async function* blocksOf(source: Readable, blockBytes: number): AsyncGenerator<Buffer, void, undefined> {
  let chunks: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let rest = chunk;
    while (heldBytes + rest.byteLength >= blockBytes) {
      const taken = rest.subarray(0, blockBytes - heldBytes);
      yield Buffer.concat([...chunks, taken]);
      rest = rest.subarray(taken.byteLength);
      chunks = [];
      heldBytes = 0;
    }
    if (rest.byteLength > 0) chunks.push(rest);
    heldBytes += rest.byteLength;
  }
  if (heldBytes > 0) yield Buffer.concat(chunks);
}
