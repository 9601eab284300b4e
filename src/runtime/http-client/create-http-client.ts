import { once } from 'node:events';
import { Agent, type Dispatcher } from 'undici';
import { startWatchdog, type Watchdog } from '../deadline.ts';
import { TransientError } from '../../domain/job-errors.ts';
import { toHttpResponse, isWantedType, mediaTypeOf } from './response.ts';
import { cappedBody, tooLarge } from './capped-body.ts';
import { ACCEPTED_ENCODINGS, decodedBody } from './decoded-body.ts';
import { failureOfStatus, failureOfTransport } from './failures.ts';
import type { HttpResponse, HttpClient, HttpRequest } from './http-client.ts';
import { lookupPublic } from './private-addresses.ts';
import {
  checkAddress,
  isRedirect,
  MOST_REDIRECTS,
  nextHop,
  tooManyRedirects,
  type Hop,
} from './redirects.ts';
import { redactionOf, secretsOfAuthorization, type Redaction } from './shown-text.ts';

/** How a client behaves. */
export interface HttpClientOptions {
  readonly userAgent: string;
  /** One request with its redirects, from the first byte sent to the last byte read. */
  readonly timeoutMs: number;
  /** The longest silence of a server; 30 s when left out. */
  readonly stallMs?: number;
  /** Addresses of private networks are fetched too. */
  readonly allowPrivateAddresses: boolean;
  /** Keys that must not be seen in any message, whatever a server sends back. */
  readonly secrets?: readonly string[];
}

/** A client with connections of its own, which `close` ends; idle ones do not keep the process alive. */
export interface OpenHttpClient extends HttpClient {
  close(): Promise<void>;
}

const STALL_MS = 30_000;
const LONGEST_HEADERS_BYTES = 32 * 1024;

/** Makes a client as {@link HttpClient} describes it. */
export function createHttpClient(options: HttpClientOptions): OpenHttpClient {
  const { timeoutMs, stallMs = STALL_MS, allowPrivateAddresses } = options;
  const agent = new Agent({
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    maxHeaderSize: LONGEST_HEADERS_BYTES,
    connect: { timeout: stallMs, ...(allowPrivateAddresses ? {} : { lookup: lookupPublic }) },
  });
  let bytesReceived = 0;

  async function fetch(url: URL, request: HttpRequest): Promise<HttpResponse> {
    const redaction = redactionOf(
      [
        ...(options.secrets ?? []),
        ...Object.values(request.secretParameters ?? {}),
        ...secretsOfAuthorization(request.authorization),
      ],
      Object.keys(request.secretParameters ?? {}),
    );
    checkAddress(url, allowPrivateAddresses);
    const watchdog = startWatchdog({
      signal: request.signal,
      deadlineMs: request.timeoutMs ?? timeoutMs,
      what: `Fetching ${redaction.url(url).href}`,
    });
    try {
      return await followRedirects(firstHop(url, request, options.userAgent), request, {
        redaction,
        watchdog,
      });
    } catch (error) {
      watchdog.stop();
      throw failureOfTransport(
        watchdog.signal.aborted ? watchdog.signal.reason : error,
        `Fetching ${redaction.url(url).href}`,
        redaction,
      );
    }
  }

  async function followRedirects(
    first: Hop,
    request: HttpRequest,
    course: RequestState,
  ): Promise<HttpResponse> {
    let hop = first;
    for (let count = 0; count <= MOST_REDIRECTS; count += 1) {
      const response = await send(hop, course);
      const location = response.headers.get('location');
      if (!isRedirect(response.status) || request.acceptedStatuses?.includes(response.status) === true) {
        return take(hop, response, request, course);
      }
      response.body.destroy();
      const shown = course.redaction.url(hop.url).href;
      hop = nextHop(hop, response.status, location, { redirects: request.redirects ?? 'any-host', shown });
      checkAddress(hop.url, allowPrivateAddresses);
    }
    throw tooManyRedirects(course.redaction.url(first.url).href);
  }

  async function send(hop: Hop, { watchdog }: RequestState): Promise<RawResponse> {
    const url = new URL(hop.url);
    for (const [name, value] of Object.entries(hop.secretParameters)) url.searchParams.set(name, value);
    const { statusCode, headers, body } = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: hop.method,
      headers: hop.headers,
      body: hop.body ?? null,
      signal: watchdog.signal,
    });
    // A body is destroyed wherever the answer is of no use; its error is of no use either.
    body.on('error', () => undefined);
    return { status: statusCode, headers: headersOf(headers), body };
  }

  async function take(
    hop: Hop,
    response: RawResponse,
    request: HttpRequest,
    course: RequestState,
  ): Promise<HttpResponse> {
    const { status, headers, body: raw } = response;
    const { redaction, watchdog } = course;
    const shownUrl = redaction.url(hop.url);
    const shown = shownUrl.href;
    const now = new Date();
    try {
      const notModified = status === 304 && request.validators !== undefined;
      const isAnswer = notModified || (status >= 200 && status < 300);
      if (!isAnswer && request.acceptedStatuses?.includes(status) !== true) {
        throw failureOfStatus(status, headers, shown, now);
      }
      if (!notModified) checkHead(headers, request, shown);
      const source = decodedBody(raw, headers, (count) => {
        bytesReceived += count;
      });
      const body = cappedBody(source, {
        maxBytes: request.maxBytes,
        signal: watchdog.signal,
        shown,
        failureOf: (thrown) => failureOfTransport(thrown, `Reading ${shown}`, redaction),
        onClose: () => {
          watchdog.stop();
          raw.destroy();
        },
      });
      if (notModified) {
        body.resume();
        await once(body, 'close');
      }
      return toHttpResponse({ status, url: shownUrl, headers, notModified }, body, shown, now);
    } catch (error) {
      raw.destroy();
      throw error;
    }
  }

  return {
    fetch,
    get bytesReceived() {
      return bytesReceived;
    },
    // An answer that nobody read would hold up an orderly end for ever.
    close: () => agent.destroy(),
  };
}

interface RequestState {
  readonly redaction: Redaction;
  readonly watchdog: Watchdog;
}

interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Dispatcher.ResponseData['body'];
}

function firstHop(url: URL, request: HttpRequest, userAgent: string): Hop {
  const headers: Record<string, string> = { accept: '*/*' };
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
  headers['user-agent'] = userAgent;
  // A part of a compressed body could not be decoded.
  headers['accept-encoding'] = 'range' in headers ? 'identity' : ACCEPTED_ENCODINGS;
  if (request.authorization !== undefined) headers['authorization'] = request.authorization;
  if (request.validators?.etag !== undefined) headers['if-none-match'] = request.validators.etag;
  if (request.validators?.lastModified !== undefined) {
    headers['if-modified-since'] = request.validators.lastModified;
  }
  return {
    url,
    method: request.method ?? 'GET',
    body: request.body,
    headers,
    secretParameters: request.secretParameters ?? {},
  };
}

function checkHead(headers: Headers, request: HttpRequest, shown: string): void {
  const mediaType = mediaTypeOf(headers);
  if (
    mediaType !== undefined &&
    request.mediaTypes !== undefined &&
    !isWantedType(mediaType, request.mediaTypes)
  ) {
    throw new TransientError(
      'source_format',
      `${shown} is of type ${mediaType} and not ${request.mediaTypes.join(' or ')}.`,
    );
  }
  if (Number(headers.get('content-length') ?? 0) > request.maxBytes) throw tooLarge(shown, request.maxBytes);
}

function headersOf(raw: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
  }
  return headers;
}
