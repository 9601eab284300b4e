import type { IncomingMessage, ServerResponse } from 'node:http';

/** Requests of yt-dlp and tests are much smaller. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Reads a JSON body. @throws Error when it is too long or is not JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) throw new TypeError('The request body is not read as bytes.');
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES) throw new RangeError('The request body is too long.');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

export function sendJson(response: ServerResponse, content: object, status = 200): void {
  const body = JSON.stringify(content);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** An error in the form of InnerTube; yt-dlp prints its message as a warning. */
export function sendApiError(response: ServerResponse, status: number, message: string): void {
  sendJson(response, { error: { code: status, message, status: 'SAMPLE' } }, status);
}

/** A web page in place of the expected response, as captive portals and blocks send it. */
export function sendPage(response: ServerResponse): void {
  const body = '<!DOCTYPE html><html><head><title>Please wait</title></head><body>Not here.</body></html>';
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': body.length });
  response.end(body);
}
