import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { TransientError } from '../domain/job-errors.ts';

/** What identifies a content; digests in hexadecimal. */
export interface Checksums {
  readonly md5: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

const READ_BYTES = 256 * 1024;

/**
 * MD5, SHA-256 and size of a stream of bytes, in one pass and constant memory.
 * @param whole also gets the bytes.
 */
export async function checksumStream(
  source: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
  whole?: Hash,
): Promise<Checksums> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of source) {
    signal?.throwIfAborted();
    md5.update(chunk);
    sha256.update(chunk);
    whole?.update(chunk);
    sizeBytes += chunk.byteLength;
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex'), sizeBytes };
}

/**
 * MD5, SHA-256 and size of a file, or of a part of it.
 * @param options.range `start` and `end` in bytes, both inclusive.
 * @param options.whole also gets the bytes: a digest over several parts.
 * @throws TransientError `staged_file_missing` when there is no such file.
 */
export async function checksumFile(
  file: string,
  options: {
    readonly signal?: AbortSignal;
    readonly range?: { start: number; end: number };
    readonly whole?: Hash;
  } = {},
): Promise<Checksums> {
  try {
    const stream = createReadStream(file, { highWaterMark: READ_BYTES, ...options.range });
    return await checksumStream(stream as AsyncIterable<Buffer>, options.signal, options.whole);
  } catch (error) {
    throw missingFileOr(error, file);
  }
}

/** The error for a file that is gone, or the error itself. */
export function missingFileOr(error: unknown, file: string): unknown {
  if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') {
    return new TransientError('staged_file_missing', `${file} is not there any more.`, { cause: error });
  }
  return error;
}

/** Hexadecimal to base64, as the header Content-MD5 wants it. */
export function hexToBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
