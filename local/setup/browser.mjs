import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TOOLS } from './paths.mjs';
import { say } from './progress.mjs';
import { findProgram } from './run-program.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/** The programs that the tests of the pages take; test/browser/browser.ts looks for the same. */
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];
/** Not every distribution has a package of this name: it is asked for once. */
const TRIED = path.join(TOOLS, 'browser-tried');

/**
 * Installs Debian's Chromium where this user may install packages. Without a browser the tests of the pages are skipped and say so,
 * so a failure is no failure of the set-up. With what it depends on it is a download of 136 MB (60 packages beside those that the
 * other tests need) and 0.5 GB on the disk.
 */
export async function ensureBrowser() {
  if (BROWSERS.some((name) => findProgram(name) !== undefined) || existsSync(TRIED)) return;
  mkdirSync(TOOLS, { recursive: true });
  writeFileSync(TRIED, '');
  try {
    await ensureSystemPackages([], ['chromium']);
  } catch {
    say('chromium could not be installed: the tests of the pages in a browser are skipped');
  }
}
