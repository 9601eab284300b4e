import type http from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { ClientOptions } from 'minio';
import type { JobError } from '../domain/job-errors.ts';
import { retryAfterMs } from '../runtime/http-client/response-headers.ts';
import { responseToJobError } from './storage-errors.ts';

type OnResponse = (response: IncomingMessage) => void;

const MAX_WAIT_FOR_CONTINUE_MS = 1_000;
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** One call of minio-js. */
export interface MinioCall {
  /** What is being done, for error messages. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** Starts a body that waits for `100 Continue`. */
  readonly sendBody?: () => void;
}

/**
 * Sends the requests of one call of minio-js, which itself cannot abort a request and loses the reason of some errors.
 * Here the signal aborts them, and a response other than 2xx is read and made a JobError before minio-js sees it.
 */
export class MinioTransport {
  readonly #send: typeof http.request;
  readonly #call: MinioCall;
  /** The error of a response other than 2xx, once it has been read; undefined when there was none. */
  errorResponse: Promise<JobError> | undefined;

  /** @param send `http.request` or `https.request`. */
  constructor(send: typeof http.request, call: MinioCall) {
    this.#send = send;
    this.#call = call;
  }

  /** The option `transport` of minio-js, which always passes options and a listener, no URL. */
  get forClient(): NonNullable<ClientOptions['transport']> {
    const request = (options: RequestOptions, onResponse: OnResponse) => this.#request(options, onResponse);
    return { request: request as typeof http.request };
  }

  #request(options: RequestOptions, onResponse: OnResponse): ClientRequest {
    const outgoing = this.#send({ ...options, signal: this.#call.signal });
    if (this.#call.sendBody !== undefined) expectContinue(outgoing, this.#call.sendBody);
    outgoing.on('response', (response) => {
      // The reader gets the errors; there may be no reader yet.
      response.on('error', () => undefined);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) {
        // Answered before the whole body was sent: the connection cannot be used again.
        response.on('close', () => {
          if (!outgoing.writableFinished) outgoing.destroy();
        });
        onResponse(response);
        return;
      }
      this.errorResponse = readErrorResponse(response, status, this.#call.what);
      void this.errorResponse.then((error) => {
        // The only way to pass the error through minio-js unchanged. `destroy(error)` would not do it: after its response
        // has been read, a request emits no more errors.
        outgoing.emit('error', error);
        if (!outgoing.writableFinished) outgoing.destroy();
      });
    });
    return outgoing;
  }
}

/** Sends only the head, and the body after `100 Continue`, so that an error response can be read. */
function expectContinue(outgoing: ClientRequest, sendBody: () => void): void {
  // Not among the signed headers: proxies handle this header themselves and remove it.
  outgoing.setHeader('expect', '100-continue');
  const stopWaiting = () => {
    clearTimeout(timer);
    outgoing.off('continue', go);
  };
  const go = () => {
    stopWaiting();
    sendBody();
  };
  // Some servers and proxies do not know this header.
  const timer = setTimeout(go, MAX_WAIT_FOR_CONTINUE_MS);
  outgoing.on('continue', go);
  for (const event of ['response', 'error', 'close'] as const) outgoing.once(event, stopWaiting);
  outgoing.flushHeaders();
}

async function readErrorResponse(response: IncomingMessage, status: number, what: string): Promise<JobError> {
  const body = await readText(response, MAX_ERROR_BODY_BYTES).catch(() => '');
  const ownCode = response.headers['x-minio-error-code'];
  const code = s3ErrorCode(body) ?? (typeof ownCode === 'string' ? ownCode : '');
  const delayMs = retryAfterMs(response.headers['retry-after']);
  return responseToJobError({ status, code, retryAfterMs: delayMs }, what);
}

/** The code of an S3 error body; undefined when it is not one. */
function s3ErrorCode(xml: string): string | undefined {
  return xml.includes('<Error>') ? /<Code>([^<]*)<\/Code>/.exec(xml)?.[1] : undefined;
}

/** Reads a body as text and stops soon after `maxBytes`. */
export async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
