import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { PassThrough, type Readable } from 'node:stream';
import { Client } from 'minio';
import { z } from 'zod';
import type { MinioConfig } from '../config/config.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { MinioTransport, readText } from './minio-transport.ts';
import { refusalToJobError, transferToJobError } from './storage-errors.ts';

/** One request below a bucket. */
export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  /** Left out: the bucket itself. */
  readonly name?: string;
  /** Encoded by `encodeQuery`. */
  readonly query?: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: S3Body;
  /** What is being done, for the error. */
  readonly what: string;
}

/** The body of a request. */
export interface S3Body {
  readonly stream: Readable;
  readonly sizeBytes: number;
  /** Hexadecimal. Signed, so that the server checks it; not with TLS, which protects the body by itself. */
  readonly sha256: string;
}

/** From this size on the server is asked before the body is sent, so that a refusal can be read. */
const ASK_FIRST_BYTES = 64 * 1024;
const GATE_BYTES = 256 * 1024;
const SUCCESS = [200, 204, 206];
const errorInAnswerSchema = z.object({ Code: z.string() });

/**
 * Sends requests by minio-js over a transport of ours, so that they end when their signal says so and every failure
 * has a class; see docs/decisions.
 */
export class MinioRequests {
  readonly #minio: MinioConfig;
  readonly #agent: http.Agent;

  constructor(minio: MinioConfig) {
    this.#minio = minio;
    this.#agent = new (minio.useTls ? https : http).Agent({ keepAlive: true, maxFreeSockets: 32 });
  }

  /**
   * Sends a request and waits for the head of the answer. The caller must read or destroy the answer's body.
   * @throws JobError when the connection fails, the signal ends it or the status is not 2xx.
   */
  async send(request: S3Request, signal: AbortSignal): Promise<IncomingMessage> {
    const { method, name: objectName = '', query = '', body, what } = request;
    const { bucket: bucketName, region, useTls } = this.#minio;
    const headers = { ...request.headers };
    const options = { method, bucketName, objectName, query, headers };
    if (body === undefined) {
      return this.call({ what, signal }, (client) => client.makeRequestAsync(options, '', SUCCESS, region));
    }
    headers['content-length'] = String(body.sizeBytes);
    const sha256 = useTls ? '' : body.sha256;
    const gate = body.sizeBytes >= ASK_FIRST_BYTES ? holdBack(body.stream) : undefined;
    try {
      return await this.call({ what, signal, ...(gate && { sendBody: gate.open }) }, (client) =>
        client.makeRequestStreamAsync(options, gate?.stream ?? body.stream, sha256, SUCCESS, region),
      );
    } finally {
      // Answered or failed, nobody reads the rest.
      body.stream.destroy();
    }
  }

  /** Sends a request and reads its whole answer as text. Only for answers of known, small size. */
  async sendForText(
    request: S3Request,
    signal: AbortSignal,
  ): Promise<{ text: string; head: IncomingMessage }> {
    const head = await this.send(request, signal);
    try {
      return { text: await readText(head, Infinity), head };
    } catch (error) {
      throw signal.aborted ? interruptionOf(signal) : transferToJobError(error, request.what);
    }
  }

  /**
   * Makes one call of minio-js, with a client of its own that carries the signal.
   * @throws JobError, whatever minio-js makes of a failure.
   */
  async call<T>(
    context: { readonly what: string; readonly signal: AbortSignal; readonly sendBody?: () => void },
    work: (client: Client, bucket: string) => Promise<T>,
  ): Promise<T> {
    const { host, port, useTls, accessKey, secretKey, region, bucket } = this.#minio;
    const { what, signal } = context;
    const transport = new MinioTransport(useTls ? https.request : http.request, context);
    try {
      const client = new Client({
        // minio-js, like Node, wants IPv6 addresses without the brackets of an address.
        endPoint: host.replace(/^\[|\]$/g, ''),
        port,
        useSSL: useTls,
        accessKey,
        secretKey,
        region,
        pathStyle: true,
        // Ours are elsewhere, for all stores; its own would send a body that is used up, and print.
        retryOptions: { disableRetry: true },
        transport: transport.forClient,
        transportAgent: this.#agent,
      });
      return await work(client, bucket);
    } catch (error) {
      if (signal.aborted) throw interruptionOf(signal);
      // A server that refuses may also cut the connection, and that may be seen first.
      const refusal = await transport.refusal;
      if (refusal !== undefined) throw refusal;
      // Some calls fail after they have already answered 200; minio-js then throws the answer as it is.
      const { data } = errorInAnswerSchema.safeParse(error);
      throw data === undefined
        ? transferToJobError(error, what)
        : refusalToJobError({ status: 500, code: data.Code }, what);
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy();
  }
}

/** Query parameters in the encoding that the signature demands: all but the unreserved characters of RFC 3986. */
export function encodeQuery(query: Readonly<Record<string, string>>): string {
  const encode = (text: string) =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  return Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

/** A stream with the same content and errors that stays empty until it is opened. */
function holdBack(source: Readable): { readonly stream: Readable; readonly open: () => void } {
  const stream = new PassThrough({ highWaterMark: GATE_BYTES });
  source.on('error', (error) => stream.destroy(error));
  // Whoever reads the stream hears of its errors; until somebody does, they must not end the process.
  stream.on('error', () => undefined);
  stream.on('close', () => source.destroy());
  return { stream, open: () => source.pipe(stream) };
}
