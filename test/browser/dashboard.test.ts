import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { fillArchive } from './archive.ts';
import { describeInBrowser, openBrowser, openPage, type OpenPage } from './browser.ts';

describeInBrowser('the dashboard in a browser', () => {
  let environment: TestEnvironment;
  let dashboard: Dashboard;
  let browser: Browser;
  let opened: OpenPage;

  beforeAll(async () => {
    environment = await openTestEnvironment();
    await fillArchive(environment);
    dashboard = await startTestDashboard(environment, { user: 'ama', password: 'long enough' });
    browser = await openBrowser();
    opened = await openPage(browser);
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await dashboard.close();
    await environment.close();
  });

  test('the login leads to the requested page, and Bull Board works under the content security policy', async () => {
    const { page, complaints } = opened;
    await page.goto(`${dashboard.url}queues/queue/download`);
    await page.locator('[name=user]').fill('ama');
    await page.locator('[name=password]').fill('long enough');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL((url) => url.pathname === '/queues/queue/download');
    await page.getByText('browser1011').first().waitFor();
    expect(complaints).toEqual([]);
  }, 60_000);

  test('Bull Board offers nothing that changes jobs, and what it would send is refused', async () => {
    const { page } = opened;
    const buttons = await page.evaluate(
      "[...document.querySelectorAll('button')].map((one) => one.title || one.innerText).join('|')",
    );
    expect(buttons).not.toMatch(/retry|clean|promote|obliterate|empty|pause queue/i);
    const status = await page.evaluate(
      "fetch('/queues/api/queues/download/pause', { method: 'PUT' }).then((response) => response.status)",
    );
    expect(status).toBe(405);
    expect(await environment.queues.queue('download').isPaused()).toBe(false);
  });

  test('a change from the page of a writable Bull Board passes the origin check', async () => {
    const writable = await startTestDashboard(environment, undefined, { isBoardWritable: true });
    const { page, close } = await openPage(browser);
    try {
      await page.goto(`${writable.url}queues/queue/download`);
      await page.getByText('browser1011').first().waitFor();
      const status = await page.evaluate(
        "fetch('/queues/api/queues/download/pause', { method: 'PUT' }).then((response) => response.status)",
      );
      expect(status).toBe(200);
      expect(await environment.queues.queue('download').isPaused()).toBe(true);
      await environment.queues.queue('download').resume();
    } finally {
      await close();
      await writable.close();
    }
  }, 60_000);

  test('after logging out the pages need a login again', async () => {
    const { page } = opened;
    await page.goto(dashboard.url);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL((url) => url.pathname === '/login');
    await page.goto(dashboard.url);
    await page.waitForURL((url) => url.pathname === '/login');
  }, 60_000);
});
