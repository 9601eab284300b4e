import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A file that is served, and what goes wrong with it. */
export interface MediaFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** Whether parts of it can be asked for; true when left out. */
  readonly ranges?: boolean;
  /** Names the version; parts are only sent of the version that is asked for. */
  readonly etag?: string;
  /** What goes wrong with the next answers, one after another: the connection is cut or falls silent after so many bytes. */
  readonly faults?: MediaFault[];
  /** Answers with this status alone. */
  readonly status?: number;
  /** Redirects there. */
  readonly location?: string;
}

/** What goes wrong with one answer. */
export interface MediaFault {
  readonly kind: 'cut' | 'silence';
  readonly afterBytes: number;
}

/** Sends a file, or the part of it that is asked for (RFC 9110, section 14). */
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
  response.writeHead(start === undefined ? 200 : 206, {
    'content-type': file.contentType,
    'content-length': body.length,
    ...(file.etag === undefined ? {} : { etag: file.etag }),
    ...(start === undefined
      ? {}
      : { 'content-range': `bytes ${String(start)}-${String(size - 1)}/${String(size)}` }),
  });
  const fault = file.faults?.shift();
  if (fault === undefined) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, fault.afterBytes));
  switch (fault.kind) {
    case 'cut':
      // The bytes that were written are to arrive before the connection ends.
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
