import { Readable } from 'node:stream';
import type { StorageLimits } from '../config/config.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { retry } from '../runtime/retry.ts';
import { checksumStream, hexToBase64, type Checksums } from './checksums.ts';
import type { MinioRequests } from './minio-requests.ts';
import { s3ObjectHeaders } from './object-info.ts';
import type { PlainMetadata } from './metadata.ts';
import { storeRetryPolicy } from './storage-errors.ts';

/** A small text to be stored as an object. */
export interface PutText {
  readonly name: string;
  readonly text: string;
  readonly contentType: string;
  /** `md5` and `sha256` are added. */
  readonly metadata: PlainMetadata;
}

/**
 * Sends a text into the bucket with one request, with checksums that the server compares.
 * @returns its size and checksums.
 * @throws JobErrors of the store; TransientError `stall` or `timeout` when the limits are exceeded.
 */
export async function sendText(
  requests: MinioRequests,
  { name, text, contentType, metadata }: PutText,
  limits: StorageLimits,
  signal: AbortSignal,
): Promise<Checksums> {
  const content = Buffer.from(text);
  const sums = await checksumStream(Readable.from([content]));
  const { md5, sha256, sizeBytes } = sums;
  const headers = {
    ...s3ObjectHeaders(contentType, { md5, sha256, ...metadata }),
    'content-md5': hexToBase64(md5),
  };
  const what = `storing ${name} in MinIO`;
  await withDeadline(
    (deadline) =>
      retry(() => {
        const body = { stream: Readable.from([content]), sizeBytes, sha256 };
        return requests.sendForText({ method: 'PUT', name, headers, body, what }, deadline.signal);
      }, storeRetryPolicy(deadline.signal)),
    { ...limits, signal, what },
  );
  return sums;
}
