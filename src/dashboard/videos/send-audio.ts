import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { toJobError } from '../../domain/job-errors.ts';
import { audioContentType } from '../../storage/audio-content-type.ts';
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts';
import { leavingSignal } from '../leaving-signal.ts';
import { parseByteRange, type ByteRange } from './byte-range.ts';

/**
 * An audio object as an HTTP response (RFC 9110): whole, or one range of it, so that a player can seek. Nothing of the response is
 * set before the bucket has begun to answer: a failure until then is reported like any other, as no file to download.
 * @param downloadName for a file to download instead of one to play
 * @throws JobErrors of the store. After the first byte the connection is cut, which tells the player that more was to come.
 */
export async function sendObject(
  object: ObjectInfo,
  store: ObjectStore,
  request: Request,
  response: Response,
  downloadName?: string,
): Promise<void> {
  const { sizeBytes } = object;
  const head = { object, downloadName };
  const status = preconditionStatus(object, request);
  if (status !== undefined) {
    response.set(validatorsOf(object)).status(status).end();
    return;
  }
  const range = request.method === 'GET' ? rangeOf(object, request) : undefined;
  if (range === 'unsatisfiable') {
    const contentRange = `bytes */${String(sizeBytes)}`;
    response.set({ 'accept-ranges': 'bytes', 'content-range': contentRange }).status(416).end();
    return;
  }
  if (request.method === 'HEAD' || sizeBytes === 0) {
    setHead(head, range, response);
    response.end();
    return;
  }
  await sendContent(head, range, store, response);
}

interface Head {
  readonly object: ObjectInfo;
  readonly downloadName: string | undefined;
}

async function sendContent(
  head: Head,
  range: ByteRange | undefined,
  store: ObjectStore,
  response: Response,
): Promise<void> {
  const { object } = head;
  const left = leavingSignal(response);
  try {
    const options = { signal: left, ifMatch: object.etag, ...(range && { range }) };
    const { stream } = await store.openRead(object.name, options);
    setHead(head, range, response);
    await pipeline(stream, response);
  } catch (thrown) {
    // A listener who leaves or seeks ends the transfer: that is no failure.
    if (left.aborted) return;
    const error = toJobError(thrown);
    // A player that is paused takes no more for a while; it asks for the rest when it goes on.
    if (response.headersSent && (error.errorClass === 'stall' || error.errorClass === 'timeout')) {
      response.destroy();
      return;
    }
    throw error;
  }
}

function setHead({ object, downloadName }: Head, range: ByteRange | undefined, response: Response): void {
  const { name, sizeBytes, contentType } = object;
  // It sets a type too, by the extension.
  if (downloadName !== undefined) response.attachment(downloadName);
  response.set({
    'accept-ranges': 'bytes',
    // Objects of earlier versions have no type of their own where the format is rare.
    'content-type': audioContentType(name.slice(name.lastIndexOf('.') + 1), contentType),
    'content-length': String(range === undefined ? sizeBytes : range.last - range.first + 1),
    ...validatorsOf(object),
  });
  if (range === undefined) return;
  const { first, last } = range;
  response.status(206).set('content-range', `bytes ${String(first)}-${String(last)}/${String(sizeBytes)}`);
}

function validatorsOf({ etag, lastModified }: ObjectInfo): Record<string, string> {
  return {
    etag: `"${etag}"`,
    'last-modified': lastModified.toUTCString(),
    'cache-control': 'private, no-cache',
  };
}

/** The status of a request whose conditions are not met, in the order of RFC 9110 §13.2.2; undefined when they are. */
function preconditionStatus({ etag, lastModified }: ObjectInfo, request: Request): 304 | 412 | undefined {
  const ifMatch = listOf(request.get('if-match'));
  const ifUnmodifiedSince = secondsOf(request.get('if-unmodified-since'));
  const changedAt = Math.floor(lastModified.getTime() / 1000);
  if (ifMatch !== undefined) {
    if (!ifMatch.includes('*') && !ifMatch.includes(`"${etag}"`)) return 412;
  } else if (ifUnmodifiedSince !== undefined && changedAt > ifUnmodifiedSince) {
    return 412;
  }
  const ifNoneMatch = listOf(request.get('if-none-match'));
  // Here a weak validator counts as well (§13.1.2).
  if (ifNoneMatch !== undefined) {
    return ifNoneMatch.some((each) => each === '*' || each.replace(/^W\//, '') === `"${etag}"`)
      ? 304
      : undefined;
  }
  const ifModifiedSince = secondsOf(request.get('if-modified-since'));
  return ifModifiedSince !== undefined && changedAt <= ifModifiedSince ? 304 : undefined;
}

function listOf(header: string | undefined): string[] | undefined {
  return header?.split(',').map((part) => part.trim());
}

/** A time that cannot be read is ignored (§13.1.3). */
function secondsOf(header: string | undefined): number | undefined {
  const time = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

function rangeOf({ etag, sizeBytes }: ObjectInfo, request: Request): ByteRange | 'unsatisfiable' | undefined {
  const ifRange = request.get('if-range');
  // A date is not used: an object that is replaced within one second has the same one.
  if (ifRange !== undefined && ifRange !== `"${etag}"`) return undefined;
  return parseByteRange(request.get('range'), sizeBytes);
}
