import type { Request, RequestHandler, Response } from 'express';
import { sourceOf, type AccessLog } from '../access-log.ts';
import { isSafe, rememberVisitor, type Visitor } from '../access.ts';
import type { AttemptLogin } from '../login/attempts.ts';
import { parseBasic } from '../login/basic.ts';
import { localPath } from '../login/local-path.ts';
import type { Sessions } from '../login/sessions.ts';
import { isFromThisSite, isToThisMachine } from '../origin-checks.ts';
import { parseBearer } from '../tokens/bearer.ts';
import type { AttemptToken } from '../tokens/token-attempts.ts';
import { Problem } from './problem.ts';

/** The login of people and programs; undefined when the dashboard has none. */
export interface ApiLogin {
  readonly sessions: Sessions;
  readonly attempt: AttemptLogin;
}

export interface ApiAccessDependencies {
  readonly login: ApiLogin | undefined;
  readonly attemptToken: AttemptToken;
  readonly log: AccessLog;
}

const ON_THIS_MACHINE: Visitor = { name: undefined, role: 'operator', hasSession: false };
const BEARER = 'Bearer realm="Sonotheque"';
const BASIC = 'Basic realm="Sonotheque", charset="UTF-8"';

/**
 * Who may use the API: tokens, sessions of the pages and HTTP Basic; without a login everybody on this machine. A request that
 * changes something must not come from a page of another site, unless it has a token, which no browser sends by itself.
 */
export function requireAccess({ login, attemptToken, log }: ApiAccessDependencies): RequestHandler {
  return async (request, response, next) => {
    if (login === undefined && !isToThisMachine(request)) throw new Problem('this-machine-only');
    const header = request.get('authorization');
    const token = header === undefined ? undefined : parseBearer(header);
    if (token === undefined && !isSafe(request) && !isFromThisSite(request)) {
      log.note('change_refused', sourceOf(request), { status: 403 });
      throw new Problem('another-site');
    }
    const visitor =
      token !== undefined
        ? await byToken(request, token, attemptToken)
        : login === undefined
          ? ON_THIS_MACHINE
          : await byLogin(request, response, header, login);
    if (visitor === undefined) {
      askForLogin(request, response, login !== undefined);
      return;
    }
    rememberVisitor(request, visitor);
    noteChange(request, response, visitor, log);
    if (!isSafe(request) && visitor.role !== 'operator') throw new Problem('operators-only');
    next();
  };
}

async function byToken(request: Request, token: string, attemptToken: AttemptToken): Promise<Visitor> {
  const outcome = await attemptToken(request, token);
  if (outcome.kind === 'right') return outcome.visitor;
  if (outcome.kind === 'too_early') throw tooEarly(outcome.waitSeconds);
  throw new Problem('login-required', {
    detail: 'The token is unknown, was revoked or has expired.',
    // RFC 6750, section 3.1.
    headers: { 'www-authenticate': `${BEARER}, error="invalid_token"` },
  });
}

async function byLogin(
  request: Request,
  response: Response,
  header: string | undefined,
  { sessions, attempt }: ApiLogin,
): Promise<Visitor | undefined> {
  const bySession = await sessions.find(request, response);
  if (bySession !== undefined) return { name: bySession.name, role: bySession.role, hasSession: true };
  const basic = header === undefined ? undefined : parseBasic(header);
  if (basic === undefined) return undefined;
  const outcome = await attempt(request, basic.user, basic.password);
  if (outcome.kind === 'right') {
    const { name, role } = outcome.user;
    return { name, role, hasSession: false };
  }
  if (outcome.kind === 'too_early') throw tooEarly(outcome.waitSeconds);
  return undefined;
}

/** A person who opens an address in a browser gets the login page; anything else a problem. */
function askForLogin(request: Request, response: Response, hasLogin: boolean): void {
  const isOpened = request.method === 'GET' && request.get('authorization') === undefined;
  if (hasLogin && isOpened && request.get('accept')?.includes('text/html')) {
    response.redirect(303, `/login?next=${encodeURIComponent(localPath(request.originalUrl))}`);
    return;
  }
  // A script of an open page must not make the browser show its own login window.
  const isPage = request.get('sec-fetch-site') !== undefined;
  throw new Problem('login-required', {
    headers: { 'www-authenticate': isPage ? BEARER : `${BASIC}, ${BEARER}` },
  });
}

function noteChange(request: Request, response: Response, visitor: Visitor, log: AccessLog): void {
  if (isSafe(request)) return;
  const { name: user, role } = visitor;
  const source = sourceOf(request);
  response.on('finish', () => {
    const { statusCode: status } = response;
    const event = status === 403 || status === 405 ? 'change_refused' : 'change';
    log.note(event, source, { user, role, status });
  });
}

function tooEarly(seconds: number): Problem {
  return new Problem('too-many-attempts', { headers: { 'retry-after': String(seconds) } });
}
