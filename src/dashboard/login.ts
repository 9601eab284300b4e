import {
  Router,
  urlencoded,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { Logins, SESSION_MS, type Credentials } from './credentials.ts';
import { html } from '../text/html.ts';
import { renderPage } from './page.ts';

const COOKIE = 'sonotheque_session';
const FAILED_LOGINS = 10;
const FAILED_LOGINS_WINDOW_MS = 5 * 60_000;

const loginSchema = z.object({
  user: z.string().max(200),
  password: z.string().max(1_000),
  next: z.string().max(2_000).default('/'),
});

/**
 * The login: people get a page and a signed cookie, programs use HTTP Basic with the same name and password.
 * Everything that is mounted after this router needs one of the two.
 */
export function createLogin(credentials: Credentials): Router {
  const logins = new Logins(credentials);
  const keyGenerator = (request: Request) => ipKeyGenerator(request.ip ?? '');
  // Called for failed logins only: counts them, and answers 429 when there are too many.
  const countFailure = rateLimit({
    windowMs: FAILED_LOGINS_WINDOW_MS,
    limit: FAILED_LOGINS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator,
    handler: rejectTooMany,
  });
  const rejectFailed = (request: Request, response: Response, next: NextFunction, reject: () => void) =>
    countFailure(request, response, (error?: unknown) => {
      if (error !== undefined) next(error);
      else reject();
    });
  const rejectBlocked: RequestHandler = async (request, response, next) => {
    const hits = (await countFailure.getKey(keyGenerator(request)))?.totalHits ?? 0;
    if (hits >= FAILED_LOGINS) rejectTooMany(request, response);
    else next();
  };
  const parseForm = urlencoded({ extended: false, limit: '8kb' });

  const router = Router();
  router.get('/login', (request, response) => {
    sendLoginPage(response, 200, localPath(request.query['next']));
  });
  router.post('/login', parseForm, rejectBlocked, async (request, response, next) => {
    const form = loginSchema.safeParse(request.body);
    if (form.success && logins.accepts(form.data.user, form.data.password)) {
      response.cookie(COOKIE, logins.openSession(), { ...cookieOptions(request), maxAge: SESSION_MS });
      response.redirect(303, localPath(form.data.next));
      return;
    }
    await rejectFailed(request, response, next, () => {
      sendLoginPage(response, 401, localPath(form.data?.next), 'The name or the password is wrong.');
    });
  });
  router.post('/logout', (request, response) => {
    response.clearCookie(COOKIE, cookieOptions(request));
    response.redirect(303, '/login');
  });
  router.use((request, response, next) => {
    const session = readCookie(request.get('cookie'), COOKIE);
    if (session !== undefined && logins.acceptsSession(session)) next('router');
    else if (request.get('authorization') === undefined) askForLogin(request, response);
    else next();
  });
  router.use(rejectBlocked, async (request, response, next) => {
    if (logins.acceptsBasic(request.get('authorization') ?? '')) {
      next();
      return;
    }
    await rejectFailed(request, response, next, () => {
      askForLogin(request, response);
    });
  });
  return router;
}

/** Redirects a browser that opens a page to the login; anything else gets 401. */
function askForLogin(request: Request, response: Response): void {
  const acceptsPages = request.get('accept')?.includes('text/html') ?? false;
  if (request.method === 'GET' && request.get('authorization') === undefined && acceptsPages) {
    response.redirect(303, `/login?next=${encodeURIComponent(request.originalUrl)}`);
    return;
  }
  // When the session of an open page has expired, its scripts must not make the browser show its own login window.
  if (request.get('sec-fetch-site') === undefined) {
    response.set('WWW-Authenticate', 'Basic realm="Sonotheque", charset="UTF-8"');
  }
  response.status(401).type('text/plain').send('Please log in at /login or with HTTP Basic.\n');
}

function rejectTooMany(_request: Request, response: Response): void {
  response
    .status(429)
    .type('text/plain')
    .send('Too many failed logins from this address. Try again in a few minutes.\n');
}

function sendLoginPage(response: Response, status: number, next: string, problem?: string): void {
  const body = html`<main class="login">
    <h1>Sonothèque</h1>
    <form method="post" action="/login">
      ${problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`}
      <input type="hidden" name="next" value="${next}" />
      <label>Name <input name="user" autocomplete="username" required autofocus /></label>
      <label
        >Password <input name="password" type="password" autocomplete="current-password" required
      /></label>
      <button type="submit">Log in</button>
    </form>
  </main>`;
  response.status(status).set('cache-control', 'no-store').type('html').send(renderPage('Log in', body));
}

/** The page to show after the login: a path of this server, never another site. */
function localPath(given: unknown): string {
  const base = 'http://localhost';
  if (typeof given !== 'string' || !given.startsWith('/') || !URL.canParse(given, base)) return '/';
  const url = new URL(given, base);
  return url.origin === base ? url.pathname + url.search : '/';
}

function cookieOptions(request: Request) {
  return {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    // A reverse proxy terminates TLS and says so; a client that sends a false header only locks itself out.
    secure: request.secure || request.get('x-forwarded-proto') === 'https',
  } as const;
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
