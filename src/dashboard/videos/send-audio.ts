import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { toJobError } from '../../domain/job-errors.ts';
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts';

/** An object as an HTTP response (RFC 9110): whole, or one range of it, so that a player can seek. */
export async function sendObject(
  object: ObjectInfo,
  store: ObjectStore,
  request: Request,
  response: Response,
): Promise<void> {
  const { name, sizeBytes } = object;
  const etag = `"${object.etag}"`;
  response.set({
    'accept-ranges': 'bytes',
    'content-type': object.contentType ?? 'application/octet-stream',
    etag,
    'last-modified': object.lastModified.toUTCString(),
    'cache-control': 'private, no-cache',
  });
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  const range = rangeOf(request, sizeBytes, etag);
  if (range === 'unsatisfiable') {
    response
      .status(416)
      .set('content-range', `bytes */${String(sizeBytes)}`)
      .end();
    return;
  }
  if (range !== undefined) {
    response
      .status(206)
      .set('content-range', `bytes ${String(range.first)}-${String(range.last)}/${String(sizeBytes)}`);
  }
  response.set('content-length', String(range === undefined ? sizeBytes : range.last - range.first + 1));
  if (request.method === 'HEAD' || sizeBytes === 0) {
    response.end();
    return;
  }
  const left = new AbortController();
  response.on('close', () => {
    left.abort();
  });
  try {
    const options = { signal: left.signal, ifMatch: object.etag, ...(range && { range }) };
    const { stream } = await store.openRead(name, options);
    await pipeline(stream, response);
  } catch (error) {
    // A listener who leaves or seeks ends the transfer: that is no failure.
    if (left.signal.aborted) return;
    response.removeHeader('content-length');
    throw toJobError(error);
  }
}

interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** The range that is asked for; undefined for the whole object, also when several ranges are asked for (RFC 9110 §14.2). */
function rangeOf(request: Request, sizeBytes: number, etag: string): ByteRange | 'unsatisfiable' | undefined {
  const ifRange = request.get('if-range');
  // A date is not used: an object that is replaced within one second has the same one.
  if (ifRange !== undefined && ifRange !== etag) return undefined;
  const ranges = request.range(sizeBytes, { combine: true });
  if (ranges === -1) return 'unsatisfiable';
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1)
    return undefined;
  const [range] = ranges;
  return range && { first: range.start, last: range.end };
}
