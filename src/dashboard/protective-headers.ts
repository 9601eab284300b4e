import { randomBytes } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

/** Bull Board styles its elements in place, and a collection report is one file with its style sheet in it. */
const WITH_INLINE_STYLES = /^\/(?:queues|reports)\//;

/**
 * Our pages need no inline scripts and no inline styles. The only style elements are those that an island itself adds, such as the
 * waveform's (wavesurfer.js puts one into its shadow tree): they carry the nonce of the page (`styleNonceOf`).
 */
export function protectiveHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: [
          "'self'",
          (request, response) =>
            WITH_INLINE_STYLES.test(request.url ?? '')
              ? "'unsafe-inline'"
              : `'nonce-${styleNonceOf(response as Response)}'`,
        ],
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

const nonces = new WeakMap<object, string>();

/** Allows style elements of one response; scripts read it from `document.documentElement.dataset.styleNonce`. */
export function styleNonceOf(response: Response): string {
  const known = nonces.get(response);
  if (known !== undefined) return known;
  const nonce = randomBytes(16).toString('base64');
  nonces.set(response, nonce);
  return nonce;
}
