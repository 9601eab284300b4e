import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { describeInBrowser, keepScreenshot, openBrowser, openPage, untilTrue } from './browser.ts';

const KEY = { provider: 'youtube', videoId: 'overview001' } as const;

describeInBrowser('the overview', () => {
  let environment: TestEnvironment;
  let browser: Browser;
  let dashboard: Dashboard;

  beforeAll(async () => {
    environment = await openTestEnvironment({ EGRESS: 'home: budget=300' });
    dashboard = await startTestDashboard(environment);
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await dashboard.close();
    await environment.close();
  });

  const open = async () => {
    const opened = await openPage(browser, { viewport: { width: 1200, height: 900 } });
    await opened.page.goto(dashboard.url);
    return opened;
  };

  test('on an empty archive takes a file of playlists, which it does not lose while it reads itself anew', async () => {
    const { page, complaints, close } = await open();
    await page.locator('#first-run input[type=file]').setInputFiles({
      ...{ name: 'playlist.txt', mimeType: 'text/plain' },
      buffer: Buffer.from('# mine\n@some-channel\n'),
    });
    const field = page.locator('#first-run textarea');
    await untilTrue(page, `document.querySelector('#first-run textarea').value.includes('@some-channel')`);
    await page.evaluate(`document.body.dispatchEvent(new CustomEvent('live'))`);
    await page.waitForResponse((response) => response.url() === dashboard.url);
    expect(await field.inputValue()).toContain('@some-channel');
    await page.locator('#first-run input[type=file]').setInputFiles({
      ...{ name: 'large.txt', mimeType: 'text/plain' },
      buffer: Buffer.alloc(40_000, 'x'),
    });
    await page.getByText('The file is too large').waitFor();
    await keepScreenshot(page, 'overview/empty');
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  test('draws its chart, and shows a rest that begins, without a reload; an operator ends it there', async () => {
    const { database, queues, config } = environment;
    await database.videos.discover([{ key: KEY, url: 'https://example.org/x', title: 'Rain' }]);
    const audio = { size: 1_000, duration: 60, format: 'mp3' };
    await database.videos.markDownloaded(KEY, 0, audio, {});
    await database.videos.markStored(KEY, 0, { ...audio, key: 'audio/x.mp3' });
    const { page, complaints, close } = await open();
    await page.locator('#throughput canvas').waitFor();
    await page.locator('details summary').click();
    await page.evaluate(`window.isSamePage = true; document.querySelector('details summary').focus()`);

    const ledger = egressLedgerOf(queues);
    const grant = await ledger.acquire(config.egress.addresses, 'download', 1_000, 0, 'youtube.overview001');
    if ('waitMs' in grant) throw new Error('It waits.');
    await ledger.report(
      grant,
      { kind: 'refused', reason: 'bot_check', restAtLeastMs: 0 },
      { minRestMs: 600_000, maxRestMs: 600_000 },
    );
    await page.getByText('Egress address home rests for').waitFor({ timeout: 30_000 });
    expect(await page.locator('.troubles a').first().getAttribute('href')).toBe(
      '/videos/youtube.overview001',
    );
    expect(await page.evaluate('[window.isSamePage, document.activeElement.tagName]')).toEqual([
      true,
      'SUMMARY',
    ]);
    expect(await page.locator('details').getAttribute('open')).not.toBeNull();
    expect(await page.locator('#throughput canvas').count()).toBe(1);
    await keepScreenshot(page, 'overview/rest');

    await page.getByRole('button', { name: 'End the rest: home' }).click();
    await page.getByText('The rest has ended: the next start is a probe.').waitFor();
    await page.getByText('Egress address home is probed').waitFor();
    expect(complaints).toEqual([]);
    await close();
  }, 90_000);
});
