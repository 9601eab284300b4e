import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type axeCore from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import Parser from 'rss-parser';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import {
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';
import { describeInBrowser, keepScreenshot, openBrowser, openPage } from './browser.ts';

const ID = 'playlist.PLsample-songs-0000000000000000000';
const PATH = `/playlists/${encodeURIComponent(ID)}`;
const HOSTILE = `<img src=x onerror="window.hacked=1"> with a title_that_has_no_place_to_break_anywhere_in_it`;
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

describeInBrowser('playlists and feeds', () => {
  let environment: ReconcileEnvironment;
  let dashboard: Dashboard;
  let browser: Browser;
  let axe: string;

  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    environment = await openReconcileEnvironment();
    dashboard = await startTestDashboard(environment);
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await dashboard.close();
    await environment.close();
  });

  /** What a reader of any kind would stumble over on the page as it is now. */
  async function check(page: Page, name: string): Promise<void> {
    const found: string[] = [];
    await page.evaluate(`${axe}; undefined`);
    for (const width of [1_280, 390, 320]) {
      await page.setViewportSize({ width, height: 900 });
      const widest = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (widest > width) found.push(`${name} is ${String(widest)} px wide in ${String(width)}`);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const options = JSON.stringify({ runOnly: WCAG });
        const { violations } = await page.evaluate<axeCore.AxeResults>(`axe.run(document, ${options})`);
        found.push(
          ...violations.map(({ id, nodes }) => `${name}, ${colorScheme}: ${id}: ${nodes[0]?.html ?? ''}`),
        );
        if (width !== 320) await keepScreenshot(page, `playlists/${name}-${colorScheme}-${String(width)}`);
      }
    }
    expect(found).toEqual([]);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1_280, height: 900 });
  }

  async function fill(): Promise<void> {
    const { database } = environment;
    for (const number of [1, 2]) await environment.archive(keyOf(number));
    await environment.discover(keyOf(3), keyOf(4));
    const error = new TransientError('network', HOSTILE);
    await database.videos.markFailed(keyOf(3), 0, { stage: 'download', resumeAt: 'download' }, error);
    const items = [1, 2, 3, 4].map((number) => ({ key: keyOf(number), position: number }));
    const [before, now] = [new Date(Date.now() - 60_000), new Date()];
    await database.playlists.recordItems(ID, items, before);
    await database.playlists.recordItems(ID, items.slice(0, 3), now);
    const result = { title: HOSTILE, announcedCount: 9, foundCount: 3, complete: false, isWhole: true };
    await database.playlists.recordExpansion(ID, now, {
      ...result,
      nextExpandAt: new Date(Date.now() + 86_400_000),
    });
    await database.playlists.recordFailure(ID, error, new Date(Date.now() + 600_000));
  }

  test('added, understood, set, subscribed, paused and forgotten', async () => {
    const { page, complaints, close } = await openPage(browser);
    await page.goto(`${dashboard.url}playlists`);
    await check(page, 'empty');
    await page
      .getByRole('textbox')
      .fill(`${ID.slice('playlist.'.length)}\nnonsense ${HOSTILE}\n@some-channel/streams`);
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('cell', { name: 'a playlist', exact: true }).waitFor();
    await check(page, 'added');

    await fill();
    await page.goto(`${dashboard.url}playlists`);
    await page.getByRole('link', { name: '<img src=x' }).click();
    await check(page, 'one');

    await page.getByLabel('Priority').fill('first');
    await page.getByRole('button', { name: 'Save the settings' }).click();
    await page.getByRole('alert').waitFor();
    await check(page, 'wrong-settings');
    await page.getByLabel('Priority').fill('1');
    await page.getByRole('button', { name: 'Save the settings' }).click();
    await page.getByRole('status').getByText('The settings are saved').waitFor();

    await page.getByLabel('For whom or which player').fill(HOSTILE);
    await page.getByRole('button', { name: 'Make a secret address' }).click();
    const address = await page.locator('textarea[readonly]').inputValue();
    await check(page, 'address');
    expect(await new Parser().parseURL(address)).toMatchObject({ title: HOSTILE, items: [{}, {}] });
    await page.getByRole('button', { name: 'End this address' }).click();
    await page.getByRole('status').getByText('The secret address has ended').waitFor();
    expect((await fetch(address)).status).toBe(404);

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await page.getByRole('link', { name: 'Forget' }).click();
    await check(page, 'forget');
    await page.getByLabel('Keep its videos').check();
    await page.getByRole('button', { name: 'Forget it' }).click();
    await page.getByRole('status').getByText('It is forgotten').waitFor();
    expect(new URL(page.url()).pathname).toBe(PATH);
    await check(page, 'forgotten');
    await page.goto(`${dashboard.url}feeds`);
    await check(page, 'feeds');
    // Only that of the settings that were refused.
    expect(complaints.filter((text) => !text.includes('422'))).toEqual([]);
    await close();
  }, 120_000);

  test('in French, with a list that refreshes itself', async () => {
    const { page, close } = await openPage(browser, { locale: 'fr-CA' });
    await page.goto(`${dashboard.url}playlists`);
    await page.getByRole('heading', { name: 'Listes de lecture', exact: true }).waitFor();
    await check(page, 'list-fr');
    await close();
  }, 60_000);
});
