import type { Request, Response } from 'express';

const NAME = 'sonotheque_session';
/** Browsers take a cookie of this name only over TLS, for this host alone and all paths (RFC 6265bis). */
const SECURE_NAME = `__Host-${NAME}`;

/** The session cookie of a request; over TLS only the one that no other host and no plain connection can set. */
export function readSessionCookie(request: Request): string | undefined {
  return readCookie(request, nameFor(request));
}

/** The value of a cookie, as it was sent. */
export function readCookie(request: Request, wanted: string): string | undefined {
  for (const pair of request.get('cookie')?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (pair.slice(0, equals).trim() === wanted) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** @param maxAgeMs when the browser forgets it */
export function setSessionCookie(
  request: Request,
  response: Response,
  value: string,
  maxAgeMs: number,
): void {
  response.cookie(nameFor(request), value, { ...options(request), maxAge: maxAgeMs });
}

export function clearSessionCookie(request: Request, response: Response): void {
  response.clearCookie(nameFor(request), options(request));
}

/** A trusted proxy that terminates TLS says so; Express leaves the word of others aside (`trust proxy`). */
function nameFor(request: Request): string {
  return request.secure ? SECURE_NAME : NAME;
}

function options(request: Request) {
  return { httpOnly: true, sameSite: 'strict', path: '/', secure: request.secure } as const;
}
