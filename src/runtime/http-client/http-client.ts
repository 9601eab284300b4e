import type { Readable } from 'node:stream';

/** What a server said of a resource last, to ask whether it changed (RFC 9110, section 13). */
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
  /** Asks only for what changed since; the answer may then be `notModified`. */
  readonly validators?: Validators;
  /** Sent as `Authorization`; it does not follow a redirect to another origin. */
  readonly authorization?: string;
  /** Query parameters that are secrets: added to the address and never shown. */
  readonly secretParameters?: Readonly<Record<string, string>>;
  /** The body may have so many bytes after decompression. */
  readonly maxBytes: number;
  /** Media types that are taken, such as `text/html`; everything when left out. */
  readonly mediaTypes?: readonly string[];
  /** Whether a redirect may lead to another host; each hop is checked like the first address. */
  readonly redirects?: 'any-host' | 'same-host';
  /** Statuses besides 2xx and 304 that are answers and not failures. */
  readonly acceptedStatuses?: readonly number[];
  /** The limit of this request, when not the client's. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

/** An answer whose body has not been read yet. It must be read or discarded. */
export interface HttpResponse {
  readonly status: number;
  /** 304: there is no body. */
  readonly notModified: boolean;
  /** After redirects, without secrets. */
  readonly url: URL;
  readonly headers: Headers;
  readonly validators: Validators;
  /** How long the answer may be used without asking again, from Cache-Control or Expires; undefined: not said. */
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
 * Fetches from the open network: one User-Agent, deadlines, size limits, no private addresses (checked where the
 * connection is made, so that no name can lead there), and errors of the class that the outcome deserves:
 * TransientError `network`, `timeout`, `stall`, `server_error`, `source_format`; LaterError `source_limited` (429, or
 * 503 with Retry-After; `availableAt` as the server asks); PermanentError `source_refused` (401, 403 and other 4xx),
 * `source_missing` (404, 410), `address_refused`, `too_large`. No message shows a secret.
 */
export interface HttpClient {
  fetch(url: URL, request: HttpRequest): Promise<HttpResponse>;
  /** Bytes received over the network so far (as far as known: after decompression where it cannot be told). */
  readonly bytesReceived: number;
}
