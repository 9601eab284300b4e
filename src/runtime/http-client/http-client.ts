import type { Readable } from 'node:stream';

/** What a server sent with the last response, for a conditional request (RFC 9110, section 13). */
export interface Validators {
  readonly etag?: string;
  /** As the server sent it. */
  readonly lastModified?: string;
}

/** One request. */
export interface HttpRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Makes the request conditional; the response may then be `notModified`. */
  readonly validators?: Validators;
  /** Sent as `Authorization`; not sent to another origin after a redirect. */
  readonly authorization?: string;
  /** Query parameters that are secret: added to the address, never shown in errors. */
  readonly secretParameters?: Readonly<Record<string, string>>;
  /** What errors call the address, where that is secret itself or says little: `The webhook`. */
  readonly label?: string;
  /** The limit of the body after decompression. */
  readonly maxBytes: number;
  /** Accepted media types, such as `text/html`; left out: every type. */
  readonly mediaTypes?: readonly string[];
  /** Where redirects may lead; each one is checked like the first address. `none` makes a redirect a failure. */
  readonly redirects?: 'any-host' | 'same-host' | 'none';
  /** Statuses besides 2xx and 304 that are no failure. */
  readonly acceptedStatuses?: readonly number[];
  /** Overrides the limit of the client. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

/** A response whose body has not been read yet. It must be read or discarded. */
export interface HttpResponse {
  readonly status: number;
  /** 304: there is no body. */
  readonly notModified: boolean;
  /** After redirects, without secrets. */
  readonly url: URL;
  readonly headers: Headers;
  readonly validators: Validators;
  /** How long the response may be reused, from Cache-Control or Expires; undefined: the server did not say. */
  readonly freshForMs: number | undefined;
  /** Decompressed; ends with a JobError when it stalls, is cut off or is longer than allowed. */
  readonly body: Readable;
  bytes(): Promise<Buffer>;
  /** Decoded by the charset of Content-Type, UTF-8 without one. */
  text(): Promise<string>;
  /** @throws TransientError `source_format` when it is not JSON. */
  json(): Promise<unknown>;
  discard(): Promise<void>;
}

/**
 * Sends HTTP requests, with deadlines, size limits and a guard against private addresses (checked when the connection is
 * made, so no host name can lead there). Failures are JobErrors:
 * TransientError `network`, `timeout`, `stall`, `server_error`, `source_format`; LaterError `source_limited` (429, or
 * 503 with Retry-After; `availableAt` as the server asks); PermanentError `source_refused` (401, 403 and other 4xx),
 * `source_missing` (404, 410), `address_refused`, `too_large`. No message shows a secret.
 */
export interface HttpClient {
  fetch(url: URL, request: HttpRequest): Promise<HttpResponse>;
  /** Bytes received over the network so far (after decompression where the size before is unknown). */
  readonly bytesReceived: number;
}
