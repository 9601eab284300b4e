import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { PermanentError } from '../../src/domain/job-errors.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { BrowserPage, findChromium } from './chromium.ts';

const KEY = { provider: 'youtube', videoId: 'browser0001' } as const;
const program = findChromium();
if (program === undefined) console.warn('SKIPPED: the dashboard in a browser. Install chromium to run it.');

(program === undefined ? describe.skip : describe)('the dashboard in a browser', () => {
  let environment: TestEnvironment;
  let dashboard: Dashboard;
  let page: BrowserPage;

  beforeAll(async () => {
    environment = await openTestEnvironment();
    const url = 'https://example.org/x';
    await environment.database.videos.discover([
      { key: KEY, url, title: '<img src=x onerror="window.hacked = true">' },
    ]);
    const failure = new PermanentError('private', 'It is private.');
    await environment.database.videos.markFailed(
      KEY,
      0,
      { stage: 'download', resumeAt: 'download' },
      failure,
    );
    await environment.queues.add('download', { ...KEY, round: 0 });
    dashboard = await startTestDashboard(environment, { user: 'ama', password: 'long enough' });
    page = await BrowserPage.open(program ?? '');
  }, 60_000);

  afterAll(async () => {
    await page.close();
    await dashboard.close();
    await environment.close();
  });

  test('the login leads to the requested page, and Bull Board works under the content security policy', async () => {
    await page.goTo(`${dashboard.url}queues/queue/download`);
    await page.waitFor("document.querySelector('input[name=user]')");
    await page.evaluate(`(() => {
      document.querySelector('input[name=user]').value = 'ama';
      document.querySelector('input[name=password]').value = 'long enough';
      document.querySelector('form').requestSubmit();
    })()`);
    await page.waitFor(
      "location.pathname === '/queues/queue/download' && document.body.innerText.includes('browser0001')",
    );
    expect(page.complaints).toEqual([]);
  }, 60_000);

  test('Bull Board offers nothing that changes jobs, and what it would send is refused', async () => {
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
    try {
      await page.goTo(`${writable.url}queues/queue/download`);
      await page.waitFor("document.body.innerText.includes('browser0001')");
      const status = await page.evaluate(
        "fetch('/queues/api/queues/download/pause', { method: 'PUT' }).then((response) => response.status)",
      );
      expect(status).toBe(200);
      expect(await environment.queues.queue('download').isPaused()).toBe(true);
      await environment.queues.queue('download').resume();
    } finally {
      await writable.close();
    }
  }, 60_000);

  test.each([1100, 390, 360])(
    'the overview fits %i pixels and runs no script of a title',
    async (width) => {
      await page.resize({ width, height: 900 });
      await page.goTo(dashboard.url);
      await page.waitFor("document.querySelector('.figures')");
      expect(await page.evaluate('document.body.innerText')).toContain('<img src=x onerror=');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await page.evaluate('window.hacked')).toBeUndefined();
    },
    60_000,
  );

  test('after logging out the pages need a login again', async () => {
    await page.evaluate("document.querySelector('header form').requestSubmit()");
    await page.waitFor("location.pathname === '/login'");
    await page.goTo(dashboard.url);
    await page.waitFor("location.pathname === '/login'");
  }, 60_000);
});
