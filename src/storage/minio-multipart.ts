import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { TransientError } from '../runtime/job-errors.ts';
import { checksumFile, hexToBase64, missingFileOr, type Checksums } from './checksums.ts';
import { withoutQuotes } from './etags.ts';
import { measureStream } from './measured-stream.ts';
import { encodeQuery, type MinioRequests } from './minio-requests.ts';
import type { TransferOptions } from './object-store.ts';
import { withRetries } from './retries.ts';

/** A large file and how it is cut. */
export interface PartedFile {
  readonly name: string;
  readonly file: string;
  readonly sizeBytes: number;
  readonly partBytes: number;
  /** Of the whole file, hexadecimal. */
  readonly sha256: string;
  /** Of the finished object. */
  readonly headers: Readonly<Record<string, string>>;
  readonly what: string;
}

/**
 * Stores a file in parts, one after the other, each with its own checksums; a part is repeated by itself.
 * What earlier attempts left unfinished is removed first, as it takes space and nobody resumes it.
 * @throws TransientError `storage_mismatch` when the file changed after its checksum was taken; nothing is stored then.
 */
export async function putInParts(
  requests: MinioRequests,
  upload: PartedFile,
  options: Required<TransferOptions>,
): Promise<void> {
  const { name, what, headers } = upload;
  const { signal } = options;
  await abortUnfinished(requests, name, signal);
  const uploadId = await requests.call({ what, signal }, (client, bucket) =>
    client.initiateNewMultipartUpload(bucket, name, headers),
  );
  try {
    const etags: string[] = [];
    // The server compares each part with the checksums taken just before; this compares all of them with the file's.
    const whole = createHash('sha256');
    for (let start = 0; start < upload.sizeBytes; start += upload.partBytes) {
      const range = { start, end: Math.min(start + upload.partBytes, upload.sizeBytes) - 1 };
      const sums = await checksumFile(upload.file, { signal, range, whole });
      const part = { range, sums, number: etags.length + 1, uploadId };
      etags.push(await withRetries(() => putPart(requests, upload, part, options), { signal }));
    }
    if (whole.digest('hex') !== upload.sha256) {
      throw new TransientError('storage_mismatch', `${upload.file} changed while it was sent.`);
    }
    await requests.call({ what, signal }, (client, bucket) =>
      client.completeMultipartUpload(
        bucket,
        name,
        uploadId,
        etags.map((etag, index) => ({ part: index + 1, etag })),
      ),
    );
  } catch (error) {
    // The caller's signal may be what ended it; the next attempt removes what this cannot.
    await abort(requests, name, uploadId, signal).catch(() => undefined);
    throw error;
  }
}

async function putPart(
  requests: MinioRequests,
  upload: PartedFile,
  part: { range: { start: number; end: number }; sums: Checksums; number: number; uploadId: string },
  options: Required<TransferOptions>,
): Promise<string> {
  const { range, number, uploadId } = part;
  const { md5, sha256, sizeBytes } = part.sums;
  const what = `${upload.what}, part ${String(number)}`;
  const stream = measureStream(createReadStream(upload.file, { ...range, highWaterMark: 256 * 1024 }), {
    expectedBytes: sizeBytes,
    onBytes: options.onBytes,
    what,
    explain: (error) => missingFileOr(error, upload.file),
  });
  try {
    const { head } = await requests.sendForText(
      {
        method: 'PUT',
        name: upload.name,
        query: encodeQuery({ partNumber: String(number), uploadId }),
        headers: { 'content-md5': hexToBase64(md5) },
        body: { stream, sizeBytes, sha256 },
        what,
      },
      options.signal,
    );
    return withoutQuotes(head.headers.etag ?? '');
  } finally {
    stream.destroy();
  }
}

async function abortUnfinished(requests: MinioRequests, name: string, signal: AbortSignal): Promise<void> {
  const what = `looking for unfinished uploads of ${name}`;
  const { uploads } = await requests.call({ what, signal }, (client, bucket) =>
    client.listIncompleteUploadsQuery(bucket, name, '', '', ''),
  );
  for (const { key, uploadId } of uploads) {
    if (key === name) await abort(requests, name, uploadId, signal);
  }
}

async function abort(
  requests: MinioRequests,
  name: string,
  uploadId: string,
  signal: AbortSignal,
): Promise<void> {
  const what = `giving up an unfinished upload of ${name}`;
  await requests.call({ what, signal }, (client, bucket) =>
    // Of all methods this one does not encode the id.
    client.abortMultipartUpload(bucket, name, encodeURIComponent(uploadId)),
  );
}
