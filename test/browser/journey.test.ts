import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import { PRIVATE_VIDEO_ID } from '../../local/sample-channel/sample-videos.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { recountPlaylists } from '../../src/operations/recount-playlists.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnServer, type OwnServer } from '../support/own-server.ts';
import { Programs } from '../support/program.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { describeInBrowser, openBrowser, openPage, type OpenPage, untilTrue } from './browser.ts';
import {
  addressOf,
  INCOMPLETE,
  LONG,
  openJourneyChannel,
  PLAYLIST,
  type JourneyChannel,
} from './journey-channel.ts';
import { keepReadmePicture } from './readme-picture.ts';

const CREDENTIALS = { user: 'ama', password: 'long enough' };
/** What README shows, and what is drawn last on each page. */
const PICTURES = [
  { name: 'overview', height: 800, path: '/', drawn: '#throughput canvas' },
  { name: 'videos', height: 800, path: '/videos?sort=title&order=desc', drawn: '.select-all:not([hidden])' },
  { name: 'video', height: 800, path: `/videos/youtube.${PLAYLIST.videoIds[0]}`, drawn: '.waveform canvas' },
  { name: 'playlists', height: 560, path: '/playlists', drawn: 'table' },
] as const;
const MAX_PICTURE_BYTES = 60_000;
const DESK = { width: 1280, height: 800 };
const DEADLINE_MS = 120_000;

/** What newcomers do, with the workers of production and the sample channel in place of the site. */
describeInBrowser('the way of a newcomer', () => {
  let redis: OwnServer;
  let channel: JourneyChannel;
  let environment: TestEnvironment;
  let dashboard: Dashboard;
  let browser: Browser;
  let opened: OpenPage;
  const programs = new Programs();

  beforeAll(async () => {
    // As in production, with its append-only file.
    redis = await startOwnServer('redis');
    channel = await openJourneyChannel();
    environment = await openTestEnvironment({
      REDIS_URL: redis.url,
      YTDLP_EXTRA_ARGS: channel.extraArguments,
    });
    dashboard = await startTestDashboard(environment, CREDENTIALS, { azure: environment.config.azure });
    browser = await openBrowser();
    opened = await openPage(browser, { viewport: DESK });
    programs.start('worker', [], environment);
  }, DEADLINE_MS);

  afterAll(async () => {
    await browser.close();
    await programs.end();
    await dashboard.close();
    await Promise.all([channel.close(), environment.close()]);
    await redis.close();
  }, DEADLINE_MS);

  const counts = () => environment.database.overview.countByStatus();
  const navigateTo = (page: Page, name: string) =>
    page.getByRole('banner').getByRole('link', { name, exact: true }).click();

  test(
    'from an empty archive to hearing a file',
    async () => {
      const { page, complaints } = opened;
      await page.goto(dashboard.url);
      await page.locator('[name=user]').fill(CREDENTIALS.user);
      await page.locator('[name=password]').fill(CREDENTIALS.password);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('heading', { name: 'The archive is empty' }).waitFor();
      await page.getByLabel('Playlists, one a line').fill(addressOf(PLAYLIST.id));
      await page.getByRole('button', { name: 'Add and begin' }).click();
      await page.getByRole('cell', { name: 'a playlist', exact: true }).waitFor();
      await eventually(
        'four stored, one failed',
        counts,
        (found) => found.mirrored === 4 && found.failed === 1,
      );

      await navigateTo(page, 'Videos');
      await page.getByRole('link', { name: LONG.title }).click();
      await page.getByRole('heading', { name: LONG.title }).waitFor();
      const waveform = page.getByRole('slider');
      await waveform.focus();
      await page.keyboard.press('Space');
      await untilTrue(page, "document.querySelector('audio').currentTime > 0.5");
      expect(await page.evaluate("document.querySelector('audio').paused")).toBe(false);
      const box = await waveform.boundingBox();
      if (box === null) throw new Error('The waveform is not to be seen.');
      const isLaterPart = (header: string | undefined) => /^bytes [1-9]/.test(header ?? '');
      const [part] = await Promise.all([
        page.waitForResponse(
          (response) => response.url().endsWith('/audio') && isLaterPart(response.headers()['content-range']),
        ),
        waveform.click({ position: { x: box.width * 0.9, y: box.height / 2 } }),
      ]);
      expect(part.status()).toBe(206);
      await untilTrue(page, "document.querySelector('audio').currentTime > 265");
      await page.keyboard.press('Space');
      await untilTrue(page, "document.querySelector('audio').paused");
      expect(complaints).toEqual([]);
    },
    DEADLINE_MS,
  );

  test(
    'a failed video is found, understood, retried when its cause is gone, and stored',
    async () => {
      const { page, complaints } = opened;
      await navigateTo(page, 'Videos');
      await page.getByLabel('Status').selectOption('failed');
      await page.getByText('1 video', { exact: true }).waitFor();
      await page.getByRole('row').nth(1).getByRole('link').first().click();
      const trouble = page.getByRole('region', { name: 'What is wrong' });
      await trouble.getByText('The owner made it private.').waitFor();
      expect(await trouble.textContent()).toContain('in the stage download');
      await trouble.getByText('Message of the program').click();
      await trouble.getByText('Private video').waitFor();

      await channel.control({ action: 'video-fault', videoId: PRIVATE_VIDEO_ID, fault: null });
      await page.getByRole('button', { name: 'Retry now' }).click();
      await page.locator('.notice').waitFor();
      await eventually('the video in the mirror', counts, ({ mirrored }) => mirrored === 5);
      await page.goto(`${dashboard.url}videos/youtube.${PRIVATE_VIDEO_ID}`);
      await page.getByRole('slider').waitFor();
      expect(await trouble.count()).toBe(0);
      expect(await page.getByRole('region', { name: 'What people did' }).textContent()).toContain('ama');
      expect(complaints).toEqual([]);
    },
    DEADLINE_MS,
  );

  test('a token is made, used and revoked', async () => {
    const { page, complaints } = opened;
    await navigateTo(page, 'API');
    await page.getByLabel('Name').fill('notebook');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const token = await page.getByRole('status').locator('code').textContent();
    // The one page with a secret cannot be opened again, to see whether it fits a phone.
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await page.setViewportSize(DESK);
    const ask = () =>
      fetch(new URL('/api/v1/videos?status=mirrored', dashboard.url), {
        headers: { authorization: `Bearer ${String(token)}` },
      });
    const answer = await ask();
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(LONG.id)]);
    await page.getByRole('button', { name: 'Revoke notebook' }).click();
    await page.getByText('notebook was revoked').waitFor();
    expect((await ask()).status).toBe(401);
    expect(complaints).toEqual([]);
  }, 60_000);

  test(
    'the pictures of README are small',
    async () => {
      const { page, complaints } = opened;
      await navigateTo(page, 'Playlists');
      await page.getByText('Add playlists, channels or videos').click();
      await page
        .getByLabel('One a line')
        .fill([PLAYLIST_IDS.songs, INCOMPLETE.id].map((id) => addressOf(id)).join('\n'));
      await page.getByRole('button', { name: 'Add' }).click();
      await eventually('more videos', counts, (now) => now.mirrored === 13 && now.failed === 1);
      const playlists = [PLAYLIST.id, PLAYLIST_IDS.songs, INCOMPLETE.id].map((id) => `playlist.${id}`);
      await recountPlaylists(playlists, 0, environment.database, new AbortController().signal);

      const found = new Map<string, number>();
      for (const { name, height, path, drawn } of PICTURES) {
        await page.setViewportSize({ ...DESK, height });
        await page.goto(new URL(path, dashboard.url).href);
        await page.locator(drawn).first().waitFor();
        found.set(name, await keepReadmePicture(page, name));
      }
      expect([...found].filter(([, sizeBytes]) => sizeBytes > MAX_PICTURE_BYTES)).toEqual([]);
      expect(complaints).toEqual([]);
    },
    DEADLINE_MS,
  );
});
