import { Router, urlencoded, type Request, type Response } from 'express';
import { z } from 'zod';
import { sourceOf, type AccessLog } from '../access-log.ts';
import { rememberVisitor } from '../access.ts';
import { parseBasic } from './basic.ts';
import type { AttemptLogin } from './attempts.ts';
import { localPath } from './local-path.ts';
import { sendLoginPage } from './login-page.ts';
import { clearSessionCookie } from './cookies.ts';
import { acceptsPages } from '../problem-page.ts';
import { readerOf } from '../reader.ts';
import type { Sessions } from './sessions.ts';

export interface LoginDependencies {
  readonly sessions: Sessions;
  readonly attempt: AttemptLogin;
  readonly log: AccessLog;
}

const loginSchema = z.object({
  user: z.string().max(200),
  password: z.string().max(1_000),
  next: z.unknown().optional(),
});

/**
 * The login: people get a page and a signed cookie, programs use HTTP Basic with the same names and passwords.
 * Everything that is mounted after this router needs one of the two, and knows who it is (`visitorOf`).
 */
export function createLogin({ sessions, attempt, log }: LoginDependencies): Router {
  const router = Router();
  router.get('/login', (request, response) => {
    sendLoginPage(request, response, { status: 200, next: localPath(request.query['next']) });
  });
  router.post('/login', urlencoded({ extended: false, limit: '8kb' }), async (request, response) => {
    const { data: form } = loginSchema.safeParse(request.body);
    const next = localPath(form?.next);
    const texts = readerOf(request).messages.frame.login;
    if (form === undefined) {
      sendLoginPage(request, response, { status: 400, next, problem: texts.incomplete });
      return;
    }
    const outcome = await attempt(request, form.user, form.password);
    if (outcome.kind === 'right') {
      const { name, role } = outcome.user;
      await sessions.open(request, response, outcome.user);
      log.note('login', sourceOf(request), { user: name, role });
      response.redirect(303, next);
    } else if (outcome.kind === 'wrong') {
      sendLoginPage(request, response, { status: 401, next, user: form.user, problem: texts.wrong });
    } else {
      const problem = texts.tooEarly(outcome.waitSeconds);
      response.set('retry-after', String(outcome.waitSeconds));
      sendLoginPage(request, response, { status: 429, next, user: form.user, problem });
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
      const { tooEarly } = readerOf(request).messages.frame.login;
      response.type('text/plain').send(`${tooEarly(outcome.waitSeconds)}\n`);
    }
  });
  return router;
}

/** Redirects a browser that opens a page to the login; anything else, such as a page that refreshes its parts, gets 401. */
function askForLogin(request: Request, response: Response): void {
  const isOpened = acceptsPages(request) && request.get('hx-request') === undefined;
  if (request.method === 'GET' && request.get('authorization') === undefined && isOpened) {
    response.redirect(303, `/login?next=${encodeURIComponent(localPath(request.originalUrl))}`);
    return;
  }
  // When the session of an open page has ended, its scripts must not make the browser show its own login window.
  if (request.get('sec-fetch-site') === undefined) {
    response.set('WWW-Authenticate', 'Basic realm="Sonotheque", charset="UTF-8"');
  }
  response
    .status(401)
    .type('text/plain')
    .send(`${readerOf(request).messages.frame.login.needed}\n`);
}
