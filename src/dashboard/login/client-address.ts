import { isIP } from 'node:net';
import type { Request } from 'express';
import ipaddr from 'ipaddr.js';

/** A provider gives each customer a whole /64 of IPv6 addresses, so that it stands for one client. */
const IPV6_PREFIX_BITS = 64;

/**
 * The address of the client, and the network that failed logins are counted for: itself, or its /64 with IPv6. Behind trusted
 * proxies it is the right-most address of X-Forwarded-For that is none of theirs, since clients can write all those to its
 * left. Express determines it (`trust proxy`); what is no address there is a mistake of the last proxy, whose own counts then.
 */
export function clientAddress(request: Pick<Request, 'ip' | 'socket'>): { address: string; network: string } {
  const address = asAddress(request.ip) ?? asAddress(request.socket.remoteAddress);
  if (address === undefined) return { address: 'unknown', network: 'unknown' };
  if (address.kind() === 'ipv4') return { address: address.toString(), network: address.toString() };
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${String(IPV6_PREFIX_BITS)}`);
  return { address: address.toString(), network: `${network.toString()}/${String(IPV6_PREFIX_BITS)}` };
}

/** Also `203.0.113.9:4711` and `[2001:db8::1]:4711`, as some proxies write it. */
function asAddress(text: string | undefined) {
  const bare =
    /^\[([\da-f:.]{1,45})\](?::\d{1,5})?$/i.exec(text ?? '')?.[1] ??
    /^([\d.]{7,15}):\d{1,5}$/.exec(text ?? '')?.[1] ??
    text;
  // Zones such as %eth0 name an interface of this machine.
  const plain = bare?.split('%', 1)[0] ?? '';
  return isIP(plain) === 0 ? undefined : ipaddr.process(plain);
}
