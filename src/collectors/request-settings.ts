import type { HttpClient } from '../runtime/http-client/http-client.ts';
import { definedFields } from '../domain/defined-fields.ts';

/** How the requests of one source differ from those of others. */
export interface RequestSettings {
  readonly userAgent?: string;
  readonly timeoutMs?: number;
  /** A function, so that no text that shows the source contains them: their values may be secret. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

/**
 * A client that sends the requests of one source. Its headers are sent to the origins of `addresses` only, and after a
 * redirect never to another origin; other headers of a request go before them.
 */
export function withRequestSettings(
  http: HttpClient,
  { userAgent, timeoutMs, headers }: RequestSettings,
  addresses: readonly string[],
): HttpClient {
  const origins = new Set(addresses.map((address) => URL.parse(address)?.origin));
  return {
    fetch: (url, request) =>
      http.fetch(url, {
        ...definedFields({ timeoutMs }),
        ...request,
        headers: {
          ...definedFields({ 'user-agent': userAgent }),
          ...(origins.has(url.origin) ? headers?.() : undefined),
          ...request.headers,
        },
      }),
    get bytesReceived() {
      return http.bytesReceived;
    },
  };
}

/** All addresses in the settings of a source, however deep. */
export function addressesIn(settings: unknown): string[] {
  if (typeof settings === 'string') return URL.canParse(settings) ? [settings] : [];
  if (typeof settings !== 'object' || settings === null) return [];
  return Object.values(settings).flatMap(addressesIn);
}
