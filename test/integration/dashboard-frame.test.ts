import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const CREDENTIALS = { user: 'ama', password: 'correct horse battery' };
const BASIC = `Basic ${Buffer.from('ama:correct horse battery').toString('base64')}`;
const PAGES = ['/', '/videos', '/playlists', '/health', '/reports'];

let environment: TestEnvironment;
let open: Dashboard;
let closed: Dashboard;

beforeAll(async () => {
  environment = await openTestEnvironment();
  open = await startTestDashboard(environment);
  closed = await startTestDashboard(environment, CREDENTIALS);
});

afterAll(async () => {
  await Promise.all([open.close(), closed.close()]);
  await environment.close();
});

const get = (dashboard: Dashboard, path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, dashboard.url), { headers: { accept: 'text/html', ...headers }, redirect: 'manual' });
const switchTo = (form: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(new URL('/language', closed.url), {
    ...{ method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(form) },
  });

describe('the language', () => {
  test.each(PAGES)('%s is in the language that the browser asks for', async (path) => {
    for (const [header, lang, word] of [
      ['fr-BJ, en;q=0.5', 'fr', 'Listes de lecture'],
      ['en', 'en', 'Playlists'],
      ['de', 'en', 'Playlists'],
    ] as const) {
      const text = await (await get(open, path, { 'accept-language': header })).text();
      expect(text).toContain(`<html lang="${lang}"`);
      expect(text).toContain(word);
    }
  });

  test('what has no browser gets the configured language', async () => {
    const { config, ...others } = environment;
    const french = await startTestDashboard({ ...others, config: { ...config, language: 'fr' } });
    expect(await (await get(french, '/health')).text()).toContain('<html lang="fr"');
    expect(await (await get(french, '/health', { 'accept-language': 'en' })).text()).toContain(
      '<html lang="en"',
    );
    await french.close();
  });

  test('the login, a page that is missing and a refusal are in the language of the reader', async () => {
    const french = { 'accept-language': 'fr' };
    expect(await (await get(closed, '/login', french)).text()).toContain('Mot de passe');
    const missing = await get(open, '/nothing', french);
    expect([missing.status, await missing.text()]).toEqual([
      404,
      expect.stringContaining('Page introuvable'),
    ]);
    const foreign = await fetch(new URL('/videos', open.url), {
      method: 'POST',
      headers: { origin: 'https://evil.example', accept: 'text/html', ...french },
    });
    expect([foreign.status, await foreign.text()]).toEqual([403, expect.stringContaining('autre site')]);
    const wrong = await fetch(new URL('/login', closed.url), {
      method: 'POST',
      headers: french,
      body: new URLSearchParams({ user: 'ama', password: 'wrong' }),
    });
    expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringContaining('incorrect')]);
  });

  test('programs get a problem as JSON', async () => {
    const response = await fetch(new URL('/nothing', open.url), { headers: { accept: 'application/json' } });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/nothing at this address/) });
  });
});

describe('the switch of the language', () => {
  test('needs no login, sets a cookie that counts from then on, and returns to the page', async () => {
    const response = await switchTo({ language: 'fr', next: '/videos?status=failed&text=a%26b' });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/videos?status=failed&text=a%26b');
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^sonotheque_language=fr; .*HttpOnly; SameSite=Lax/);
    const text = await (
      await get(closed, '/health', {
        authorization: BASIC,
        cookie: cookie.split(';', 1)[0] ?? '',
        'accept-language': 'en',
      })
    ).text();
    expect(text).toContain('<html lang="fr"');
  });

  test('returns to the login as well, and to where that leads', async () => {
    const response = await switchTo({ language: 'fr', next: '/login?next=%2Fvideos' });
    expect(response.headers.get('location')).toBe('/login?next=%2Fvideos');
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '',
  ])('leads nowhere else: %j', async (next) => {
    const response = await switchTo({ language: 'fr', next });
    expect(response.headers.get('location')).toBe('/');
  });

  test.each(['de', '', '__proto__', 'fr; Domain=evil.example', 'fr\r\nset-cookie: a=b'])(
    'sets nothing for the language %j',
    async (language) => {
      const response = await switchTo({ language, next: '/videos' });
      expect([response.status, response.headers.get('set-cookie')]).toEqual([303, null]);
    },
  );

  test('is refused to a page of another site, and its body is limited', async () => {
    expect((await switchTo({ language: 'fr' }, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await switchTo({ language: 'fr', next: `/${'x'.repeat(20_000)}` })).status).toBe(413);
  });
});

describe('files and policies', () => {
  test.each([...PAGES, '/nothing'])(
    '%s loads only files that are there, and has no inline script or style',
    async (path) => {
      const response = await get(open, path);
      const policy = response.headers.get('content-security-policy') ?? '';
      const [, nonce = ''] = /style-src 'self' 'nonce-([^']+)'/.exec(policy) ?? [];
      const text = (await response.text()).replaceAll(/<noscript>.*?<\/noscript>/g, '');
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toMatch(/unsafe/);
      expect(text).toContain(`data-style-nonce="${nonce}"`);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle="|\son[a-z]+="|http-equiv/);
      const files = Array.from(
        text.matchAll(/(?:src|href)="(\/assets\/[^"]+|\/icon\.svg)"/g),
        ([, file]) => file,
      );
      expect(files.length).toBeGreaterThanOrEqual(5);
      for (const file of files) expect((await get(closed, String(file))).status).toBe(200);
    },
  );

  test('each answer has a nonce of its own', async () => {
    const policies = await Promise.all(
      [1, 2].map(async () => (await get(open, '/health')).headers.get('content-security-policy')),
    );
    expect(new Set(policies).size).toBe(2);
  });

  test('only Bull Board and the reports may have styles of their own', async () => {
    for (const path of ['/queues/', '/reports/2026-01-01']) {
      const policy = (await get(open, path)).headers.get('content-security-policy');
      expect(policy).toContain("style-src 'self' 'unsafe-inline'");
      expect(policy).toContain("script-src 'self';");
    }
  });

  test('a page that refreshes its parts without a login gets 401, not the page of the login', async () => {
    const response = await get(closed, '/health', { 'hx-request': 'true', 'sec-fetch-site': 'same-origin' });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, null]);
  });
});
