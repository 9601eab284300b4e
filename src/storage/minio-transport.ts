import type http from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { ClientOptions } from 'minio';
import type { JobError } from '../domain/job-errors.ts';
import { parseRetryAfter, refusalToJobError } from './storage-errors.ts';

type OnResponse = (response: IncomingMessage) => void;

const MAX_WAIT_FOR_CONTINUE_MS = 1_000;
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/**
 * Carries the requests of one call of minio-js, which itself can neither end a request nor tell all refusals
 * apart. Here the signal ends them, and an answer other than 2xx is read and judged before minio-js sees it.
 */
export class MinioTransport {
  readonly #send: typeof http.request;
  readonly #signal: AbortSignal;
  readonly #what: string;
  readonly #sendBody: (() => void) | undefined;
  #refusal: Promise<JobError> | undefined;

  /**
   * @param send `http.request` or `https.request`.
   * @param call `what` is being done, for errors; `sendBody` lets a body go that is held back until the server has
   *   been asked whether it wants it.
   */
  constructor(
    send: typeof http.request,
    call: { readonly what: string; readonly signal: AbortSignal; readonly sendBody?: () => void },
  ) {
    this.#send = send;
    this.#signal = call.signal;
    this.#what = call.what;
    this.#sendBody = call.sendBody;
  }

  /** What minio-js takes for its `transport`. */
  get forClient(): NonNullable<ClientOptions['transport']> {
    return {
      request: (
        options: RequestOptions | string | URL,
        second?: RequestOptions | OnResponse,
        third?: OnResponse,
      ) => {
        if (typeof options === 'string' || options instanceof URL) {
          throw new TypeError('minio-js asks by options, not by address.');
        }
        return this.#request(options, typeof second === 'function' ? second : third);
      },
    };
  }

  /** The refusal that the server answered with, once it has been read; undefined when it did not refuse. */
  get refusal(): Promise<JobError> | undefined {
    return this.#refusal;
  }

  #request(options: RequestOptions, onResponse: OnResponse | undefined): ClientRequest {
    const outgoing = this.#send({ ...options, signal: this.#signal });
    if (this.#sendBody !== undefined) askFirst(outgoing, this.#sendBody);
    outgoing.on('response', (response) => {
      // Its errors reach whoever reads it; nobody may be reading yet.
      response.on('error', () => undefined);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) {
        // Answered before the body was sent: the connection is of no more use.
        response.on('close', () => {
          if (!outgoing.writableFinished) outgoing.destroy();
        });
        onResponse?.(response);
        return;
      }
      this.#refusal = readRefusal(response, status, this.#what);
      void this.#refusal.then((error) => {
        // The one way back into minio-js that keeps the error as it is. Destroying would not do it: a request whose
        // answer has been read is over and says nothing any more.
        outgoing.emit('error', error);
        if (!outgoing.writableFinished) outgoing.destroy();
      });
    });
    return outgoing;
  }
}

/** Sends the head alone, and the body when the server asks for it, so that a refusal can be read. */
function askFirst(outgoing: ClientRequest, sendBody: () => void): void {
  // Not among the signed headers: proxies answer the question themselves and take it away.
  outgoing.setHeader('expect', '100-continue');
  const stopWaiting = () => {
    clearTimeout(goAhead);
    outgoing.off('continue', go);
  };
  const go = () => {
    stopWaiting();
    sendBody();
  };
  // Some servers and proxies know nothing of the question.
  const goAhead = setTimeout(go, MAX_WAIT_FOR_CONTINUE_MS);
  outgoing.on('continue', go);
  for (const event of ['response', 'error', 'close'] as const) outgoing.once(event, stopWaiting);
  outgoing.flushHeaders();
}

async function readRefusal(response: IncomingMessage, status: number, what: string): Promise<JobError> {
  const body = await readText(response, MAX_ERROR_BODY_BYTES).catch(() => '');
  const ownCode = response.headers['x-minio-error-code'];
  const code = s3ErrorCode(body) ?? (typeof ownCode === 'string' ? ownCode : '');
  const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
  return refusalToJobError({ status, code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }, what);
}

/** The code of an S3 error answer; undefined when it is none. */
export function s3ErrorCode(xml: string): string | undefined {
  return xml.includes('<Error>') ? /<Code>([^<]*)<\/Code>/.exec(xml)?.[1] : undefined;
}

/** Reads a body as text, at most about so many bytes of it. */
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
