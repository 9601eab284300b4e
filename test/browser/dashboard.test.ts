import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startDashboard, type Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { PermanentError } from '../../src/domain/job-errors.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';
import { BrowserPage, findChromium } from './chromium.ts';

const KEY = { provider: 'youtube', videoId: 'browser0001' } as const;
const program = findChromium();
if (program === undefined) console.warn('SKIPPED: the dashboard in a browser. Install chromium to run it.');

(program === undefined ? describe.skip : describe)('the dashboard in a browser', () => {
  let setting: TestEnvironment;
  let dashboard: Dashboard;
  let page: BrowserPage;

  beforeAll(async () => {
    setting = await openTestSetting();
    const url = 'https://example.org/x';
    await setting.database.videos.discover([
      { key: KEY, url, title: '<img src=x onerror="window.hacked = true">' },
    ]);
    const failure = new PermanentError('private', 'It is private.');
    await setting.database.videos.markFailed(KEY, 0, { stage: 'download', resumeAt: 'download' }, failure);
    await setting.queues.addStage('download', KEY, 0);
    dashboard = await startDashboard({
      config: {
        dashboard: { host: '127.0.0.1', port: 0, credentials: { user: 'ama', password: 'long enough' } },
        azure: undefined,
      },
      database: setting.database,
      queues: setting.queues,
      logger: createSilentLogger(),
    });
    page = await BrowserPage.open(program ?? '');
  }, 60_000);

  afterAll(async () => {
    await page.close();
    await dashboard.close();
    await setting.close();
  });

  test('the login leads to the page that was asked for, and Bull Board works under the policy', async () => {
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
    // Bull Board would load a font from another site; the policy refuses that and nothing else.
    expect(page.complaints.filter((text) => !text.includes('https://fonts.googleapis.com/'))).toEqual([]);
  }, 60_000);

  test('Bull Board can change something: the origin check knows its own page', async () => {
    const status = await page.evaluate(
      "fetch('/queues/api/queues/download/pause', { method: 'PUT' }).then((response) => response.status)",
    );
    expect(status).toBe(200);
    expect(await setting.queues.queue('download').isPaused()).toBe(true);
  });

  test.each([1100, 400])(
    'the overview fits %i pixels and runs nothing of a title',
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

  test('logging out closes the pages again', async () => {
    await page.evaluate("document.querySelector('header form').requestSubmit()");
    await page.waitFor("location.pathname === '/login'");
    await page.goTo(dashboard.url);
    await page.waitFor("location.pathname === '/login'");
  }, 60_000);
});
