import { createHash, createHmac } from 'node:crypto';

/** The keys and region that requests are signed with. */
export interface S3Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

/** The parts of a request that the signature covers. */
export interface SignableRequest {
  readonly method: string;
  /** Encoded path, as sent. */
  readonly path: string;
  /** Decoded query parameters. */
  readonly query: Readonly<Record<string, string>>;
  /** All of them are signed; must contain `host`. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Hexadecimal SHA-256 of the body, or `UNSIGNED-PAYLOAD`. */
  readonly payloadSha256: string;
}

/**
 * Signs a request by AWS Signature Version 4 in its header form
 * (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
 * @returns the headers to send: those given, and date, payload hash and authorization.
 */
export function signS3Request(
  request: SignableRequest,
  credentials: S3Credentials,
  now: Date = new Date(),
): Record<string, string> {
  const timestamp = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const date = timestamp.slice(0, 8);
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-content-sha256': request.payloadSha256,
    'x-amz-date': timestamp,
  };
  const names = Object.keys(headers).sort();
  const canonicalRequest = [
    request.method,
    request.path,
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    request.payloadSha256,
  ].join('\n');
  const scope = `${date}/${credentials.region}/s3/aws4_request`;
  const hashed = createHash('sha256').update(canonicalRequest).digest('hex');
  const signature = createHmac('sha256', signingKey(credentials, date))
    .update(`AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${hashed}`)
    .digest('hex');
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKey}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return headers;
}

/** Query parameters in the order and encoding that the signature demands; also what is sent. */
export function canonicalQuery(query: Readonly<Record<string, string>>): string {
  return Object.keys(query)
    .sort()
    .map((name) => `${encodeRfc3986(name)}=${encodeRfc3986(query[name] ?? '')}`)
    .join('&');
}

/** Percent-encodes all but the unreserved characters of RFC 3986. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function signingKey(credentials: S3Credentials, date: string): Buffer {
  let key: Buffer | string = `AWS4${credentials.secretKey}`;
  for (const part of [date, credentials.region, 's3', 'aws4_request']) {
    key = createHmac('sha256', key).update(part).digest();
  }
  return key as Buffer;
}
