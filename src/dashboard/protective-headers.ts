import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Our pages need no scripts and no inline styles; Bull Board needs inline styles. */
export function protectiveHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // With `no-referrer` browsers send `Origin: null` with our own forms, which the origin check rejects.
    referrerPolicy: { policy: 'same-origin' },
    // TLS is up to the reverse proxy in front.
    strictTransportSecurity: false,
  });
}
