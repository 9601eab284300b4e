import { createReadStream } from 'node:fs';
import { checksumFile, hexToBase64, missingFileOr } from './checksums.ts';
import { measureStream } from './measured-stream.ts';
import type { TransferOptions } from './object-store.ts';
import { withRetries } from './retries.ts';
import type { S3Client } from './s3-client.ts';
import { parseS3Error, parseUploadId, parseUploads, withoutQuotes } from './s3-xml.ts';
import { refusalToJobError } from './storage-errors.ts';

/** A large file and how it is cut. */
export interface PartedFile {
  readonly name: string;
  readonly file: string;
  readonly sizeBytes: number;
  readonly partBytes: number;
  /** Of the finished object. */
  readonly headers: Readonly<Record<string, string>>;
  readonly what: string;
}

/**
 * Stores a file in parts, one after the other, each with its own checksums; a part is repeated by itself.
 * What earlier attempts left unfinished is removed first, as it takes space and nobody resumes it.
 */
export async function putInParts(
  client: S3Client,
  upload: PartedFile,
  options: Required<TransferOptions>,
): Promise<void> {
  const { name, what, headers } = upload;
  const { signal } = options;
  await abortUnfinished(client, name, signal);
  const { text } = await client.sendForText(
    { method: 'POST', name, query: { uploads: '' }, headers, what },
    signal,
  );
  const uploadId = parseUploadId(text);
  try {
    const etags: string[] = [];
    for (let start = 0; start < upload.sizeBytes; start += upload.partBytes) {
      const range = { start, end: Math.min(start + upload.partBytes, upload.sizeBytes) - 1 };
      const number = etags.length + 1;
      etags.push(
        await withRetries(() => putPart(client, upload, { range, number, uploadId }, options), { signal }),
      );
    }
    await complete(client, upload, { uploadId, etags }, signal);
  } catch (error) {
    // The caller's signal may be what ended it; the next attempt removes what this cannot.
    await abort(client, name, uploadId, signal).catch(() => undefined);
    throw error;
  }
}

async function putPart(
  client: S3Client,
  upload: PartedFile,
  part: { range: { start: number; end: number }; number: number; uploadId: string },
  options: Required<TransferOptions>,
): Promise<string> {
  const { range, number, uploadId } = part;
  const { md5, sha256, sizeBytes } = await checksumFile(upload.file, { signal: options.signal, range });
  const what = `${upload.what}, part ${String(number)}`;
  const stream = measureStream(createReadStream(upload.file, { ...range, highWaterMark: 256 * 1024 }), {
    expectedBytes: sizeBytes,
    onBytes: options.onBytes,
    what,
    explain: (error) => missingFileOr(error, upload.file),
  });
  try {
    const { head } = await client.sendForText(
      {
        method: 'PUT',
        name: upload.name,
        query: { partNumber: String(number), uploadId },
        headers: { 'content-md5': hexToBase64(md5) },
        body: { stream, sizeBytes },
        payloadSha256: sha256,
        what,
      },
      options.signal,
    );
    return withoutQuotes(head.headers.etag ?? '');
  } finally {
    stream.destroy();
  }
}

async function complete(
  client: S3Client,
  upload: PartedFile,
  finished: { uploadId: string; etags: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const parts = finished.etags.map(
    (etag, index) => `<Part><PartNumber>${String(index + 1)}</PartNumber><ETag>"${etag}"</ETag></Part>`,
  );
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
  const { name, what } = upload;
  const { text } = await client.sendForText(
    { method: 'POST', name, query: { uploadId: finished.uploadId }, body, what },
    signal,
  );
  // This call may fail after it has already answered 200.
  const code = parseS3Error(text);
  if (code !== undefined) throw refusalToJobError({ status: 500, code }, what);
}

async function abortUnfinished(client: S3Client, name: string, signal: AbortSignal): Promise<void> {
  const { text } = await client.sendForText(
    {
      method: 'GET',
      query: { uploads: '', prefix: name, 'encoding-type': 'url' },
      what: `looking for unfinished uploads of ${name}`,
    },
    signal,
  );
  for (const uploadId of parseUploads(text, name)) await abort(client, name, uploadId, signal);
}

async function abort(client: S3Client, name: string, uploadId: string, signal: AbortSignal): Promise<void> {
  const what = `giving up an unfinished upload of ${name}`;
  await client.sendForText({ method: 'DELETE', name, query: { uploadId }, what }, signal);
}
