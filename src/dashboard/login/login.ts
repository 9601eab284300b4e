import { Router, urlencoded, type Request, type Response } from 'express';
import { z } from 'zod';
import type { FailedLogins } from '../../queues/failed-logins.ts';
import { sourceOf, type AccessLog } from '../access-log.ts';
import { rememberVisitor } from '../access.ts';
import { parseBasic } from './basic.ts';
import { createAttempts } from './attempts.ts';
import { localPath } from './local-path.ts';
import { sendLoginPage } from './login-page.ts';
import { clearSessionCookie } from './cookies.ts';
import type { Sessions } from './sessions.ts';
import type { Users } from './users.ts';

export interface LoginDependencies {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly failedLogins: FailedLogins;
  readonly log: AccessLog;
}

const loginSchema = z.object({
  user: z.string().max(200),
  password: z.string().max(1_000),
  next: z.unknown(),
});

/**
 * The login: people get a page and a signed cookie, programs use HTTP Basic with the same names and passwords.
 * Everything that is mounted after this router needs one of the two, and knows who it is (`visitorOf`).
 */
export function createLogin({ users, sessions, failedLogins, log }: LoginDependencies): Router {
  const attempt = createAttempts({ users, failedLogins, log });
  const router = Router();
  router.get('/login', (request, response) => {
    sendLoginPage(response, { status: 200, next: localPath(request.query['next']) });
  });
  router.post('/login', urlencoded({ extended: false, limit: '8kb' }), async (request, response) => {
    const { data: form } = loginSchema.safeParse(request.body);
    const next = localPath(form?.next);
    if (form === undefined) {
      sendLoginPage(response, { status: 400, next, problem: 'Name and password are needed.' });
      return;
    }
    const outcome = await attempt(request, form.user, form.password);
    if (outcome.kind === 'right') {
      const { name, role } = outcome.user;
      await sessions.open(request, response, outcome.user);
      log.note('login', sourceOf(request), { user: name, role });
      response.redirect(303, next);
    } else if (outcome.kind === 'wrong') {
      sendLoginPage(response, {
        status: 401,
        next,
        user: form.user,
        problem: 'The name or the password is wrong.',
      });
    } else {
      const problem = tooEarly(outcome.waitSeconds);
      response.set('retry-after', String(outcome.waitSeconds));
      sendLoginPage(response, { status: 429, next, user: form.user, problem });
    }
  });
  router.post('/logout', async (request, response) => {
    const user = await sessions.end(request, response);
    if (user !== undefined) log.note('logout', sourceOf(request), { user });
    response.redirect(303, '/login');
  });
  router.use(async (request, response, next) => {
    const header = request.get('authorization');
    const bySession = await sessions.find(request, response);
    if (bySession !== undefined) {
      rememberVisitor(request, { name: bySession.name, role: bySession.role, hasSession: true });
      next('router');
      return;
    }
    const basic = header === undefined ? undefined : parseBasic(header);
    if (basic === undefined) {
      clearSessionCookie(request, response);
      askForLogin(request, response);
      return;
    }
    const outcome = await attempt(request, basic.user, basic.password);
    if (outcome.kind === 'right') {
      const { name, role } = outcome.user;
      rememberVisitor(request, { name, role, hasSession: false });
      next('router');
    } else if (outcome.kind === 'wrong') askForLogin(request, response);
    else {
      response.status(429).set('retry-after', String(outcome.waitSeconds));
      response.type('text/plain').send(`${tooEarly(outcome.waitSeconds)}\n`);
    }
  });
  return router;
}

/** Redirects a browser that opens a page to the login; anything else gets 401. */
function askForLogin(request: Request, response: Response): void {
  const acceptsPages = request.get('accept')?.includes('text/html') ?? false;
  if (request.method === 'GET' && request.get('authorization') === undefined && acceptsPages) {
    response.redirect(303, `/login?next=${encodeURIComponent(localPath(request.originalUrl))}`);
    return;
  }
  // When the session of an open page has ended, its scripts must not make the browser show its own login window.
  if (request.get('sec-fetch-site') === undefined) {
    response.set('WWW-Authenticate', 'Basic realm="Sonotheque", charset="UTF-8"');
  }
  response.status(401).type('text/plain').send('Please log in at /login or with HTTP Basic.\n');
}

function tooEarly(seconds: number): string {
  return `Several logins with this name from your address have failed. Try again in ${String(seconds)} s.`;
}
