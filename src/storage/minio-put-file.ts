import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat as statFile } from 'node:fs/promises';
import type { StorageLimits } from '../config/config.ts';
import { TransientError } from '../domain/job-errors.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { retry } from '../runtime/retry.ts';
import { checksumFile, explainFileError, hexToBase64, READ_BYTES, type Checksums } from './checksums.ts';
import { measureStream, reportBytes } from './measured-stream.ts';
import { abortUnfinishedUploads, putInParts, type NewObject, type ObjectPart } from './minio-multipart.ts';
import type { PlainMetadata } from './metadata.ts';
import type { MinioRequests } from './minio-requests.ts';
import { s3ObjectHeaders } from './object-info.ts';
import type { TransferOptions } from './object-store.ts';
import { storeRetryPolicy } from './storage-errors.ts';

/** A file to be stored as an object. The server checks the MD5, and without TLS the SHA-256. */
export interface PutFile extends Checksums {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly contentType: string;
  /** `md5` and `sha256` are added. */
  readonly metadata: PlainMetadata;
}

/** Tests use smaller ones. */
export const DEFAULT_MULTIPART_LIMITS = {
  /** Files of this size or more are sent in parts. */
  fromBytes: 256 * 1024 ** 2,
  /** Size of a part; S3 requires at least 5 MiB. */
  partBytes: 64 * 1024 ** 2,
  /** Larger objects are copied within the bucket in parts of this size; S3 allows at most 5 GiB in one request. */
  copyPartBytes: 512 * 1024 ** 2,
};
export type MultipartLimits = Readonly<typeof DEFAULT_MULTIPART_LIMITS>;

/**
 * Sends a file into the bucket, with one request or in parts, with checksums that the server compares.
 * @throws TransientError `storage_mismatch` when the file has another size than `put` says, changed during the upload or
 *   arrived damaged; `staged_file_missing` when it does not exist; `stall` or `timeout` when the limits are exceeded.
 */
export async function sendFile(
  requests: MinioRequests,
  put: PutFile,
  limits: StorageLimits & { readonly multipart: MultipartLimits },
  options: TransferOptions,
): Promise<void> {
  const { stallMs, deadlineMs, multipart } = limits;
  const headers = s3ObjectHeaders(put.contentType, { md5: put.md5, sha256: put.sha256, ...put.metadata });
  const what = `storing ${put.name} in MinIO`;
  const object = { name: put.name, headers, what };
  await withDeadline(
    async (deadline) => {
      const { signal } = deadline;
      const transfer = { signal, onBytes: reportBytes(deadline, options.onBytes) };
      await assertFileSize(put);
      if (put.sizeBytes >= multipart.fromBytes) {
        await putFileInParts(requests, object, { ...put, partBytes: multipart.partBytes }, transfer);
      } else {
        await retry(() => putWhole(requests, object, put, transfer), storeRetryPolicy(signal));
      }
    },
    { stallMs, deadlineMs, signal: options.signal, what },
  );
}

async function putWhole(
  requests: MinioRequests,
  { name, headers, what }: NewObject,
  { file, sizeBytes, md5, sha256 }: PutFile,
  { signal, onBytes }: Required<TransferOptions>,
): Promise<void> {
  const mapError = (error: unknown) => explainFileError(error, file);
  const content = createReadStream(file, { highWaterMark: READ_BYTES });
  const stream = measureStream(content, { expectedBytes: sizeBytes, onBytes, what, mapError });
  const body = { stream, sizeBytes, sha256 };
  const allHeaders = { ...headers, 'content-md5': hexToBase64(md5) };
  await requests.sendForText({ method: 'PUT', name, headers: allHeaders, body, what }, signal);
}

/** First aborts what earlier attempts left unfinished. Stores nothing when the file is not the announced one. */
async function putFileInParts(
  requests: MinioRequests,
  object: NewObject,
  { file, sizeBytes, sha256, partBytes }: PutFile & { readonly partBytes: number },
  transfer: Required<TransferOptions>,
): Promise<void> {
  const { signal } = transfer;
  // The server compares each part with checksums computed just before; this one is for the file as a whole.
  const whole = createHash('sha256');
  async function* parts(): AsyncGenerator<ObjectPart, void> {
    for (let start = 0; start < sizeBytes; start += partBytes) {
      const range = { start, end: Math.min(start + partBytes, sizeBytes) - 1 };
      yield {
        sums: await checksumFile(file, { signal, range, whole }),
        open: () => createReadStream(file, { ...range, highWaterMark: READ_BYTES }),
        mapError: (error) => explainFileError(error, file),
      };
    }
  }
  await abortUnfinishedUploads(requests, object.name, signal);
  await putInParts(requests, object, parts(), {
    run: (send) => send(transfer),
    beforeVisible: () => {
      if (whole.digest('hex') === sha256) return;
      throw new TransientError('storage_mismatch', `${file} changed while it was sent.`);
    },
    abortSignal: () => signal,
  });
}

async function assertFileSize(put: PutFile): Promise<void> {
  const { size } = await statFile(put.file).catch((error: unknown) => {
    throw explainFileError(error, put.file);
  });
  if (size !== put.sizeBytes) {
    throw new TransientError(
      'storage_mismatch',
      `${put.file} has ${String(size)} bytes, not ${String(put.sizeBytes)}.`,
    );
  }
}
