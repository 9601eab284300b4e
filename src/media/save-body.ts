import { open, type FileHandle } from 'node:fs/promises';
import type { HttpResponse } from '../runtime/http-client/http-client.ts';
import { TransientError, toJobError } from '../domain/job-errors.ts';
import { fileError } from '../runtime/files.ts';
import { percentOf } from './audio-downloader.ts';
import { audioEmpty, audioTooLarge } from './media-errors.ts';

/** Where a body belongs in its file, and the limits of the file. */
export interface SaveBodyOptions {
  /** The position of the first byte in the file; the file must exist when it is not 0. */
  readonly startBytes?: number;
  /** The announced size of the whole file; undefined when it is unknown. */
  readonly totalBytes: number | undefined;
  readonly maxSizeBytes: number;
  /** Called after each chunk; `percent` is undefined while the total is unknown. */
  readonly onProgress: (percent: number | undefined) => void;
}

/**
 * Writes the body of a response to a file. What was written before a failure stays there.
 * @throws PermanentError `too_large`; TransientError `network` when fewer bytes arrived than announced, `broken_media`
 *   when none arrived; other JobErrors of the transfer and the disk.
 */
export async function saveBody(
  response: HttpResponse,
  file: string,
  options: SaveBodyOptions,
): Promise<void> {
  const { startBytes = 0, totalBytes, maxSizeBytes, onProgress } = options;
  if ((totalBytes ?? 0) > maxSizeBytes) {
    await response.discard();
    throw audioTooLarge();
  }
  let bytes = startBytes;
  const handle = await open(file, startBytes === 0 ? 'w' : 'r+').catch((error: unknown) => {
    throw fileError(error, 'Opening the download');
  });
  try {
    // Each chunk is written at once: a stream would lose its buffer when the transfer breaks off.
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      if (bytes + chunk.length > maxSizeBytes) throw audioTooLarge();
      await writeAll(handle, chunk, bytes);
      bytes += chunk.length;
      onProgress(percentOf(bytes, totalBytes));
    }
  } catch (thrown) {
    const error = toJobError(thrown);
    throw error.errorClass === 'too_large' ? audioTooLarge(error) : error;
  } finally {
    response.body.destroy();
    await handle.close();
  }
  if (totalBytes !== undefined && bytes !== totalBytes) {
    throw new TransientError('network', `Only ${String(bytes)} of ${String(totalBytes)} bytes arrived.`);
  }
  if (bytes === 0) throw audioEmpty();
}

/** The size of a whole body; undefined when the server does not announce it, or only that of a compressed body. */
export function announcedBytes(headers: Headers): number | undefined {
  const length = headers.get('content-encoding') === null ? headers.get('content-length') : null;
  return length === null ? undefined : Number(length);
}

async function writeAll(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  try {
    for (let done = 0; done < chunk.length;) {
      done += (await handle.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
    }
  } catch (error) {
    throw fileError(error, 'Writing the download');
  }
}
