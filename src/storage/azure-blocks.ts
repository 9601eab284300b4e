import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { BlockBlobClient, BlockBlobCommitBlockListOptions } from '@azure/storage-blob';
import { TransientError } from '../domain/job-errors.ts';
import { retry } from '../runtime/retry.ts';
import { azureToJobError } from './azure-errors.ts';
import { cutIntoBlocks } from './cut-into-blocks.ts';
import { unquoteEtag } from './object-info.ts';
import { storeRetryPolicy } from './storage-errors.ts';

const MAX_BLOCKS = 50_000;

/** A blob that is too large for Put Blob. */
export interface BlockedPut {
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly md5: string;
  readonly blockBytes: number;
  readonly what: string;
  /** Headers, metadata and conditions of the blob. */
  readonly write: BlockBlobCommitBlockListOptions & { readonly abortSignal: AbortSignal };
}

/**
 * Writes a blob block by block; the service checks the MD5 of each block. It does not check the MD5 of the whole blob,
 * so that is computed here and compared before the blocks become a blob.
 */
export async function putInBlocks(
  blob: BlockBlobClient,
  source: Readable,
  put: BlockedPut,
): Promise<{ etag: string }> {
  const { write, what } = put;
  const { abortSignal } = write;
  const blockBytes = Math.max(put.blockBytes, Math.ceil(put.sizeBytes / MAX_BLOCKS));
  // Each attempt has its own block ids: two writers of one blob must not mix their blocks.
  const attemptId = randomUUID();
  const whole = createHash('md5');
  const ids: string[] = [];
  for await (const block of cutIntoBlocks(source as AsyncIterable<Buffer>, blockBytes)) {
    whole.update(block);
    const id = Buffer.from(`${attemptId}-${String(ids.length).padStart(6, '0')}`).toString('base64');
    const transactionalContentMD5 = createHash('md5').update(block).digest();
    await retry(
      () =>
        blob
          .stageBlock(id, block, block.byteLength, { abortSignal, transactionalContentMD5 })
          .catch((error: unknown) => {
            throw azureToJobError(error, abortSignal, what);
          }),
      storeRetryPolicy(abortSignal),
    );
    ids.push(id);
  }
  if (whole.digest('hex') !== put.md5) {
    throw new TransientError('storage_mismatch', `${what}: the content that was read has another MD5.`);
  }
  const { etag } = await blob.commitBlockList(ids, write);
  return { etag: unquoteEtag(etag) };
}
