import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { fillArchive } from './archive.ts';
import { describeInBrowser, openBrowser, openPage } from './browser.ts';

/** What has the focus: its name, whether an outline shows it, and whether it is within the window. */
interface Focus {
  readonly name: string;
  readonly isOutlined: boolean;
  readonly isInWindow: boolean;
  /** Its place among all elements of the page; -1 for the page itself. */
  readonly place: number;
}

const FOCUS = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return { name: 'page', isOutlined: true, isInWindow: true, place: -1 };
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    name: element.tagName.toLowerCase() + ' ' + (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 60),
    isOutlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    isInWindow: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    place: [...document.querySelectorAll('*')].indexOf(element),
  };
})()`;
const focusOf = (page: Page) => page.evaluate<Focus>(FOCUS);
const MAX_STEPS = 400;

describeInBrowser('with the keyboard alone', () => {
  let environment: TestEnvironment;
  let dashboard: Dashboard;
  let browser: Browser;
  let paths: readonly string[];

  beforeAll(async () => {
    environment = await openTestEnvironment();
    paths = await fillArchive(environment);
    dashboard = await startTestDashboard(environment, { user: 'ama', password: 'long enough' });
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await dashboard.close();
    await environment.close();
  });

  async function logIn(page: Page, path: string): Promise<void> {
    await page.goto(new URL(path, dashboard.url).href);
    // The name has the focus already.
    await page.keyboard.type('ama');
    await page.keyboard.press('Tab');
    await page.keyboard.type('long enough');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname !== '/login');
  }

  test('people log in, skip the navigation, and log out', async () => {
    const { page, close, complaints } = await openPage(browser);
    await logIn(page, '/videos?status=failed');
    expect(new URL(page.url()).search).toBe('?status=failed');
    await page.keyboard.press('Tab');
    expect(await focusOf(page)).toMatchObject({ name: 'a Skip to the content', isInWindow: true });
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.hash === '#content');
    await page.keyboard.press('Tab');
    expect(await page.evaluate("document.activeElement.closest('main') !== null")).toBe(true);
    await page.locator('header button', { hasText: 'Log out' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === '/login');
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  test('on every page the focus goes through all controls in their order, is seen, and is never caught', async () => {
    const { page, close } = await openPage(browser);
    await logIn(page, '/');
    const problems: string[] = [];
    for (const path of paths) {
      await page.goto(new URL(path, dashboard.url).href);
      let first = -1;
      let last = -1;
      let steps = 0;
      for (; steps < MAX_STEPS; steps += 1) {
        await page.keyboard.press('Tab');
        const { name, isOutlined, isInWindow, place } = await focusOf(page);
        // After the last control comes the window of the browser, or without one the first control again.
        if (place === -1 || place === first) break;
        if (first === -1) first = place;
        if (!isOutlined) problems.push(`${path}: ${name} has no outline`);
        if (!isInWindow) problems.push(`${path}: ${name} is not in the window`);
        // A date has several fields in one.
        if (place < last) problems.push(`${path}: ${name} comes out of order`);
        last = place;
      }
      if (steps === MAX_STEPS) problems.push(`${path}: the focus never leaves the page`);
    }
    expect(problems).toEqual([]);
    await close();
  }, 120_000);

  test('the navigation marks the page that is shown, and each page has one main heading', async () => {
    const { page, close } = await openPage(browser);
    await logIn(page, '/');
    for (const path of paths) {
      await page.goto(new URL(path, dashboard.url).href);
      const isListed = !['/no-such-page', '/api/v1/docs'].includes(path);
      expect([path, await page.locator('header [aria-current]').count()]).toEqual([path, isListed ? 1 : 0]);
      expect(await page.locator('h1').count()).toBe(1);
      expect(await page.locator('main').count()).toBe(1);
    }
    await page.goto(new URL('/videos/youtube.browser1000', dashboard.url).href);
    const mark = page.locator('header nav [aria-current]');
    expect([await mark.textContent(), await mark.getAttribute('aria-current')]).toEqual(['Videos', 'true']);
    await close();
  }, 60_000);
});
