import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/** The keys of an S3 server. */
export interface S3Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

/** What is signed of a request. Other headers may be sent too. */
export interface S3Signable {
  readonly method: string;
  /** Encoded by `encodeS3Path`. */
  readonly path: string;
  /** Encoded by `encodeQuery`, sorted by name; empty for none. */
  readonly query: string;
  /** With the port, if it is not that of the scheme. */
  readonly host: string;
  readonly at: Date;
}

/** SHA-256 of no content. */
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const SIGNED = 'host;x-amz-content-sha256;x-amz-date';

/**
 * Signs requests without a body by AWS Signature Version 4
 * (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). The key of the day is computed once.
 */
export class S3Signer {
  readonly #credentials: S3Credentials;
  #today: { readonly day: string; readonly key: KeyObject } | undefined;

  constructor(credentials: S3Credentials) {
    this.#credentials = credentials;
  }

  /** The headers to send with the request. */
  sign({ method, path, query, host, at }: S3Signable): Record<string, string> {
    const date = at.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = date.slice(0, 8);
    const { accessKey, region } = this.#credentials;
    const scope = `${day}/${region}/s3/aws4_request`;
    const canonical =
      `${method}\n${path}\n${query}\nhost:${host}\nx-amz-content-sha256:${EMPTY_SHA256}\n` +
      `x-amz-date:${date}\n\n${SIGNED}\n${EMPTY_SHA256}`;
    const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash('sha256', canonical)}`;
    const signature = createHmac('sha256', this.#keyOf(day)).update(text).digest('hex');
    return {
      host,
      'x-amz-content-sha256': EMPTY_SHA256,
      'x-amz-date': date,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${SIGNED}, Signature=${signature}`,
    };
  }

  #keyOf(day: string): KeyObject {
    if (this.#today?.day === day) return this.#today.key;
    const steps = [day, this.#credentials.region, 's3', 'aws4_request'];
    const first: Buffer = Buffer.from(`AWS4${this.#credentials.secretKey}`);
    const bytes = steps.reduce((key, step) => createHmac('sha256', key).update(step).digest(), first);
    // With a key object the HMAC takes a fifth of the time that it takes with a buffer.
    const key = createSecretKey(bytes);
    this.#today = { day, key };
    return key;
  }
}

/** The path of an object, or of the bucket when there is no name. */
export function encodeS3Path(bucket: string, name?: string): string {
  return name === undefined ? `/${bucket}` : `/${bucket}/${name.split('/').map(encodeStrictly).join('/')}`;
}

/** Encodes query parameters as the signature requires: sorted by name, all but the unreserved characters of RFC 3986. */
export function encodeQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`)
    .sort()
    .join('&');
}

function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
