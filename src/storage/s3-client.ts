import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { interruptionOf } from '../runtime/deadline.ts';
import { parseRetryAfter, refusalToJobError, transferToJobError } from './storage-errors.ts';
import { canonicalQuery, encodeRfc3986, signS3Request, type S3Credentials } from './s3-signature.ts';
import { parseS3Error } from './s3-xml.ts';

/** One request below a bucket. */
export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Left out: the bucket itself. */
  readonly name?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Names in lower case; all are signed. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | { readonly stream: Readable; readonly sizeBytes: number };
  /** Hexadecimal SHA-256 of the body; the server checks it. Left out: unsigned. */
  readonly payloadSha256?: string;
  /** What is being done, for the error. */
  readonly what: string;
}

/** From this size on the server is asked before the body is sent, so that a refusal can be read. */
const ASK_FIRST_BYTES = 64 * 1024;
const MAX_WAIT_FOR_CONTINUE_MS = 1_000;
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/**
 * A client for the part of S3's HTTP interface that we use, path style. Its requests end when their signal says so
 * and every failure has a class, neither of which the client libraries offer; see docs/decisions.
 */
export class S3Client {
  readonly #bucket: string;
  readonly #credentials: S3Credentials;
  readonly #host: string;
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;
  readonly #origin: { readonly host: string; readonly port: number };

  constructor(
    options: S3Credentials & {
      readonly host: string;
      readonly port: number;
      readonly useTls: boolean;
      readonly bucket: string;
    },
  ) {
    const { host, port, useTls } = options;
    this.#bucket = options.bucket;
    this.#credentials = options;
    const isDefaultPort = port === (useTls ? 443 : 80);
    this.#host = isDefaultPort ? host : `${host}:${String(port)}`;
    // Node wants IPv6 addresses without the brackets of an address.
    this.#origin = { host: host.replace(/^\[|\]$/g, ''), port };
    this.#request = useTls ? https.request : http.request;
    this.#agent = new (useTls ? https : http).Agent({ keepAlive: true, maxFreeSockets: 32 });
  }

  /**
   * Sends a request and waits for the head of the answer. The caller must read or destroy the answer's body.
   * @throws JobError when the connection fails, the signal ends it or the status is not 2xx.
   */
  async send(request: S3Request, signal: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#exchange(request, signal);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    const body = await readBody(response, MAX_ERROR_BODY_BYTES).catch(() => '');
    const ownCode = response.headers['x-minio-error-code'];
    const code = parseS3Error(body) ?? (typeof ownCode === 'string' ? ownCode : '');
    const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
    throw refusalToJobError(
      { status, code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
      request.what,
    );
  }

  /** Sends a request and reads its whole answer as text. Only for answers of known, small size. */
  async sendForText(
    request: S3Request,
    signal: AbortSignal,
  ): Promise<{ text: string; head: IncomingMessage }> {
    const head = await this.send(request, signal);
    try {
      return { text: await readBody(head, Infinity), head };
    } catch (error) {
      throw signal.aborted ? interruptionOf(signal) : transferToJobError(error, request.what);
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  #exchange(request: S3Request, signal: AbortSignal): Promise<IncomingMessage> {
    const { body, what } = request;
    const query = request.query ?? {};
    const names = (request.name ?? '').split('/').map(encodeRfc3986).join('/');
    const path = `/${this.#bucket}${names === '' ? '' : `/${names}`}`;
    const sizeBytes = body === undefined ? 0 : Buffer.isBuffer(body) ? body.byteLength : body.sizeBytes;
    const asksFirst = sizeBytes >= ASK_FIRST_BYTES;
    const headers = signS3Request(
      {
        method: request.method,
        path,
        query,
        headers: { ...request.headers, host: this.#host },
        payloadSha256: request.payloadSha256 ?? 'UNSIGNED-PAYLOAD',
      },
      this.#credentials,
    );
    if (request.method === 'PUT' || request.method === 'POST') headers['content-length'] = String(sizeBytes);
    if (asksFirst) headers['expect'] = '100-continue';
    const search = canonicalQuery(query);

    return new Promise((resolve, reject) => {
      const stream = body === undefined || Buffer.isBuffer(body) ? undefined : body.stream;
      let failure: unknown;
      let isSending = false;
      let goAhead: NodeJS.Timeout | undefined;
      const outgoing = this.#request({
        ...this.#origin,
        agent: this.#agent,
        method: request.method,
        path: search === '' ? path : `${path}?${search}`,
        headers,
        signal,
      });
      stream?.on('error', (error) => {
        failure = error;
        outgoing.destroy(error);
      });
      const sendBody = () => {
        if (isSending) return;
        isSending = true;
        clearTimeout(goAhead);
        if (stream === undefined) {
          outgoing.end(body);
          return;
        }
        stream.pipe(outgoing);
      };
      outgoing.on('response', (response) => {
        clearTimeout(goAhead);
        // Its errors reach whoever reads it; nobody may be reading yet.
        response.on('error', () => undefined);
        stream?.destroy();
        // Answered before the body was sent: the connection is of no more use.
        response.on('close', () => {
          if (!outgoing.writableFinished) outgoing.destroy();
        });
        resolve(response);
      });
      outgoing.on('error', (error) => {
        clearTimeout(goAhead);
        stream?.destroy();
        reject(signal.aborted ? interruptionOf(signal) : transferToJobError(failure ?? error, what));
      });
      if (asksFirst) {
        outgoing.once('continue', sendBody);
        // Some servers and proxies know nothing of the question.
        goAhead = setTimeout(sendBody, MAX_WAIT_FOR_CONTINUE_MS);
        outgoing.flushHeaders();
      } else {
        sendBody();
      }
    });
  }
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
