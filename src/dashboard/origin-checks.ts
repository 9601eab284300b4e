import type { RequestHandler, Response } from 'express';
import { sourceOf, type AccessLog } from './access-log.ts';
import { isSafe } from './access.ts';

const LOCAL_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Rejects requests that change something and come from a page of another site (CSRF): browsers send the origin of a
 * request in Sec-Fetch-Site or Origin. Requests with neither come from programs, which have no session cookies.
 */
export function requireSameOrigin(log: AccessLog): RequestHandler {
  return (request, response, next) => {
    const site = request.get('sec-fetch-site');
    const origin = request.get('origin');
    const isSameSite = site === undefined || site === 'same-origin' || site === 'none';
    const isSameOrigin = origin === undefined || hostOf(origin) === request.get('host')?.toLowerCase();
    if (isSafe(request) || (isSameSite && isSameOrigin)) {
      next();
      return;
    }
    log.note('change_refused', sourceOf(request), { status: 403 });
    reject(response, 'The request came from a page of another site and was rejected.');
  };
}

/**
 * Without a login the dashboard answers only to the names of this machine, so that a page of another site whose name
 * was made to point here (DNS rebinding) cannot read it.
 */
export const requireLocalHost: RequestHandler = (request, response, next) => {
  const name = (request.get('host') ?? '').replace(/:\d+$/, '').toLowerCase();
  if (LOCAL_HOSTS.includes(name)) next();
  else {
    reject(
      response,
      'Without a login the dashboard answers on localhost only. Set DASHBOARD_USER and DASHBOARD_PASSWORD, or DASHBOARD_USERS_FILE.',
    );
  }
};

function reject(response: Response, reason: string): void {
  response.status(403).type('text/plain').send(`${reason}\n`);
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
