import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { byteRange, type ByteRange } from './byte-range.ts';
import type { SampleMedia } from './media-library.ts';

/** Writes the head of an answer; undefined when that was all of it. */
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

/** Sends a file, or as much of its beginning as `firstBytes` says, as if that were all of it. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
  firstBytes: number | undefined,
  type: string,
  slow: (source: Readable) => AsyncIterable<Buffer> | Readable = (source) => source,
): Promise<void> {
  const handle = await open(file);
  const sizeBytes = firstBytes ?? (await handle.stat()).size;
  await handle.close();
  const range = begin(request, response, sizeBytes, type);
  if (range === undefined) return;
  await pipeline(slow(createReadStream(file, range)), response);
}

/** Sends bytes from memory as a file. */
export async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  type: string,
): Promise<void> {
  const range = begin(request, response, bytes.length, type);
  if (range === undefined) return;
  await pipeline(Readable.from([bytes.subarray(range.start, range.end + 1)]), response);
}

/** Sends a file up to a place in it, then cuts the line or says nothing more. */
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
  // Ended in order, so that what was sent arrives; Content-Length says that more should have come.
  if (cut) response.socket?.end();
}
