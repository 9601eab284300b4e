import type { IncomingHttpHeaders } from 'node:http';
import type { MinioConfig } from '../config/config.ts';
import { orForget } from './renewed-credential.ts';
import type { S3KeySource } from './s3-keys.ts';
import { s3PlaceOf, type S3Place } from './s3-place.ts';
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

/** Signs requests without a body for a bucket and sends them: all but those that store objects. */
export class S3Reads {
  readonly #place: S3Place;
  readonly #keys: S3KeySource;
  readonly #signer: S3Signer;
  readonly #connection: StoreConnection;

  constructor(minio: MinioConfig, keys: S3KeySource) {
    this.#place = s3PlaceOf(minio);
    this.#keys = keys;
    this.#signer = new S3Signer(minio.region);
    this.#connection = new StoreConnection(this.#place.origin);
  }

  /** See `StoreConnection.send`. */
  async send(request: S3Read, signal: AbortSignal): Promise<StoreResponse> {
    const signed = await this.#signed(request);
    return await orForget(this.#keys, this.#connection.send(signed, signal));
  }

  /** For requests whose response has no content that matters. @returns its headers */
  async sendForHead(request: S3Read, signal: AbortSignal): Promise<IncomingHttpHeaders> {
    return (await this.#sendForBody(request, signal)).headers;
  }

  async sendForText(request: S3Read, signal: AbortSignal): Promise<string> {
    return (await this.#sendForBody(request, signal)).content.toString('utf8');
  }

  close(): void {
    this.#connection.close();
  }

  async #sendForBody(request: S3Read, signal: AbortSignal) {
    const signed = await this.#signed(request);
    return await orForget(this.#keys, this.#connection.sendForBody(signed, MAX_PAGE_BYTES, signal));
  }

  async #signed({ method, name, query = {}, headers, what }: S3Read): Promise<StoreRequest> {
    const { host, bucketInPath } = this.#place;
    const path = encodeS3Path(bucketInPath, name);
    const encoded = encodeQuery(query);
    const signable = { method, path, query: encoded, host, at: new Date() };
    return {
      method,
      path: encoded === '' ? path : `${path}?${encoded}`,
      headers: { ...headers, ...this.#signer.sign(signable, await this.#keys.get()) },
      what,
    };
  }
}
