import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';

/**
 * Sends a value as JSON. An answer to GET has a strong ETag (RFC 9110, section 8.8.3): equal bytes, and only they, have equal
 * ones. With `If-None-Match` a client that has these bytes gets 304.
 */
export function sendJson(request: Request, response: Response, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead) {
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
    response.set({ etag, 'cache-control': 'private, no-cache', vary: 'Authorization, Cookie' });
    // Not `request.fresh`: clients send `Cache-Control: no-cache` with a condition of their own, which is meant for caches.
    if (matchesEtag(request.get('if-none-match'), etag)) {
      response.status(304).end();
      return;
    }
  }
  // Not `send`, which would give an answer to POST a tag as well.
  response.type('json').set('content-length', String(body.length)).end(body);
}

/** Whether a list of entity tags has this one, compared weakly (RFC 9110, section 13.1.2). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/** The address of the next page, for a `Link` header (RFC 8288): this one with another cursor. */
export function nextLink({ originalUrl }: Pick<Request, 'originalUrl'>, cursor: string): string {
  const [path = '', query = ''] = originalUrl.split('?', 2);
  const fields = new URLSearchParams(query);
  fields.set('cursor', cursor);
  return `<${path}?${fields.toString()}>; rel="next"`;
}
