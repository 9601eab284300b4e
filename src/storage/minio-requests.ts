import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { PassThrough, type Readable } from 'node:stream';
import type { Client } from 'minio';
import { z } from 'zod';
import type { MinioConfig } from '../config/config.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { MinioTransport, readText, type MinioCall } from './minio-transport.ts';
import { orForget } from './renewed-credential.ts';
import type { S3Keys, S3KeySource } from './s3-keys.ts';
import { responseToJobError, transferToJobError } from './storage-errors.ts';

/** A request that stores an object or a part of one. */
export interface S3Request {
  readonly method: 'PUT';
  readonly name: string;
  /** Encoded by `encodeQuery`. */
  readonly query?: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: S3Body;
  /** What is being done, for error messages. */
  readonly what: string;
}

export interface S3Body {
  readonly stream: Readable;
  readonly sizeBytes: number;
  /** Hexadecimal. It is signed and the server checks it; not with TLS, which protects the body itself. */
  readonly sha256: string;
}

/** Bodies of this size or more are sent with `Expect: 100-continue`, so that an error response can be read. */
const EXPECT_CONTINUE_BYTES = 64 * 1024;
const GATE_BYTES = 256 * 1024;
const SUCCESS = [200, 204, 206];
const errorBodySchema = z.object({ Code: z.string() });

/**
 * Sends the requests that store objects, with minio-js over our own transport, so that an aborted signal ends them and every failure is a JobError;
 * see docs/decisions/004.
 */
export class MinioRequests {
  readonly #minio: MinioConfig;
  readonly #keys: S3KeySource;
  readonly #agent: http.Agent;

  constructor(minio: MinioConfig, keys: S3KeySource) {
    this.#minio = minio;
    this.#keys = keys;
    this.#agent = new (minio.useTls ? https : http).Agent({ keepAlive: true, maxFreeSockets: 32 });
  }

  /**
   * Sends a request and waits for the head of the response. The caller must read or destroy the body of the response.
   * @throws JobError when the connection fails, the signal is aborted or the status is not 2xx.
   */
  async send(request: S3Request, signal: AbortSignal): Promise<IncomingMessage> {
    const { method, name: objectName, query = '', body, what } = request;
    const { bucket: bucketName, region, useTls } = this.#minio;
    const headers = { ...request.headers };
    const options = { method, bucketName, objectName, query, headers };
    headers['content-length'] = String(body.sizeBytes);
    const sha256 = useTls ? '' : body.sha256;
    const gate = body.sizeBytes >= EXPECT_CONTINUE_BYTES ? gated(body.stream) : undefined;
    try {
      return await this.call({ what, signal, ...(gate && { sendBody: gate.open }) }, (client) =>
        client.makeRequestStreamAsync(options, gate?.stream ?? body.stream, sha256, SUCCESS, region),
      );
    } finally {
      // The request is answered or has failed: nothing reads the rest.
      body.stream.destroy();
    }
  }

  /** Sends a request and reads the whole response as text. Only for small responses. */
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
   * Makes one call of minio-js with a new client, which is bound to the signal.
   * @throws JobError, whatever error minio-js throws.
   */
  async call<T>(context: MinioCall, work: (client: Client, bucket: string) => Promise<T>): Promise<T> {
    const keys = await this.#keys.get();
    return await orForget(this.#keys, this.#callWith(keys, context, work));
  }

  async #callWith<T>(
    keys: S3Keys,
    context: MinioCall,
    work: (client: Client, bucket: string) => Promise<T>,
  ): Promise<T> {
    const { host, port, useTls, addressing, region, bucket } = this.#minio;
    const { what, signal } = context;
    const transport = new MinioTransport(useTls ? https.request : http.request, context);
    try {
      // Loaded when the first object is stored: commands that only read start sooner.
      const minio = await import('minio');
      const client = new minio.Client({
        // minio-js, like Node, takes IPv6 addresses without brackets.
        endPoint: host.replace(/^\[|\]$/g, ''),
        port,
        useSSL: useTls,
        ...keys,
        region,
        pathStyle: addressing === 'path',
        // Its retries would send a consumed body again, and print; `storeRetryPolicy` is used instead.
        retryOptions: { disableRetry: true },
        transport: transport.forClient,
        transportAgent: this.#agent,
      });
      return await work(client, bucket);
    } catch (error) {
      if (signal.aborted) throw interruptionOf(signal);
      // A server may send an error response and also cut the connection; the cut may be seen first.
      const errorResponse = await transport.errorResponse;
      if (errorResponse !== undefined) throw errorResponse;
      // Some calls fail after the status 200; minio-js then throws the parsed body.
      const { data } = errorBodySchema.safeParse(error);
      throw data === undefined
        ? transferToJobError(error, what)
        : responseToJobError({ status: 500, code: data.Code }, what);
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy();
  }
}

/** A stream with the same content and errors that stays empty until `open` is called. */
function gated(source: Readable): { readonly stream: Readable; readonly open: () => void } {
  const stream = new PassThrough({ highWaterMark: GATE_BYTES });
  source.on('error', (error) => stream.destroy(error));
  // The reader gets the errors; before there is a reader, an error must not end the process.
  stream.on('error', () => undefined);
  stream.on('close', () => source.destroy());
  return { stream, open: () => source.pipe(stream) };
}
