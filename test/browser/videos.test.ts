import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type axeCore from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { insertVideos, videoRecord } from '../support/video-records.ts';
import { HOSTILE_TITLE } from './archive.ts';
import { describeInBrowser, keepScreenshot, openBrowser, openPage } from './browser.ts';

const failure = {
  class: 'private',
  message: 'It is private.',
  advice: '',
  at: new Date(),
  stage: 'download',
} as const;

describeInBrowser('the list of videos', () => {
  let environment: TestEnvironment;
  let dashboard: Dashboard;
  let browser: Browser;

  beforeAll(async () => {
    environment = await openTestEnvironment();
    const { database } = environment;
    await insertVideos(
      database,
      Array.from({ length: 130 }, (_value, index) =>
        videoRecord(index, {
          title: index % 10 === 0 ? HOSTILE_TITLE : `Fongbè, leçon ${String(index)}`,
          ...(index % 3 === 0 ? { status: 'failed', error: failure } : {}),
        }),
      ),
    );
    dashboard = await startTestDashboard(environment);
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await dashboard.close();
    await environment.close();
  });

  async function openList(path: string, options: Parameters<typeof openPage>[1] = {}) {
    const opened = await openPage(browser, options);
    await opened.page.goto(new URL(path, dashboard.url).href);
    await opened.page.evaluate('window.isSamePage = true');
    return opened;
  }
  const address = (page: Page) => page.evaluate<string>('location.pathname + location.search');
  const isSame = (page: Page) => page.evaluate<boolean>('window.isSamePage === true');
  const checked = (page: Page) =>
    page.evaluate<string[]>(
      'Array.from(document.querySelectorAll("#video-form input[name=id]:checked"), ({ id }) => id)',
    );

  test('is filtered without a reload: the focus stays, a selection never moves to another video', async () => {
    const { page, close, complaints } = await openList('/videos');
    const [failed, other] = [videoRecord(126)._id, videoRecord(127)._id];
    await page.locator(`[id="select-${failed}"]`).check();
    await page.locator(`[id="select-${other}"]`).check();
    const status = page.locator('select[name=status]');
    await status.focus();
    await status.selectOption('failed');
    await page.getByText('44 videos').first().waitFor();
    expect(await isSame(page)).toBe(true);
    expect(await page.evaluate('document.activeElement.name')).toBe('status');
    expect(await checked(page)).toEqual([`select-${failed}`]);
    expect(await address(page)).toBe('/videos?status=failed');
    // The browser's button goes back to the list as it was.
    await page.goBack();
    await page.getByText('130 videos').first().waitFor();
    expect(await address(page)).toBe('/videos');
    expect(complaints).toEqual([]);
    await close();
  });

  test('has pages, and a box that selects all of one', async () => {
    const { page, close, complaints } = await openList('/videos');
    await page.getByLabel('Select all on this page').check();
    expect(await checked(page)).toHaveLength(100);
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.locator(`[id="row-${videoRecord(0)._id}"]`).waitFor();
    expect(await isSame(page)).toBe(true);
    expect(await checked(page)).toEqual([]);
    expect(await page.getByLabel('Select all on this page').isChecked()).toBe(false);
    expect(await address(page)).toContain('after=');
    await page.reload();
    await page.locator(`[id="row-${videoRecord(0)._id}"]`).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  test('is skipped as a whole after a confirmation, and that is undone', async () => {
    const { page, close, complaints } = await openList('/videos?status=failed');
    await page.getByLabel('with all that match').check();
    await page.getByRole('button', { name: 'Skip' }).click();
    await page.getByRole('heading', { name: 'Skip 44 videos?' }).waitFor();
    await keepScreenshot(page, 'videos/confirmation');
    await page.getByRole('button', { name: 'Yes, do it' }).click();
    await page.getByText('44 skipped.').waitFor();
    await page.getByRole('button', { name: 'Undo this skip' }).click();
    await page.getByText('44 are as they were before').waitFor();
    expect(Object.fromEntries(await environment.database.search.countByStatus({}))).toEqual({
      discovered: 86,
      failed: 44,
    });
    expect(complaints).toEqual([]);
    await close();
  });

  test.each(['light', 'dark'] as const)('is accessible and fits a phone, %s', async (colorScheme) => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const options = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
    const check = async (page: Page, name: string) => {
      await keepScreenshot(page, `videos/${name}`);
      const widest = Number(await page.evaluate('document.documentElement.scrollWidth'));
      expect([name, widest]).toEqual([name, page.viewportSize()?.width]);
      await page.evaluate(`${axe}; undefined`);
      const { violations } = await page.evaluate<axeCore.AxeResults>(
        `axe.run(document, ${JSON.stringify(options)})`,
      );
      expect(violations.map(({ id, nodes }) => [name, id, nodes[0]?.html])).toEqual([]);
    };
    for (const width of [390, 320, 1_200]) {
      const { page, close } = await openList('/videos?status=failed&text=fongb', {
        ...{ colorScheme, viewport: { width, height: 800 } },
      });
      await check(page, `list-${String(width)}-${colorScheme}`);
      await page.getByLabel('with all that match').check();
      await page.getByRole('button', { name: 'Skip' }).click();
      await page.getByRole('button', { name: 'Yes, do it' }).waitFor();
      await check(page, `confirmation-${String(width)}-${colorScheme}`);
      await close();
    }
  });

  test('works without script', async () => {
    const { page, close } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto(new URL('/videos', dashboard.url).href);
    await page.locator('select[name=status]').selectOption('failed');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('44 videos').first().waitFor();
    expect(await page.getByText('Select all on this page').isVisible()).toBe(false);
    await close();
  });
});
