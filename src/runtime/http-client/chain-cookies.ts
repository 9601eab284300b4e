import { parseCookie, type Cookie } from 'undici';

/** Sites set a few; more, and longer ones, are ignored (RFC 6265, section 6.1, asks for at least 50 of 4,096 bytes). */
const MAX_COOKIES = 50;
const MAX_COOKIE_CHARACTERS = 4_096;

/**
 * The cookies that servers set in one chain of redirects, for the requests that follow in it: consent pages and load
 * balancers redirect until they get their cookie back. They are forgotten with the chain.
 */
export class ChainCookies {
  readonly #cookies = new Map<string, { readonly pair: string; readonly isFor: (url: URL) => boolean }>();

  /** Takes the cookies of a response (RFC 6265, section 5.3). */
  take(url: URL, headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const cookie = line.length > MAX_COOKIE_CHARACTERS ? null : parseCookie(line);
      if (cookie === null || !isOwnDomain(url, cookie.domain)) continue;
      const { name, value, domain = '', path } = cookie;
      const key = [name, domain || url.hostname, path ?? ''].join(';');
      if (isExpired(cookie)) this.#cookies.delete(key);
      else if (this.#cookies.size < MAX_COOKIES || this.#cookies.has(key)) {
        this.#cookies.set(key, { pair: `${name}=${value}`, isFor: scopeOf(url, cookie) });
      }
    }
  }

  /** The header Cookie of a request; undefined when there is none. */
  headerFor(url: URL): string | undefined {
    const pairs = [...this.#cookies.values()].filter(({ isFor }) => isFor(url)).map(({ pair }) => pair);
    return pairs.length === 0 ? undefined : pairs.join('; ');
  }
}

/** A domain must be that of the server or above it, and not a top-level domain. */
function isOwnDomain({ hostname }: URL, domain: string | undefined): boolean {
  return (
    !domain ||
    hostname === domain ||
    (domain.includes('.') && /[a-z]$/.test(domain) && hostname.endsWith(`.${domain}`))
  );
}

function isExpired({ maxAge, expires }: Cookie): boolean {
  if (maxAge !== undefined) return maxAge <= 0;
  return expires !== undefined && Number(expires) <= Date.now();
}

function scopeOf(from: URL, { domain, path, secure }: Cookie): (url: URL) => boolean {
  // Without an absolute path: the directory of the address (section 5.1.4).
  const directory = from.pathname.slice(0, from.pathname.lastIndexOf('/'));
  const scope = (path?.startsWith('/') === true ? path : directory).replace(/\/$/, '');
  return (url) =>
    (url.hostname === from.hostname || (!!domain && `.${url.hostname}`.endsWith(`.${domain}`))) &&
    (url.pathname === scope || url.pathname.startsWith(`${scope}/`)) &&
    (secure !== true || url.protocol === 'https:');
}
