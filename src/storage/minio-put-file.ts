import { createReadStream } from 'node:fs';
import { stat as statFile } from 'node:fs/promises';
import type { StorageLimits } from '../config/config.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { TransientError } from '../domain/job-errors.ts';
import { hexToBase64, missingFileOr } from './checksums.ts';
import { measureStream } from './measured-stream.ts';
import { encodeMetadata } from './metadata.ts';
import { putInParts } from './minio-multipart.ts';
import type { MinioRequests } from './minio-requests.ts';
import type { TransferOptions } from './object-store.ts';
import { withRetries } from './retries.ts';

/** A file on its way into the bucket. */
export interface PutFile {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly sizeBytes: number;
  /** Hexadecimal; the server checks it. */
  readonly md5: string;
  /** Hexadecimal; the server checks it where TLS is off. */
  readonly sha256: string;
  readonly contentType: string;
  /** Plain values; they are encoded here. `md5` and `sha256` are added. */
  readonly metadata: Readonly<Record<string, string | undefined>>;
}

/** Sizes that tests make smaller. */
export interface MultipartLimits {
  /** Files from this size on go up in parts. */
  readonly fromBytes: number;
  /** Size of a part; S3 wants at least 5 MiB. */
  readonly partBytes: number;
}

/** Sizes for real use. */
export const MULTIPART: MultipartLimits = { fromBytes: 256 * 1024 ** 2, partBytes: 64 * 1024 ** 2 };

/**
 * Sends a file into the bucket, in one piece or in parts, with checksums that the server compares.
 * @throws TransientError `storage_mismatch` when the file has another size than announced or the server got another
 *   content; `staged_file_missing` when it is gone; `stall` or `timeout` when the limits are exceeded.
 */
export async function sendFile(
  requests: MinioRequests,
  put: PutFile,
  limits: StorageLimits & { readonly multipart: MultipartLimits },
  options: TransferOptions,
): Promise<void> {
  const { stallMs, deadlineMs, multipart } = limits;
  const metadata = encodeMetadata({ md5: put.md5, sha256: put.sha256, ...put.metadata });
  const headers: Record<string, string> = { 'content-type': put.contentType };
  for (const [key, value] of Object.entries(metadata)) headers[`x-amz-meta-${key}`] = value;
  const what = `storing ${put.name} in MinIO`;
  await withDeadline(
    async (watchdog) => {
      const { signal } = watchdog;
      const onBytes = (moved: number) => {
        watchdog.moved();
        options.onBytes?.(moved);
      };
      await assertFileSize(put);
      const transfer = { signal, onBytes };
      if (put.sizeBytes >= multipart.fromBytes) {
        const { partBytes } = multipart;
        await putInParts(requests, { ...put, headers, partBytes, what }, transfer);
      } else {
        await withRetries(() => putWhole(requests, { ...put, headers, what }, transfer), { signal });
      }
    },
    { stallMs, deadlineMs, signal: options.signal, what },
  );
}

async function putWhole(
  requests: MinioRequests,
  put: PutFile & { readonly headers: Readonly<Record<string, string>>; readonly what: string },
  transfer: Required<TransferOptions>,
): Promise<void> {
  const { name, file, sizeBytes, sha256, what } = put;
  const explain = (error: unknown) => missingFileOr(error, file);
  const content = createReadStream(file, { highWaterMark: 256 * 1024 });
  const stream = measureStream(content, {
    expectedBytes: sizeBytes,
    onBytes: transfer.onBytes,
    what,
    explain,
  });
  const headers = { ...put.headers, 'content-md5': hexToBase64(put.md5) };
  const body = { stream, sizeBytes, sha256 };
  await requests.sendForText({ method: 'PUT', name, headers, body, what }, transfer.signal);
}

async function assertFileSize(put: PutFile): Promise<void> {
  const { size } = await statFile(put.file).catch((error: unknown) => {
    throw missingFileOr(error, put.file);
  });
  if (size !== put.sizeBytes) {
    throw new TransientError(
      'storage_mismatch',
      `${put.file} has ${String(size)} bytes, not ${String(put.sizeBytes)}.`,
    );
  }
}
