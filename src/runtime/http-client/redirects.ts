import { PermanentError, TransientError, type JobError } from '../../domain/job-errors.ts';
import { refusePrivateLiteral } from './private-addresses.ts';

/** RFC 9309 wants five followed for robots.txt; no page needs more. */
export const MOST_REDIRECTS = 5;

/** Headers that may go to another origin: they say nothing of who asks. */
const HARMLESS_HEADER = /^(?:accept(?:-.*)?|content-type|if-none-match|if-modified-since|range|user-agent)$/;

/** One request as it goes out. */
export interface Hop {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly body: string | undefined;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly secretParameters: Readonly<Record<string, string>>;
}

/**
 * Checks an address before anything is sent there.
 * @throws PermanentError `address_refused`
 */
export function checkAddress(url: URL, allowPrivateAddresses: boolean): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new PermanentError('address_refused', `Addresses of ${url.protocol} are not fetched.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new PermanentError(
      'address_refused',
      `The address at ${url.host} holds a user name or a password.`,
    );
  }
  if (!allowPrivateAddresses) refusePrivateLiteral(url);
}

/** Whether a status asks to go elsewhere. */
export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/**
 * The request that a redirect asks for (RFC 9110, section 15.4). Nothing that says who asks goes to another origin.
 * @param shown the address that redirects, for errors
 * @throws PermanentError `address_refused` when it leads to another host and may not; TransientError `source_format`
 */
export function nextHop(
  hop: Hop,
  status: number,
  location: string | null,
  rule: { readonly redirects: 'any-host' | 'same-host'; readonly shown: string },
): Hop {
  if (location === null || !URL.canParse(location, hop.url.href)) throw withoutTarget(rule.shown);
  const url = new URL(location, hop.url);
  url.hash = '';
  if (rule.redirects === 'same-host' && !isSameHost(hop.url, url)) {
    throw new PermanentError('address_refused', `${rule.shown} redirects to another host, ${url.host}.`);
  }
  const becomesGet = status === 303 || (status < 303 && hop.method === 'POST');
  const isSameOrigin = url.origin === hop.url.origin;
  const headers = Object.entries(hop.headers).filter(
    ([name]) => (isSameOrigin || HARMLESS_HEADER.test(name)) && !(becomesGet && name === 'content-type'),
  );
  return {
    url,
    method: becomesGet ? 'GET' : hop.method,
    body: becomesGet ? undefined : hop.body,
    headers: Object.fromEntries(headers),
    secretParameters: isSameOrigin ? hop.secretParameters : {},
  };
}

/** The failure of a chain that does not end. */
export function tooManyRedirects(shown: string): JobError {
  return new TransientError('source_format', `${shown} redirects more than ${String(MOST_REDIRECTS)} times.`);
}

/** The same name, and the same port or the ports of http and https: a site that moves to TLS stays itself. */
function isSameHost(from: URL, to: URL): boolean {
  return from.hostname === to.hostname && (from.port === to.port || (from.port === '' && to.port === ''));
}

function withoutTarget(shown: string): JobError {
  return new TransientError('source_format', `${shown} redirects without saying where.`);
}
