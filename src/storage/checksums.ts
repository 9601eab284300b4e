import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { TransientError } from '../domain/job-errors.ts';

/** The size of a content and its digests in hexadecimal. */
export interface Checksums {
  readonly md5: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** How much of a file is read at once. */
export const READ_BYTES = 256 * 1024;

/**
 * Computes MD5, SHA-256 and size of a stream in one pass and constant memory.
 * @param whole another hash that also gets the bytes, for a digest over several streams.
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

/** Passes bytes on as they are read. @returns `sums`: size and SHA-256, once all have passed. */
export function checksummed(source: AsyncIterable<Uint8Array>) {
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  async function* pass() {
    for await (const chunk of source) {
      sha256.update(chunk);
      sizeBytes += chunk.byteLength;
      yield chunk;
    }
  }
  return { chunks: pass(), sums: () => ({ sizeBytes, sha256: sha256.digest('hex') }) };
}

/**
 * Computes MD5, SHA-256 and size of a file, or of a part of it.
 * @param options.range `start` and `end` in bytes, both inclusive.
 * @param options.whole another hash that also gets the bytes, for a digest over several parts.
 * @throws TransientError `staged_file_missing` when the file does not exist.
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
    throw explainFileError(error, file);
  }
}

/** TransientError `staged_file_missing` for a file that does not exist; other errors unchanged. */
export function explainFileError(error: unknown, file: string): unknown {
  if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') {
    return new TransientError('staged_file_missing', `${file} does not exist any more.`, { cause: error });
  }
  return error;
}

/** Hexadecimal to base64, the form of the header Content-MD5. */
export function hexToBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
