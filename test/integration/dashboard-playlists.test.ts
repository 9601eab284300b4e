import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const ID = 'playlist.PLsample-songs-0000000000000000000';
const ADDRESS = 'https://www.youtube.com/playlist?list=PLsample-songs-0000000000000000000';

let environment: TestEnvironment;
let dashboard: Dashboard;

beforeAll(async () => {
  environment = await openTestEnvironment();
  dashboard = await startTestDashboard(environment);
});
afterAll(async () => {
  await dashboard.close();
  await environment.close();
});

const page = async (path: string) => await (await fetch(new URL(path, dashboard.url))).text();
const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(new URL(path, dashboard.url), {
    ...{ method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(fields) },
  });
const waiting = async () => (await environment.queues.jobs.counts('playlist')).waiting;
const recorded = () => environment.database.playlists.findById(ID);

test('an empty archive says what to do', async () => {
  expect(await page('/playlists')).toContain('There are no playlists yet.');
});

test('lines are added as from playlist.txt, and each that is refused says why', async () => {
  const lines = `${ADDRESS}  # songs\r\n\r\n<b>x</b>\r\nhttps://www.youtube.com/watch?v=aud0dubbed0\r\n`;
  const text = await (await send('/playlists', { lines })).text();
  expect(text).toContain('1 added; a worker reads them now.');
  expect(text).toContain('Line 3: &lt;b&gt;x&lt;/b&gt;');
  expect(text).toContain('Line 4: https://www.youtube.com/watch?v=aud0dubbed0 is a single video');
  expect(await recorded()).toMatchObject({ url: ADDRESS, enabled: true });
  expect(await waiting()).toBe(1);
  expect((await environment.database.audit.ofTarget(ID, 1))[0]).toMatchObject({
    operation: 'playlists.add',
    via: 'page',
  });
  expect(await (await send('/playlists', { lines: ADDRESS })).text()).toContain('1 known already');
});

test('a playlist is paused, resumed and forgotten', async () => {
  const path = `/playlists/${encodeURIComponent(ID)}`;
  const videos = [
    { key: { provider: 'youtube', videoId: 'sample00001' }, url: 'https://example.org/x' },
  ] as const;
  await environment.database.videos.discover(videos);
  expect(await page(path)).toContain('value="pause"');

  const paused = await send(path, { action: 'pause' });
  expect(await page(paused.headers.get('location') ?? '')).toContain('paused.');
  expect(await recorded()).toMatchObject({ enabled: false });
  expect(await page('/playlists')).toContain('paused');

  await send(path, { action: 'resume' });
  expect(await recorded()).toMatchObject({ enabled: true });
  await send(path, { action: 'forget' });
  expect(await recorded()).toMatchObject({ enabled: false, forgotten_at: expect.any(Date) });
});

test.each([
  ['an unknown action', `/playlists/${encodeURIComponent(ID)}`, { action: '__proto__' }],
  ['an unknown playlist', '/playlists/playlist.PLx', { action: 'pause' }],
])('%s is not found', async (_what, path, fields) => {
  expect((await send(path, fields)).status).toBe(404);
});

test('a page of another site cannot add anything', async () => {
  const response = await send('/playlists', { lines: '@somebody' }, { origin: 'https://evil.example' });
  expect(response.status).toBe(403);
  expect(await environment.database.playlists.findById('handle.@somebody')).toBeUndefined();
});
