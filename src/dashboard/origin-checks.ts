import type { Request, RequestHandler } from 'express';
import { sourceOf, type AccessLog } from './access-log.ts';
import { isSafe } from './access.ts';
import { sendProblem } from './problem-page.ts';
import { readerOf } from './reader.ts';

const LOCAL_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Whether a request does not come from a page of another site, as far as browsers tell. Programs send neither header. */
export function isFromThisSite(request: Request): boolean {
  const site = request.get('sec-fetch-site');
  const origin = request.get('origin');
  const isSameSite = site === undefined || site === 'same-origin' || site === 'none';
  return isSameSite && (origin === undefined || hostOf(origin) === request.get('host')?.toLowerCase());
}

/** Whether a request names this machine as its host. */
export function isToThisMachine(request: Request): boolean {
  return LOCAL_HOSTS.includes((request.get('host') ?? '').replace(/:\d+$/, '').toLowerCase());
}

/**
 * Rejects requests that change something and come from a page of another site (CSRF): browsers send the origin of a
 * request in Sec-Fetch-Site or Origin. Requests with neither come from programs, which have no session cookies.
 */
export function requireSameOrigin(log: AccessLog): RequestHandler {
  return (request, response, next) => {
    if (isSafe(request) || isFromThisSite(request)) {
      next();
      return;
    }
    log.note('change_refused', sourceOf(request), { status: 403 });
    const { notAllowed: title, foreignOrigin: text } = readerOf(request).messages.frame.problems;
    sendProblem(request, response, { status: 403, title, text, hasNavigation: false, path: '/' });
  };
}

/**
 * Without a login the dashboard answers only to the names of this machine, so that a page of another site whose name
 * was made to point here (DNS rebinding) cannot read it.
 */
export const requireLocalHost: RequestHandler = (request, response, next) => {
  if (isToThisMachine(request)) next();
  else {
    const { notAllowed: title, localOnly: text } = readerOf(request).messages.frame.problems;
    sendProblem(request, response, { status: 403, title, text, hasNavigation: false, path: '/' });
  }
};

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
