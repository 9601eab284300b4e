import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { PermanentError } from '../../domain/job-errors.ts';

/** All other IPv6 addresses are reserved or special (IANA, "Internet Protocol Version 6 Address Space"). */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** IPv4 addresses behind a translator (RFC 6052); its prefix for local use, 64:ff9b:1::/48, is not included. */
const TRANSLATED_IPV4 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Whether an IP address belongs to the public network: not to a private, loopback, link-local, carrier-grade NAT,
 * multicast, documentation or other special range, in IPv4 or IPv6, and not an IPv4 address written as IPv6.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6) {
    if (parsed.match(TRANSLATED_IPV4)) {
      return new ipaddr.IPv4(parsed.toByteArray().slice(12)).range() === 'unicast';
    }
    return parsed.match(GLOBAL_IPV6) && parsed.range() === 'unicast';
  }
  return parsed.range() === 'unicast';
}

/**
 * Whether a host is in a private network by its text alone: a private IP address or a name without a dot, such as
 * `localhost` or a service of Docker Compose. DNS is not asked, because the owner of a name decides what it says.
 */
export function isPrivateHost(url: URL): boolean {
  const host = hostOf(url);
  return ipaddr.isValid(host) ? !isPublicAddress(host) : !host.includes('.');
}

/**
 * Refuses a URL whose host is a private IP address: Node looks up no name for it.
 * @throws PermanentError `address_refused`
 */
export function refusePrivateLiteral(url: URL): void {
  const host = hostOf(url);
  if (ipaddr.isValid(host) && !isPublicAddress(host)) throw addressRefused(url.hostname);
}

/**
 * A DNS lookup that leaves out private addresses. It runs when the connection is made, so the addresses it returns are
 * those that are connected to, whatever the name resolves to a moment later.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    // Node calls with an error and no addresses, or with addresses; its types know only the latter.
    if (error !== null) {
      callback(error, []);
      return;
    }
    const allowed: LookupAddress[] = found.filter(({ address }) => isPublicAddress(address));
    const [first] = allowed;
    if (first === undefined) callback(addressRefused(hostname), []);
    else if (options.all === true) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

/** An IPv6 address without its brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function addressRefused(host: string): PermanentError {
  return new PermanentError(
    'address_refused',
    `${host} is in a private network. Set COLLECT_ALLOW_PRIVATE_ADDRESSES to fetch from there.`,
  );
}
