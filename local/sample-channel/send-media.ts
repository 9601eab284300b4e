import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { byteRange, type ByteRange } from './byte-range.ts';
import type { SampleMedia } from './media-library.ts';

/** Writes the head of a response. @returns the bytes to send; undefined when the response has ended */
function begin(
  request: IncomingMessage,
  response: ServerResponse,
  sizeBytes: number,
  type: string,
): ByteRange | undefined {
  const range = byteRange(request.headers.range, sizeBytes);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${sizeBytes}`, 'content-length': 0 });
    response.end();
    return undefined;
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  response.writeHead(range === undefined ? 200 : 206, {
    'content-type': type,
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${sizeBytes}` }),
  });
  if (request.method === 'HEAD' || end < start) {
    response.end();
    return undefined;
  }
  return { start, end };
}

/** Sends a file; with `firstBytes` only its beginning, as if that were the whole file. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
  firstBytes: number | undefined,
  type: string,
  transform: (source: Readable) => AsyncIterable<Buffer> | Readable = (source) => source,
): Promise<void> {
  const handle = await open(file);
  const sizeBytes = firstBytes ?? (await handle.stat()).size;
  await handle.close();
  const range = begin(request, response, sizeBytes, type);
  if (range === undefined) return;
  await pipeline(transform(createReadStream(file, range)), response);
}

/** Sends a file up to a byte, then cuts the connection or sends nothing more. */
export async function sendBeginning(
  request: IncomingMessage,
  response: ServerResponse,
  media: SampleMedia,
  untilByte: number,
  cut: boolean,
  type: string,
): Promise<void> {
  const range = begin(request, response, media.sizeBytes, type);
  if (range === undefined) return;
  response.flushHeaders();
  if (range.start < untilByte) {
    const end = Math.min(range.end, untilByte - 1);
    for await (const chunk of createReadStream(media.file, { start: range.start, end })) {
      response.write(chunk);
    }
  }
  // Not destroyed, so that the bytes that were sent arrive; Content-Length announced more.
  if (cut) response.socket?.end();
}

const CHUNKS_PER_SECOND = 10;

/** Passes bytes on at about this speed. */
export async function* throttled(
  source: AsyncIterable<Buffer>,
  bytesPerSecond: number,
): AsyncGenerator<Buffer> {
  const size = Math.max(1, Math.floor(bytesPerSecond / CHUNKS_PER_SECOND));
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += size) {
      yield chunk.subarray(at, at + size);
      await delay(1000 / CHUNKS_PER_SECOND);
    }
  }
}

/** Random bytes in place of the file's. */
export async function* corrupted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of source) yield randomBytes(chunk.length);
}
