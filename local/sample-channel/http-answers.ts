import type { IncomingMessage, ServerResponse } from 'node:http';

/** Requests of yt-dlp and of tests are small. */
const LARGEST_BODY_BYTES = 4 * 1024 * 1024;

/** Reads a JSON body. @throws Error when it is too long or is not JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) throw new TypeError('a request body is read as bytes');
    sizeBytes += chunk.length;
    if (sizeBytes > LARGEST_BODY_BYTES) throw new RangeError('the request body is too long');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

export function sendJson(response: ServerResponse, answer: object, status = 200): void {
  const body = JSON.stringify(answer);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** An error in the form of InnerTube, whose message yt-dlp repeats as a warning. */
export function sendApiError(response: ServerResponse, status: number, message: string): void {
  sendJson(response, { error: { code: status, message, status: 'SAMPLE' } }, status);
}

/** A web page where something else was expected, as captive portals and blocks send them. */
export function sendPage(response: ServerResponse): void {
  const body = '<!DOCTYPE html><html><head><title>Please wait</title></head><body>Not here.</body></html>';
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': body.length });
  response.end(body);
}
