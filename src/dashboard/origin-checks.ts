import type { RequestHandler } from 'express';

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
const LOCAL_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses requests that change something and come from a page of another site (CSRF): browsers say where a request
 * comes from in Sec-Fetch-Site or Origin. Requests with neither come from programs, which hold no one's cookies.
 */
export const requireSameOrigin: RequestHandler = (request, response, next) => {
  if (SAFE_METHODS.includes(request.method)) {
    next();
    return;
  }
  const site = request.get('sec-fetch-site');
  const origin = request.get('origin');
  const sameSite = site === undefined || site === 'same-origin' || site === 'none';
  const sameOrigin = origin === undefined || hostOf(origin) === request.get('host')?.toLowerCase();
  if (sameSite && sameOrigin) {
    next();
    return;
  }
  response
    .status(403)
    .type('text/plain')
    .send('This request came from a page of another site and was refused.\n');
};

/**
 * Without a login the dashboard answers only to names of this machine: a page of another site whose name was made
 * to point here (DNS rebinding) gets nothing.
 */
export const requireLocalHost: RequestHandler = (request, response, next) => {
  const host = request.get('host') ?? '';
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (LOCAL_HOSTS.includes(name)) {
    next();
    return;
  }
  response
    .status(403)
    .type('text/plain')
    .send(
      'Without a login the dashboard answers on localhost only. Set DASHBOARD_USER and DASHBOARD_PASSWORD.\n',
    );
};

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
