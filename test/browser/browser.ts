import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const program = CANDIDATES.find((candidate) => existsSync(candidate));

/** The screenshots of a run; `.sonotheque` is no part of the repository. */
export const SCREENSHOTS = fileURLToPath(new URL('../../.sonotheque/screenshots/', import.meta.url));

/** Tests in a real browser. They are skipped, and say so, where there is no Chromium: `npm test` installs it where it may. */
export function describeInBrowser(name: string, define: () => void): void {
  if (program === undefined) console.warn(`SKIPPED: ${name}. Install chromium to run it.`);
  (program === undefined ? describe.skip : describe)(name, define);
}

/** Starts Debian's Chromium without a window. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(program === undefined ? {} : { executablePath: program }),
    // Containers have neither the kernel's sandbox nor a large /dev/shm.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-quic'],
  });
}

/** A page of its own context: no cookies, no login. */
export interface OpenPage {
  readonly page: Page;
  /** What the page complained about: refused resources, uncaught errors, violated policies. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

/** Opens an empty page. English and light unless the options say otherwise. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ locale: 'en', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  return { page, complaints, close: () => context.close() };
}

/** Keeps a picture of the page among the artefacts of the run. @param name may contain a folder */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const file = path.join(SCREENSHOTS, `${name}.png`);
  await mkdir(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file });
}

const UNTIL_TRUE_MS = 20_000;

/**
 * Waits until an expression is true in the page. Playwright's own `waitForFunction` evaluates it a second time within the page,
 * which the content security policy refuses.
 */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  await eventually(expression, () => page.evaluate<boolean>(expression), Boolean, UNTIL_TRUE_MS);
}
