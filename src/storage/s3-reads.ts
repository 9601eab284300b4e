import type { IncomingHttpHeaders } from 'node:http';
import type { MinioConfig } from '../config/config.ts';
import { encodeQuery, encodeS3Path, S3Signer } from './s3-signature.ts';
import { StoreConnection, type StoreRequest, type StoreResponse } from './store-connection.ts';
import { MAX_PAGE_BYTES } from './store-requests.ts';

/** A request without a body for an object of the bucket, or for the bucket itself. */
export interface S3Read {
  readonly method: 'GET' | 'HEAD' | 'DELETE';
  /** Left out: the bucket. */
  readonly name?: string;
  /** Decoded. */
  readonly query?: Readonly<Record<string, string>>;
  /** Names in lower case; they are not signed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is being done, for error messages. */
  readonly what: string;
}

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
]);

/** Signs requests without a body for a bucket and sends them: all but those that store objects. */
export class S3Reads {
  readonly #bucket: string;
  readonly #host: string;
  readonly #signer: S3Signer;
  readonly #connection: StoreConnection;

  constructor(minio: MinioConfig) {
    const { host, port, useTls, bucket } = minio;
    const scheme = useTls ? 'https' : 'http';
    this.#bucket = bucket;
    // The server verifies the host as the client sends it: without the port when it is that of the scheme.
    this.#host = DEFAULT_PORTS.get(scheme) === port ? host : `${host}:${String(port)}`;
    this.#signer = new S3Signer(minio);
    this.#connection = new StoreConnection(`${scheme}://${host}:${String(port)}`);
  }

  /** See `StoreConnection.send`. */
  send(request: S3Read, signal: AbortSignal): Promise<StoreResponse> {
    return this.#connection.send(this.#signed(request), signal);
  }

  /** For requests whose response has no content that matters. @returns its headers */
  async sendForHead(request: S3Read, signal: AbortSignal): Promise<IncomingHttpHeaders> {
    return (await this.#connection.sendForBody(this.#signed(request), MAX_PAGE_BYTES, signal)).headers;
  }

  async sendForText(request: S3Read, signal: AbortSignal): Promise<string> {
    const { content } = await this.#connection.sendForBody(this.#signed(request), MAX_PAGE_BYTES, signal);
    return content.toString('utf8');
  }

  close(): void {
    this.#connection.close();
  }

  #signed({ method, name, query = {}, headers, what }: S3Read): StoreRequest {
    const path = encodeS3Path(this.#bucket, name);
    const encoded = encodeQuery(query);
    const signable = { method, path, query: encoded, host: this.#host, at: new Date() };
    return {
      method,
      path: encoded === '' ? path : `${path}?${encoded}`,
      headers: { ...headers, ...this.#signer.sign(signable) },
      what,
    };
  }
}
