import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { PermanentError } from '../../domain/job-errors.ts';

/** What global unicast is taken from; all else is reserved (IANA, "Internet Protocol Version 6 Address Space"). */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** IPv4 addresses behind a translator (RFC 6052); the prefix of its own networks, 64:ff9b:1::/48, is not taken. */
const TRANSLATED_IPV4 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Whether an IP address belongs to the public network: not to a private, loopback, link-local, carrier, multicast,
 * documentation or any other special range, in IPv4 or IPv6, and not an IPv4 address written as IPv6.
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
 * Refuses an address that is itself an IP address of no public network: no name is looked up for it.
 * @throws PermanentError `address_refused`
 */
export function refusePrivateLiteral(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host) && !isPublicAddress(host)) throw addressRefused(url.hostname);
}

/**
 * Looks names up for a connection and leaves out the addresses of no public network. It runs where the connection is
 * made, so the addresses it lets pass are those that are connected to, whatever the name says a moment later.
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

function addressRefused(host: string): PermanentError {
  return new PermanentError(
    'address_refused',
    `${host} is an address of a private network. Set COLLECT_ALLOW_PRIVATE_ADDRESSES to fetch from there.`,
  );
}
