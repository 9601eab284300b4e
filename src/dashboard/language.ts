import { Router, urlencoded, type Request, type RequestHandler } from 'express';
import { z } from 'zod';
import { LANGUAGES, type Language } from '../text/messages/languages.ts';
import { localPath } from './login/local-path.ts';
import { readCookie } from './login/cookies.ts';

const COOKIE = 'sonotheque_language';
/** Browsers keep a cookie for 400 days at most (RFC 6265bis, section 5.5). */
const KEPT_MS = 400 * 24 * 3_600_000;

const languageSchema = z.enum(LANGUAGES);
const switchSchema = z.object({ language: languageSchema, next: z.unknown().optional() });
const languages = new WeakMap<Request, Language>();

/** The language of a request, once `chooseLanguage` has seen it. */
export function languageOf(request: Request): Language {
  return languages.get(request) ?? LANGUAGES[0];
}

/**
 * Decides the language of each request: the one chosen in the page, which a cookie keeps; else the first of those the browser
 * asks for that there is; else the configured one.
 */
export function chooseLanguage(configured: Language): RequestHandler {
  return (request, _response, next) => {
    const chosen = languageSchema.safeParse(readCookie(request, COOKIE)).data;
    languages.set(request, chosen ?? firstKnown(request.acceptsLanguages()) ?? configured);
    next();
  };
}

/**
 * The language of a list of language ranges, best first (RFC 4647, section 3.4, lookup): `fr-CA` is served in French.
 * `*` leaves the choice to the configuration.
 */
function firstKnown(ranges: readonly string[]): Language | undefined {
  for (const range of ranges) {
    if (range === '*') return undefined;
    const { data } = languageSchema.safeParse(range.split('-', 1)[0]?.toLowerCase());
    if (data !== undefined) return data;
  }
  return undefined;
}

/** Where the switch of the pages sends its form: remembers the language and returns to the page. */
export function createLanguageSwitch(): Router {
  const router = Router();
  router.post('/language', urlencoded({ extended: false, limit: '8kb' }), (request, response) => {
    const { data } = switchSchema.safeParse(request.body);
    if (data !== undefined) {
      response.cookie(COOKIE, data.language, {
        ...{ httpOnly: true, sameSite: 'lax', path: '/', secure: request.secure, maxAge: KEPT_MS },
      });
    }
    response.redirect(303, localPath(data?.next, { isLoginAllowed: true }));
  });
  return router;
}
