import { PermanentError, TransientError } from '../../domain/job-errors.ts';
import { ACCEPTED_ENCODINGS } from './decoded-body.ts';
import type { HttpRequest } from './http-client.ts';
import { refusePrivateLiteral } from './private-addresses.ts';

/** RFC 9309 wants five followed for robots.txt; no page needs more. */
export const MAX_REDIRECTS = 5;

/** Headers that may go to another origin: they do not identify the sender. */
const HARMLESS_HEADER = /^(?:accept(?:-.*)?|content-type|if-none-match|if-modified-since|range|user-agent)$/;

/** One request of a chain of redirects, as it is sent. */
export interface Hop {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly body: string | undefined;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly secretParameters: Readonly<Record<string, string>>;
}

/** Which addresses a client may ask. */
export interface AddressRules {
  /** Plain HTTP is refused. */
  readonly httpsOnly?: boolean;
  /** Addresses of private networks are allowed. */
  readonly allowPrivateAddresses: boolean;
}

/**
 * Checks an address before anything is sent there.
 * @throws PermanentError `address_refused`
 */
export function checkAddress(url: URL, { httpsOnly = false, allowPrivateAddresses }: AddressRules): void {
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || httpsOnly)) {
    throw new PermanentError('address_refused', `Addresses of ${url.protocol} are not fetched.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new PermanentError(
      'address_refused',
      `The address at ${url.host} contains a user name or a password.`,
    );
  }
  if (!allowPrivateAddresses) refusePrivateLiteral(url);
}

export function firstHop(url: URL, request: HttpRequest, userAgent: string): Hop {
  const headers: Record<string, string> = { accept: '*/*' };
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
  headers['user-agent'] ??= userAgent;
  // A part of a compressed body could not be decoded.
  headers['accept-encoding'] = 'range' in headers ? 'identity' : ACCEPTED_ENCODINGS;
  if (request.authorization !== undefined) headers['authorization'] = request.authorization;
  const { etag, lastModified } = request.validators ?? {};
  if (etag !== undefined) headers['if-none-match'] = etag;
  if (lastModified !== undefined) headers['if-modified-since'] = lastModified;
  return {
    url,
    method: request.method ?? 'GET',
    body: request.body,
    headers,
    secretParameters: request.secretParameters ?? {},
  };
}

export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/**
 * The request that a redirect asks for (RFC 9110, section 15.4). Nothing that identifies the sender goes to another
 * origin.
 * @param shown what errors call the address that redirects
 * @throws PermanentError `address_refused` when it leads to another host and may not; TransientError `source_format`
 */
export function nextHop(
  hop: Hop,
  status: number,
  location: string | null,
  { sameHostOnly, shown }: { readonly sameHostOnly: boolean; readonly shown: string },
): Hop {
  const url = location === null ? null : URL.parse(location, hop.url.href);
  if (url === null) throw new TransientError('source_format', `${shown} redirects without a valid target.`);
  url.hash = '';
  if (sameHostOnly && !isSameHost(hop.url, url)) {
    throw new PermanentError('address_refused', `${shown} redirects to another host, ${url.host}.`);
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

/** The same name, and the same port or the default ports: a site that moves to TLS is the same site. */
function isSameHost(from: URL, to: URL): boolean {
  return from.hostname === to.hostname && (from.port === to.port || (from.port === '' && to.port === ''));
}
