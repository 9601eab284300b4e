import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { uploadAudio } from '../../src/storage/upload-audio.ts';
import type { JobContext } from '../../src/workers/processor.ts';
import { createPeaksTask } from '../../src/workers/processors/peaks-task.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import {
  addressOf,
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';
import { STAGED_MP3 } from '../support/sample-audio.ts';
import { describeInBrowser, keepScreenshot, openBrowser, openPage, untilTrue } from './browser.ts';

const KEY = keyOf(1);
const SECONDS = 120;
const never = new AbortController().signal;

describeInBrowser('the player of a video', () => {
  let environment: ReconcileEnvironment;
  let dashboard: Dashboard;
  let browser: Browser;

  beforeAll(async () => {
    environment = await openReconcileEnvironment();
    const { config, database, directory, staging, store } = environment;
    const file = path.join(directory, 'tone.mp3');
    const tone = `sine=frequency=440:duration=${String(SECONDS)}`;
    // Debian's Chromium plays MP3.
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', tone, '-y', file]);
    await environment.discover(KEY);
    const object = { ...STAGED_MP3, key: KEY, file, profile: 'mp3-320', sourceUrl: addressOf(KEY) };
    const stored = await uploadAudio(store, object, { signal: never });
    const { bucket, key, sizeBytes: size, md5, sha256, etag } = stored;
    const audio = { ...{ bucket, key, size, md5, sha256, etag }, format: 'mp3', duration: SECONDS };
    await database.videos.markDownloaded(KEY, 0, audio, { title: 'A tone' });
    await database.videos.markStored(KEY, 0, audio);
    const context: JobContext = {
      ...{ attempt: 1, isLastAttempt: false, worker: 'test', signal: never, logger: createSilentLogger() },
      attribute: (error) => Promise.resolve(error),
      reportProgress: () => undefined,
    };
    const made = await createPeaksTask({ config, database, staging, store })(context);
    expect(made).toMatchObject({ made: 1 });
    dashboard = await startTestDashboard(environment);
    browser = await openBrowser();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await dashboard.close();
    await environment.close();
  });

  const place = (page: Page) => page.evaluate<number>("document.querySelector('audio').currentTime");

  test('shows the waveform, and goes where its keys and clicks say', async () => {
    const { page, complaints, close } = await openPage(browser);
    try {
      await page.goto(`${dashboard.url}videos/${videoDocumentId(KEY)}`);
      const slider = page.getByRole('slider');
      await slider.waitFor();
      await untilTrue(page, "document.querySelector('audio').readyState >= 1");
      expect(await slider.getAttribute('aria-valuemax')).toBe(String(SECONDS));
      expect(await page.locator('.waveform canvas').count()).toBeGreaterThan(0);
      await slider.focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Shift+ArrowRight');
      expect(await place(page)).toBeCloseTo(35, 0);
      await page.keyboard.press('ArrowLeft');
      expect(await place(page)).toBeCloseTo(30, 0);
      await page.keyboard.press('Space');
      await untilTrue(page, "!document.querySelector('audio').paused");
      await page.keyboard.press('Space');
      await untilTrue(page, "document.querySelector('audio').paused");
      const box = await slider.boundingBox();
      if (box === null) throw new Error('The waveform is not to be seen.');
      await slider.click({ position: { x: box.width * 0.75, y: box.height / 2 } });
      await untilTrue(page, `document.querySelector('audio').currentTime > ${String(SECONDS * 0.7)}`);
      expect(await place(page)).toBeLessThan(SECONDS * 0.8);
      await keepScreenshot(page, 'video');
      expect(complaints).toEqual([]);
    } finally {
      await close();
    }
  }, 60_000);

  test('without script the player of the browser stands alone', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    try {
      const page = await context.newPage();
      await page.goto(`${dashboard.url}videos/${videoDocumentId(KEY)}`);
      expect(await page.locator('audio[controls]').isVisible()).toBe(true);
      expect(await page.locator('.waveform').isVisible()).toBe(false);
    } finally {
      await context.close();
    }
  }, 60_000);
});
