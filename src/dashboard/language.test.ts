import { expect, test } from '@jest/globals';
import express, { type Request, type Response } from 'express';
import fc from 'fast-check';
import { LANGUAGES, type Language } from '../text/messages/languages.ts';
import { chooseLanguage, languageOf } from './language.ts';

function languageWith(headers: Readonly<Record<string, string>>, configured: Language = 'en'): Language {
  const request = Object.assign(Object.create(express.request) as Request, { headers });
  chooseLanguage(configured)(request, {} as Response, () => undefined);
  return languageOf(request);
}

test.each<[header: string, configured: Language, language: Language]>([
  ['fr', 'en', 'fr'],
  ['FR', 'en', 'fr'],
  ['fr-BJ', 'en', 'fr'],
  ['fr-CA,fr;q=0.9,en;q=0.8', 'en', 'fr'],
  ['en-US,en;q=0.9,fr;q=0.8', 'fr', 'en'],
  // The best range decides, not the one that names our language exactly.
  ['en-GB, fr;q=0.95, en;q=0.9', 'fr', 'en'],
  ['en;q=0.5, fr;q=0.7', 'en', 'fr'],
  ['de, fr;q=0.1', 'en', 'fr'],
  ['fr;q=0, en', 'fr', 'en'],
  // Nothing that there is: the configured language.
  ['de-AT, de;q=0.9', 'en', 'en'],
  ['de-AT, de;q=0.9', 'fr', 'fr'],
  ['*', 'fr', 'fr'],
  ['fon, *;q=0.5', 'fr', 'fr'],
  ['', 'fr', 'fr'],
  [';;;,,q=', 'fr', 'fr'],
  ['__proto__, constructor', 'en', 'en'],
])('Accept-Language %j, with %s configured, gives %s', (header, configured, language) => {
  expect(languageWith({ 'accept-language': header }, configured)).toBe(language);
});

test.each(LANGUAGES)('without any header the configured language is taken: %s', (configured) => {
  expect(languageWith({}, configured)).toBe(configured);
});

test.each<[cookie: string, language: Language]>([
  ['sonotheque_language=fr', 'fr'],
  ['a=b; sonotheque_language=fr; c=d', 'fr'],
  ['sonotheque_language=de', 'en'],
  ['sonotheque_language=', 'en'],
  ['sonotheque_language=__proto__', 'en'],
  ['sonotheque_language', 'en'],
  ['other_sonotheque_language=fr', 'en'],
])('the cookie %j wins over the browser when it names a language: %s', (cookie, language) => {
  expect(languageWith({ cookie, 'accept-language': 'en' })).toBe(language);
});

test('whatever a browser sends, there is a language', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (header, cookie) => {
      const language = languageWith({ 'accept-language': header, cookie });
      expect(LANGUAGES).toContain(language);
    }),
  );
});
