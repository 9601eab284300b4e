import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
// All of undici is 111 files; these two need 25, and an idle worker holds 2 MB less.
import request from 'undici/lib/api/api-request.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { interruptionOf } from '../runtime/deadline.ts';
import { retryAfterMs } from '../runtime/http-client/response-headers.ts';
import { responseToJobError, transferToJobError, withoutSecrets } from './storage-errors.ts';

/** A signed request to a store. */
export interface StoreRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Encoded, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | Readable;
  /** What is being done, for error messages. */
  readonly what: string;
}

export interface StoreResponse {
  readonly headers: IncomingHttpHeaders;
  /** The caller must read or destroy it. */
  readonly body: Readable;
}

const MAX_ERROR_BODY_BYTES = 64 * 1024;
const CONNECT_TIMEOUT_MS = 30_000;
/** Shorter than the servers keep an idle connection, so that none is used that they are about to close. */
const KEEP_ALIVE_MS = 15_000;
const ERROR_CODE = /<Code>([^<]{1,200})<\/Code>/;

/** Connections to one store that are kept open between requests. Neither redirects nor retries. */
export class StoreConnection {
  readonly #pool: Pool;

  /** @param origin such as `https://account.blob.core.windows.net` */
  constructor(origin: string) {
    this.#pool = new Pool(origin, {
      // The signal of each request sets the limits.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
  }

  /**
   * Sends a request and waits for the head of the response.
   * @throws JobError when the connection fails, the signal is aborted or the status is not 2xx.
   */
  async send({ what, ...wanted }: StoreRequest, signal: AbortSignal): Promise<StoreResponse> {
    try {
      // undici closes a connection after HEAD unless told otherwise, for servers that send a body all the same.
      const { statusCode, headers, body } = await request.call(this.#pool, {
        ...wanted,
        signal,
        reset: false,
      });
      // The reader gets the errors; there may be no reader yet.
      body.on('error', () => undefined);
      if (statusCode >= 200 && statusCode < 300) return { headers, body };
      const text = await readAll(body, MAX_ERROR_BODY_BYTES).catch(() => Buffer.alloc(0));
      const ownCode = headers['x-ms-error-code'] ?? headers['x-minio-error-code'];
      const code = typeof ownCode === 'string' ? ownCode : (ERROR_CODE.exec(text.toString())?.[1] ?? '');
      const wait = headers['retry-after'];
      const delayMs = retryAfterMs(typeof wait === 'string' ? wait : undefined);
      throw responseToJobError({ status: statusCode, code, retryAfterMs: delayMs }, what);
    } catch (error) {
      throw signal.aborted ? interruptionOf(signal) : transferToJobError(withoutRequest(error), what);
    }
  }

  /**
   * Sends a request and reads the whole response.
   * @param maxBytes of the response; more is an error.
   */
  async sendForBody(
    request: StoreRequest,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<{ readonly headers: IncomingHttpHeaders; readonly content: Buffer }> {
    const { headers, body } = await this.send(request, signal);
    try {
      return { headers, content: await readAll(body, maxBytes) };
    } catch (error) {
      throw signal.aborted ? interruptionOf(signal) : transferToJobError(error, request.what);
    }
  }

  /** Closes all connections. */
  close(): void {
    void this.#pool.destroy();
  }
}

/**
 * Reads a body to its end.
 * @throws RangeError when it has more than `maxBytes`; the error of the connection when it is cut.
 */
export function readAll(body: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    body.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) {
        body.destroy(new RangeError(`The response is larger than ${String(maxBytes)} bytes.`));
      } else {
        chunks.push(chunk);
      }
    });
    body.once('error', reject);
    body.once('end', () => {
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, sizeBytes));
    });
  });
}

/** Errors of the client quote no headers, but may quote a URL with its token. */
function withoutRequest(error: unknown): unknown {
  if (error instanceof Error && !('errorClass' in error)) error.message = withoutSecrets(error.message);
  return error;
}
