import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type axeCore from 'axe-core';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { fillArchive } from './archive.ts';
import { describeInBrowser, keepScreenshot, openBrowser, openPage } from './browser.ts';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const SCHEMES = ['light', 'dark'] as const;
const LOCALES = ['en', 'fr'] as const;
const WIDTHS = [1280, 390] as const;
/** The narrowest window in which everything must fit (WCAG 1.4.10). */
const NARROWEST = 320;
describeInBrowser('every page for everybody', () => {
  let environment: TestEnvironment;
  let open: Dashboard;
  let closed: Dashboard;
  let browser: Browser;
  let axe: string;
  let addresses: readonly string[];

  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    environment = await openTestEnvironment();
    const paths = await fillArchive(environment);
    open = await startTestDashboard(environment);
    closed = await startTestDashboard(environment, { user: 'ama', password: 'long enough' });
    addresses = [
      ...paths.map((path) => new URL(path, open.url).href),
      new URL('/login?next=%2Fvideos', closed.url).href,
    ];
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await Promise.all([open.close(), closed.close()]);
    await environment.close();
  });

  test.each(LOCALES)(
    'no page violates a rule of WCAG 2.2 AA or scrolls sideways, in both themes, on a desk and on a phone: %s',
    async (locale) => {
      const { page, complaints, close } = await openPage(browser, { locale });
      const found: string[] = [];
      for (const address of addresses) {
        const { pathname, search } = new URL(address);
        await page.goto(address);
        await page.evaluate(`${axe}; undefined`);
        const lang = await page.evaluate('document.documentElement.lang');
        if (lang !== locale) found.push(`${pathname}: is in the language ${String(lang)}`);
        if ((await page.evaluate('window.hacked')) !== undefined) found.push(`${pathname}: ran a title`);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 800 });
          const widest = Number(await page.evaluate('document.documentElement.scrollWidth'));
          if (widest > width) found.push(`${pathname}: is ${String(widest)} px wide in ${String(width)}`);
          for (const colorScheme of SCHEMES) {
            await page.emulateMedia({ colorScheme });
            const where = `${pathname}, ${colorScheme}, ${String(width)} px`;
            found.push(...(await violations(page)).map((violation) => `${where}: ${violation}`));
            const name = `${pathname}${search}`.replaceAll(/[^a-z]+/gi, '-').slice(1) || 'overview';
            await keepScreenshot(page, `pages/${name}-${locale}-${colorScheme}-${String(width)}`);
          }
        }
      }
      expect(found).toEqual([]);
      // Only the page that is missing on purpose.
      expect(complaints).toEqual([expect.stringContaining('404')]);
      await close();
    },
    600_000,
  );

  test.each(LOCALES)(
    `every page fits ${String(NARROWEST)} px: %s`,
    async (locale) => {
      const { page, close } = await openPage(browser, {
        locale,
        viewport: { width: NARROWEST, height: 800 },
      });
      const found: string[] = [];
      for (const address of addresses) {
        await page.goto(address);
        const widest = Number(await page.evaluate('document.documentElement.scrollWidth'));
        if (widest > NARROWEST) found.push(`${address}: is ${String(widest)} px wide`);
      }
      expect(found).toEqual([]);
      await close();
    },
    60_000,
  );

  test('a chart that is not drawn anew yet does not widen the page', async () => {
    const { page, close } = await openPage(browser);
    await page.addInitScript(`window.ResizeObserver = class extends ResizeObserver {
      constructor(resized) {
        super(() => { if (window.isHeld !== true) resized(); });
      }
    }`);
    await page.goto(new URL('/', open.url).href);
    await eventually('the wide chart', async () => {
      const wide = "document.querySelector('#throughput canvas')?.getBoundingClientRect().width > 390";
      return (await page.evaluate(wide)) === true;
    });
    await page.evaluate('window.isHeld = true');
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await close();
  });

  test('the check itself finds what is wrong', async () => {
    const { page, close } = await openPage(browser);
    await page.setContent('<html lang="en"><title>x</title><main><img src="x"><input></main></html>');
    await page.evaluate(`${axe}; undefined`);
    const found = (await violations(page)).map((violation) => violation.split(':', 1)[0]);
    expect(found).toEqual(expect.arrayContaining(['image-alt', 'label']));
    await close();
  });
});

/** What axe finds in the page, into which it was loaded before. */
async function violations(page: Page): Promise<string[]> {
  const check = `axe.run(document, { runOnly: ${JSON.stringify(WCAG)} })`;
  const results = await page.evaluate<axeCore.AxeResults>(check);
  return results.violations.map(({ id, nodes }) => {
    const shown = nodes.slice(0, 3).map(({ html, any }) => `${html} (${any[0]?.message ?? ''})`);
    return `${id}: ${shown.join(' | ')}`;
  });
}
