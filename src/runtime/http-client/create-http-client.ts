import { once } from 'node:events';
import type { Agent, Dispatcher } from 'undici';
import { startDeadline, type Deadline } from '../deadline.ts';
import { TransientError } from '../../domain/job-errors.ts';
import { cappedBody, tooLarge } from './capped-body.ts';
import { decodedBody } from './decoded-body.ts';
import { failureOfStatus, failureOfTransport } from './failures.ts';
import type { HttpResponse, HttpClient, HttpRequest } from './http-client.ts';
import { shownAddress } from '../../domain/shown-address.ts';
import { redactionOf, secretsOfAuthorization, type Redaction } from './redaction.ts';
import {
  checkAddress,
  firstHop,
  isRedirect,
  MAX_REDIRECTS,
  nextHop,
  type AddressRules,
  type Hop,
} from './redirects.ts';
import { toHttpResponse } from './response.ts';
import { isAcceptedType, mediaTypeOf, toHeaders } from './response-headers.ts';
import { userAgentOf } from './user-agent.ts';

/** How a client behaves. */
export interface HttpClientOptions extends AddressRules {
  /** Left out: the name and version of this program. */
  readonly userAgent?: string;
  /** One request with its redirects, from the first byte sent to the last byte read. */
  readonly timeoutMs: number;
  /** The longest time without data from the server; 30 s when left out. */
  readonly stallMs?: number;
  /** An origin from the configuration: `httpsOnly` and `allowPrivateAddresses` do not restrict it. */
  readonly trustedOrigin?: string;
  /** Cookies that redirects set are sent with the requests that follow them, and then forgotten; left out: ignored. */
  readonly redirectCookies?: boolean;
  /** Keys that no message may show, whatever a server sends back. */
  readonly secrets?: readonly string[];
}

/** A client with connections of its own, which `close` ends; idle ones do not keep the process alive. */
export interface ClosableHttpClient extends HttpClient {
  close(): Promise<void>;
}

const STALL_MS = 30_000;

/** Makes a client as {@link HttpClient} describes it. */
export function createHttpClient(options: HttpClientOptions): ClosableHttpClient {
  const { timeoutMs, stallMs = STALL_MS, userAgent = userAgentOf() } = options;
  const rulesOf = (origin: string): AddressRules =>
    origin === options.trustedOrigin ? { allowPrivateAddresses: true } : options;
  let opened: Promise<Agent> | undefined;
  const openAgent = async () => {
    const { createAgent } = await import('./http-agent.ts');
    return createAgent(stallMs, (origin) => rulesOf(origin).allowPrivateAddresses);
  };
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
    const shownOf = (address: URL) => request.label ?? redaction.text(shownAddress(address.href));
    checkAddress(url, rulesOf(url.origin));
    const doing = request.label ?? `Fetching ${shownOf(url)}`;
    const deadline = startDeadline({
      signal: request.signal,
      deadlineMs: request.timeoutMs ?? timeoutMs,
      what: doing,
    });
    try {
      return await followRedirects(firstHop(url, request, userAgent), {
        request,
        redaction,
        deadline,
        shownOf,
      });
    } catch (error) {
      deadline.stop();
      throw failureOfTransport(deadline.signal.aborted ? deadline.signal.reason : error, doing, redaction);
    }
  }

  async function followRedirects(first: Hop, state: RequestState): Promise<HttpResponse> {
    const { redirects = 'any-host', acceptedStatuses = [] } = state.request;
    const cookies =
      options.redirectCookies === true ? new (await import('./chain-cookies.ts')).ChainCookies() : undefined;
    let hop = first;
    for (let count = 0; count <= MAX_REDIRECTS; count += 1) {
      const response = await send(hop, state.deadline.signal, cookies?.headerFor(hop.url));
      const { status, headers, body } = response;
      if (redirects === 'none' || !isRedirect(status) || acceptedStatuses.includes(status)) {
        return accept(hop, response, state);
      }
      body.destroy();
      cookies?.take(hop.url, headers);
      hop = nextHop(hop, status, headers.get('location'), {
        sameHostOnly: redirects === 'same-host',
        shown: state.shownOf(hop.url),
      });
      checkAddress(hop.url, rulesOf(hop.url.origin));
    }
    throw new TransientError(
      'source_format',
      `${state.shownOf(first.url)} redirects more than ${String(MAX_REDIRECTS)} times.`,
    );
  }

  async function send(hop: Hop, signal: AbortSignal, cookie: string | undefined): Promise<RawResponse> {
    const url = new URL(hop.url);
    for (const [name, value] of Object.entries(hop.secretParameters)) url.searchParams.set(name, value);
    const agent = await (opened ??= openAgent());
    const { statusCode, headers, body } = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: hop.method,
      headers: cookie === undefined ? hop.headers : withCookie(hop.headers, cookie),
      body: hop.body ?? null,
      signal,
    });
    // A body that is of no use is destroyed; its error is of no use either.
    body.on('error', () => undefined);
    return { status: statusCode, headers: toHeaders(headers), body };
  }

  async function accept(hop: Hop, response: RawResponse, state: RequestState): Promise<HttpResponse> {
    const { status, headers, body: raw } = response;
    const { request, redaction, deadline } = state;
    const shown = state.shownOf(hop.url);
    const now = new Date();
    try {
      const notModified = status === 304 && request.validators !== undefined;
      const isSuccess = notModified || (status >= 200 && status < 300);
      if (!isSuccess && request.acceptedStatuses?.includes(status) !== true) {
        throw failureOfStatus(status, headers, shown, now);
      }
      if (!notModified) checkHeaders(headers, request, shown);
      const source = decodedBody(raw, headers, (count) => {
        bytesReceived += count;
      });
      const body = cappedBody(source, {
        maxBytes: request.maxBytes,
        signal: deadline.signal,
        shown,
        failureOf: (thrown) => failureOfTransport(thrown, request.label ?? `Reading ${shown}`, redaction),
        onClose: () => {
          deadline.stop();
          raw.destroy();
        },
      });
      if (notModified) {
        body.resume();
        await once(body, 'close');
      }
      return toHttpResponse({ status, url: redaction.url(hop.url), headers, notModified }, body, shown, now);
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
    // `agent.close` would wait for ever for a response that nobody reads.
    close: async () => {
      await (await opened)?.destroy();
    },
  };
}

interface RequestState {
  readonly request: HttpRequest;
  readonly redaction: Redaction;
  readonly deadline: Deadline;
  /** What errors call an address. */
  readonly shownOf: (url: URL) => string;
}

interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Dispatcher.ResponseData['body'];
}

/** Cookies that the request has itself stay. */
function withCookie(headers: Hop['headers'], cookie: string): Hop['headers'] {
  const own = headers['cookie'];
  return { ...headers, cookie: own === undefined ? cookie : `${own}; ${cookie}` };
}

function checkHeaders(headers: Headers, { mediaTypes, maxBytes }: HttpRequest, shown: string): void {
  const mediaType = mediaTypeOf(headers);
  if (mediaType !== undefined && mediaTypes !== undefined && !isAcceptedType(mediaType, mediaTypes)) {
    throw new TransientError(
      'source_format',
      `${shown} is of type ${mediaType} and not ${mediaTypes.join(' or ')}.`,
    );
  }
  if (Number(headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(shown, maxBytes);
}
