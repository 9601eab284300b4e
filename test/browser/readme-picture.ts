import { execFile } from 'node:child_process';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { SCREENSHOTS } from './browser.ts';

/** Text on plain ground needs few colours; a table of them makes the file a third as large. */
const COLOURS = 64;

/**
 * Takes a picture of what the window shows, for README: `.sonotheque/screenshots/readme/NAME.png`. Whoever changes the pages
 * copies the folder to `docs/screenshots/`.
 * @returns its size in bytes
 */
export async function keepReadmePicture(page: Page, name: string): Promise<number> {
  const folder = path.join(SCREENSHOTS, 'readme');
  await mkdir(folder, { recursive: true });
  const [whole, file] = [`${name}-whole.png`, `${name}.png`].map((one) => path.join(folder, one));
  if (whole === undefined || file === undefined) throw new Error('There is no name.');
  await page.screenshot({ path: whole });
  const filter = `split[a][b];[a]palettegen=max_colors=${String(COLOURS)}[p];[b][p]paletteuse=dither=none`;
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', whole, '-vf', filter, '-y', file]);
  await rm(whole);
  return (await stat(file)).size;
}
