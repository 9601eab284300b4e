import type { RequestHandler } from 'express';
import type { Logger } from '../runtime/logger.ts';
import { clientAddress } from './login/client-address.ts';

/** Warns once of a reverse proxy in front that DASHBOARD_TRUSTED_PROXIES does not name. */
export function noteUnknownProxy(logger: Logger): RequestHandler {
  let isTold = false;
  return (request, _response, next) => {
    const isForwarded =
      request.get('x-forwarded-for') !== undefined || request.get('x-forwarded-proto') !== undefined;
    if (!isTold && isForwarded && request.ips.length === 0) {
      isTold = true;
      const { address } = clientAddress(request);
      logger.warn(
        { address },
        'Requests come through a proxy that DASHBOARD_TRUSTED_PROXIES does not name: all its users count as one address, and the cookie is not kept to TLS.',
      );
    }
    next();
  };
}
