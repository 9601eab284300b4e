import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { definedFields } from '../../src/domain/defined-fields.ts';

/** A file that is served, with its faults. */
export interface MediaFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** Whether ranges are supported; true by default. */
  readonly ranges?: boolean;
  /** Names the version; a range is sent only if `If-Range` has this version. */
  readonly etag?: string;
  /** The faults of the next responses, one each. */
  readonly faults?: MediaFault[];
  /** Sent in place of the file. */
  readonly status?: number;
  /** The target of a redirect, sent in place of the file. */
  readonly location?: string;
}

/** The connection is cut, or nothing more is sent. */
export interface MediaFault {
  readonly kind: 'cut' | 'silence';
  readonly afterBytes: number;
}

/** Sends a file or the requested range of it (RFC 9110, section 14). */
export async function sendMedia(
  file: MediaFile,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (file.location !== undefined) {
    response.writeHead(302, { location: file.location }).end();
    return;
  }
  if (file.status !== undefined) {
    response.writeHead(file.status).end();
    return;
  }
  const start = startOf(file, request);
  const body = file.bytes.subarray(start);
  const { length: size } = file.bytes;
  const range = `bytes ${String(start)}-${String(size - 1)}/${String(size)}`;
  const headers = definedFields({
    'content-type': file.contentType,
    'content-length': body.length,
    etag: file.etag,
    'content-range': start === undefined ? undefined : range,
  });
  response.writeHead(start === undefined ? 200 : 206, headers);
  const fault = file.faults?.shift();
  if (fault === undefined) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, fault.afterBytes));
  switch (fault.kind) {
    case 'cut':
      // Not destroyed, so that the bytes that were written still arrive.
      response.socket?.end();
      break;
    case 'silence':
      await once(response, 'close');
      break;
  }
}

function startOf(file: MediaFile, request: IncomingMessage): number | undefined {
  const start = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  if (start === undefined || file.ranges === false) return undefined;
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== file.etag) return undefined;
  return Number(start) < file.bytes.length ? Number(start) : undefined;
}
