import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { TransientError } from '../domain/job-errors.ts';
import { retry } from '../runtime/retry.ts';
import type { AzureRequests } from './azure-requests.ts';
import { cutIntoBlocks } from './cut-into-blocks.ts';
import { unquoteEtag } from './object-info.ts';
import { storeRetryPolicy } from './storage-errors.ts';

const MAX_BLOCKS = 50_000;

/** A blob that is too large for Put Blob. */
export interface BlockedPut {
  readonly blob: string;
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly md5: string;
  readonly blockBytes: number;
  readonly what: string;
  /** Properties, metadata and conditions of the blob. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Writes a blob block by block; the service checks the MD5 of each block. It does not check the MD5 of the whole blob,
 * so that is computed here and compared before the blocks become a blob.
 */
export async function putInBlocks(
  requests: AzureRequests,
  source: Readable,
  put: BlockedPut,
  signal: AbortSignal,
): Promise<{ etag: string }> {
  const { blob, what, headers } = put;
  const blockBytes = Math.max(put.blockBytes, Math.ceil(put.sizeBytes / MAX_BLOCKS));
  // Each attempt has its own block ids: two writers of one blob must not mix their blocks.
  const attemptId = randomUUID();
  const whole = createHash('md5');
  const ids: string[] = [];
  for await (const content of cutIntoBlocks(source as AsyncIterable<Buffer>, blockBytes)) {
    whole.update(content);
    const id = Buffer.from(`${attemptId}-${String(ids.length).padStart(6, '0')}`).toString('base64');
    const block = {
      method: 'PUT',
      blob,
      query: { comp: 'block', blockid: id },
      headers: { 'content-md5': createHash('md5').update(content).digest('base64') },
      body: { content, sizeBytes: content.byteLength },
      what,
    } as const;
    await retry(() => requests.sendForHead(block, signal), storeRetryPolicy(signal));
    ids.push(id);
  }
  if (whole.digest('hex') !== put.md5) {
    throw new TransientError('storage_mismatch', `${what}: the content that was read has another MD5.`);
  }
  const list = ids.map((id) => `<Latest>${id}</Latest>`).join('');
  const content = Buffer.from(`<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`);
  const body = { content, sizeBytes: content.byteLength };
  const commit = { method: 'PUT', blob, query: { comp: 'blocklist' }, headers, body, what } as const;
  const { etag } = await requests.sendForHead(commit, signal);
  return { etag: unquoteEtag(etag) };
}
