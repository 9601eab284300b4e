import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { fillArchive } from './archive.ts';
import { describeInBrowser, openBrowser, openPage } from './browser.ts';

describeInBrowser('languages and times', () => {
  let environment: TestEnvironment;
  let dashboard: Dashboard;
  let browser: Browser;

  beforeAll(async () => {
    environment = await openTestEnvironment();
    await fillArchive(environment);
    dashboard = await startTestDashboard(environment);
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await dashboard.close();
    await environment.close();
  });

  const at = (path: string) => new URL(path, dashboard.url).href;

  test.each([true, false])(
    'the browser chooses, the switch changes it and returns to the page; with scripts: %s',
    async (javaScriptEnabled) => {
      const { page, close, complaints } = await openPage(browser, { locale: 'fr-BJ', javaScriptEnabled });
      await page.goto(at('/videos?status=failed'));
      expect(await page.locator('html').getAttribute('lang')).toBe('fr');
      expect(await page.locator('header nav').textContent()).toContain('Listes de lecture');
      await page.getByRole('button', { name: 'English' }).click();
      await page.waitForURL(at('/videos?status=failed'));
      expect(await page.locator('html').getAttribute('lang')).toBe('en');
      await page.goto(at('/health'));
      expect(await page.locator('header nav').textContent()).toContain('Playlists');
      await page.getByRole('button', { name: 'Français' }).click();
      expect(await page.locator('h1').textContent()).toMatch(/document/);
      expect(await page.locator('h2').first().textContent()).toBe('Sources');
      expect(await page.locator('html').getAttribute('lang')).toBe('fr');
      expect(complaints).toEqual([]);
      await close();
    },
    60_000,
  );

  test.each([
    ['en', /^\d{4}-\d\d-\d\d \d\d:\d\d$/, /GMT\+1|West Africa/],
    ['fr', /^\d\d\/\d\d\/\d{4} \d\d:\d\d$/, /UTC\+1|Afrique de l’Ouest/],
  ])(
    'times are those of the reader, with the exact one as tooltip: %s',
    async (locale, shown, exact) => {
      const { page, close } = await openPage(browser, { locale, timezoneId: 'Africa/Porto-Novo' });
      await page.goto(at('/health'));
      const time = page.locator('footer time');
      const iso = (await time.getAttribute('datetime')) ?? '';
      const text = (await time.textContent()) ?? '';
      expect(text).toMatch(shown);
      const hourInBenin = (new Date(iso).getUTCHours() + 1) % 24;
      expect(text.slice(-5)).toBe(`${String(hourInBenin).padStart(2, '0')}:${iso.slice(14, 16)}`);
      expect(await time.getAttribute('title')).toMatch(exact);
      expect(await time.getAttribute('title')).toContain(iso);
      await close();
    },
    60_000,
  );

  test('what is put into the page later is shown the same way, and what is no time is left alone', async () => {
    const { page, close, complaints } = await openPage(browser, { timezoneId: 'Asia/Kolkata' });
    await page.goto(at('/health'));
    await page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend',
      '<p id="later"><time datetime="2026-03-28T20:00:00.000Z">later</time><time datetime="soon">soon</time></p>')`);
    expect(await page.locator('#later').textContent()).toBe('2026-03-29 01:30soon');
    await page.evaluate(`document.querySelector('#later time').firstChild.data = '2026-03-28 20:00 UTC'`);
    expect(await page.locator('#later').textContent()).toBe('2026-03-29 01:30soon');
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  test('without scripts the time of the server stands', async () => {
    const { page, close } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto(at('/health'));
    expect(await page.locator('footer time').textContent()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
    await close();
  }, 60_000);
});
