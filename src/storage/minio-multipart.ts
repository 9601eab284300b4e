import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { TransientError } from '../domain/job-errors.ts';
import { checksumFile, missingFileOr, type Checksums } from './checksums.ts';
import { measureStream } from './measured-stream.ts';
import { abortParts, abortUnfinished, beginParts, completeParts, sendPart } from './minio-parts.ts';
import type { MinioRequests } from './minio-requests.ts';
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
  const { signal } = options;
  await abortUnfinished(requests, upload.name, signal);
  const begun = await beginParts(requests, upload, signal);
  try {
    const etags: string[] = [];
    // The server compares each part with the checksums taken just before; this compares all of them with the file's.
    const whole = createHash('sha256');
    for (let start = 0; start < upload.sizeBytes; start += upload.partBytes) {
      const range = { start, end: Math.min(start + upload.partBytes, upload.sizeBytes) - 1 };
      const sums = await checksumFile(upload.file, { signal, range, whole });
      const number = etags.length + 1;
      const send = () => {
        const stream = openPart(upload, { range, sums, number }, options);
        return sendPart(requests, begun, { number, sums, stream }, signal);
      };
      etags.push(await withRetries(send, { signal }));
    }
    if (whole.digest('hex') !== upload.sha256) {
      throw new TransientError('storage_mismatch', `${upload.file} changed while it was sent.`);
    }
    await completeParts(requests, begun, etags, signal);
  } catch (error) {
    // The caller's signal may be what ended it; the next attempt removes what this cannot.
    await abortParts(requests, begun, signal).catch(() => undefined);
    throw error;
  }
}

function openPart(
  upload: PartedFile,
  part: { range: { start: number; end: number }; sums: Checksums; number: number },
  options: Required<TransferOptions>,
) {
  const { range, sums, number } = part;
  return measureStream(createReadStream(upload.file, { ...range, highWaterMark: 256 * 1024 }), {
    expectedBytes: sums.sizeBytes,
    onBytes: options.onBytes,
    what: `${upload.what}, part ${String(number)}`,
    explain: (error) => missingFileOr(error, upload.file),
  });
}
