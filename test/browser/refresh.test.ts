import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { describeInBrowser, openBrowser, openPage } from './browser.ts';

const CREDENTIALS = { user: 'ama', password: 'long enough' };
const banner = (page: Page) => page.locator('.connection');

describeInBrowser('a page that stays open', () => {
  let environment: TestEnvironment;
  let browser: Browser;
  const dashboards: Dashboard[] = [];

  beforeAll(async () => {
    environment = await openTestEnvironment();
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await Promise.all(dashboards.map((dashboard) => dashboard.close()));
    await environment.close();
  });

  async function openHealth(credentials?: typeof CREDENTIALS) {
    const dashboard = await startTestDashboard(environment, credentials);
    dashboards.push(dashboard);
    const opened = await openPage(browser, { viewport: { width: 390, height: 200 } });
    const { page } = opened;
    await page.clock.install();
    await page.goto(new URL('/health', dashboard.url).href);
    if (credentials !== undefined) {
      await page.locator('[name=user]').fill(credentials.user);
      await page.locator('[name=password]').fill(credentials.password);
      await page.locator('.login form button').click();
      await page.waitForURL((url) => url.pathname === '/health');
    }
    return { ...opened, dashboard };
  }

  test('is refreshed without a reload: focus, selection and place stay', async () => {
    const { page, close, complaints } = await openHealth();
    await page.evaluate(`(() => {
      window.isSamePage = true;
      const link = document.querySelector('footer a');
      link.focus();
      link.isSameElement = true;
      const heading = document.querySelectorAll('h2')[1];
      getSelection().selectAllChildren(heading);
      scrollTo(0, 120);
    })()`);
    const place = await page.evaluate('scrollY');
    const before = await page.locator('footer time').getAttribute('datetime');
    const refreshed = page.waitForResponse((response) => response.url().endsWith('/health'));
    await page.clock.fastForward(61_000);
    expect((await refreshed).status()).toBe(200);
    await page.locator(`footer time:not([datetime="${String(before)}"])`).waitFor();
    expect(await page.evaluate('[window.isSamePage, document.activeElement.isSameElement, scrollY]')).toEqual(
      [true, true, place],
    );
    expect(await page.evaluate('getSelection().toString()')).toBe('Latest runs');
    expect(await page.locator('footer time').textContent()).not.toContain('UTC');
    expect([await banner(page).textContent(), complaints]).toEqual(['', []]);
    await close();
  }, 60_000);

  test('says that its login has ended, and keeps what it shows', async () => {
    const { page, close } = await openHealth(CREDENTIALS);
    await page.context().clearCookies();
    await page.clock.fastForward(61_000);
    await page.locator('.connection:not(:empty)').waitFor();
    expect(await banner(page).textContent()).toContain('login has ended');
    expect(await page.locator('h2').first().textContent()).toBe('Sources');
    await close();
  }, 60_000);

  test('says that the dashboard does not answer, and takes it back', async () => {
    const { page, close } = await openHealth();
    await page.route('**/health', (route) => route.abort());
    await page.clock.fastForward(61_000);
    await page.locator('.connection:not(:empty)').waitFor();
    expect(await banner(page).textContent()).toContain('does not answer');
    expect(await banner(page).getAttribute('role')).toBe('status');
    await page.unroute('**/health');
    await page.clock.fastForward(61_000);
    await page.locator('.connection:empty').waitFor({ state: 'attached' });
    await close();
  }, 60_000);
});
