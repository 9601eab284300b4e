import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import {
  addressOf,
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';

const ID = 'playlist.PLsample-songs-0000000000000000000';
const ADDRESS = 'https://www.youtube.com/playlist?list=PLsample-songs-0000000000000000000';
const PATH = `/playlists/${encodeURIComponent(ID)}`;
const HOSTILE = `<script>alert(1)</script>"'&`;

let environment: ReconcileEnvironment;
let dashboard: Dashboard;

beforeAll(async () => {
  environment = await openReconcileEnvironment();
  dashboard = await startTestDashboard(environment);
});
afterAll(async () => {
  await dashboard.close();
  await environment.close();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, dashboard.url), { headers, redirect: 'manual' });
const page = async (path: string, headers: Record<string, string> = {}) =>
  await (await get(path, headers)).text();
const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(new URL(path, dashboard.url), {
    ...{ method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(fields) },
  });
const waiting = async (queue: 'playlist' | 'download' = 'playlist') =>
  (await environment.queues.jobs.counts(queue)).waiting;
const recorded = () => environment.database.playlists.findById(ID);
const textOf = (markup: string, selector: string) =>
  load(markup)(selector).text().replaceAll(/\s+/g, ' ').trim();

test('an empty archive says what to do, in English and French', async () => {
  expect(await page('/playlists')).toContain('There are no playlists yet.');
  const french = await page('/playlists', { 'accept-language': 'fr-CA,fr;q=0.9' });
  expect(textOf(french, '.empty')).toContain("Il n'y a pas encore de liste de lecture.");
});

describe('adding lines', () => {
  test('as from playlist.txt, each says what it was understood as or why not; single videos too', async () => {
    const lines = [
      `${ADDRESS}  # songs`,
      '',
      '<b>x</b>',
      'https://www.youtube.com/watch?v=aud0dubbed0',
      '@Some-Channel/streams',
      ADDRESS,
    ].join('\r\n');
    const text = await (await send('/playlists', { lines })).text();
    const rows = load(text)('.notice tbody tr')
      .toArray()
      .map((row) =>
        load(row)('td')
          .toArray()
          .map((cell) => load(cell).text().trim()),
      );
    expect(rows).toEqual([
      ['1', ADDRESS, 'a playlist', 'added; a worker reads it now'],
      ['3', '<b>x</b>', 'nothing', expect.stringContaining('<b>x</b> is neither a YouTube address')],
      ['4', 'https://www.youtube.com/watch?v=aud0dubbed0', 'a single video', 'added; it is downloaded now'],
      ['5', '@Some-Channel/streams', 'a channel', 'added; a worker reads it now'],
      ['6', ADDRESS, 'the same as line 1', ''],
    ]);
    expect(text).not.toContain('<b>x</b>');
    expect(await recorded()).toMatchObject({ url: ADDRESS, enabled: true });
    expect(await waiting()).toBe(2);
    expect(await waiting('download')).toBe(1);
    expect((await environment.database.audit.ofTarget(ID, 1))[0]).toMatchObject({
      operation: 'playlists.add',
      via: 'page',
    });
    expect((await environment.database.audit.ofTarget('youtube.aud0dubbed0', 1))[0]).toMatchObject({
      operation: 'videos.add',
    });
  });

  test('sent again they add nothing twice; what a person skipped stays so', async () => {
    const key = { provider: 'youtube', videoId: 'aud0dubbed0' } as const;
    expect(await (await send('/playlists', { lines: `${ADDRESS}\naud0dubbed0` })).text()).toContain(
      'known already',
    );
    await environment.database.decisions.skip(key, 'test');
    const text = await (await send('/playlists', { lines: 'aud0dubbed0' })).text();
    expect(textOf(text, '.notice')).toContain('left alone');
    expect((await environment.database.videos.find(key))?.skip_reason).toBe('ignored');
  });

  test.each([{ lines: '' }, { lines: '# only a comment' }, { other: 'x' }])(
    'without a line: %j',
    async (fields) => {
      expect(await (await send('/playlists', fields as Record<string, string>)).text()).toContain(
        'There was no line to add.',
      );
    },
  );

  test('more lines than a form is for are refused with a reason', async () => {
    const lines = Array.from({ length: 1_005 }, (_, index) => `https://example.org/${String(index)}`).join(
      '\n',
    );
    expect((await send('/playlists', { lines })).status).toBe(200);
    const tooMany = await send('/playlists', { lines: 'x'.repeat(600_000) });
    expect(tooMany.status).toBe(413);
  });
});

describe('one playlist', () => {
  beforeAll(async () => {
    const { database } = environment;
    for (const number of [1, 2]) await environment.archive(keyOf(number));
    await environment.discover(keyOf(3));
    await database.videos.discover([
      { key: keyOf(4), url: addressOf(keyOf(4)), title: HOSTILE, skipReason: 'too_long' },
      { key: keyOf(5), url: addressOf(keyOf(5)), title: 'Gone' },
    ]);
    const failure = new TransientError('network', `The server said ${HOSTILE}`);
    await database.videos.markFailed(keyOf(3), 0, { stage: 'download', resumeAt: 'download' }, failure);
    const first = new Date(Date.now() - 3_600_000);
    const positions = [1, 2, 3, 4, 5].map((number) => ({ key: keyOf(number), position: number }));
    await database.playlists.recordItems(ID, positions, first);
    // A whole reading without the fifth, then one that ended early and found only the first two.
    const second = new Date(Date.now() - 1_800_000);
    await database.playlists.recordItems(ID, positions.slice(0, 4), second);
    const result = { title: HOSTILE, foundCount: 4, complete: true, isWhole: true, nextExpandAt: new Date() };
    await database.playlists.recordExpansion(ID, second, result);
    // The pages above have counted an empty playlist a moment ago.
    const playlists = database.connection.collection<{ _id: string }>('playlists');
    await playlists.updateOne({ _id: ID }, { $unset: { figures: 1 } });
    const third = new Date(Date.now() - 60_000);
    await database.playlists.recordItems(ID, positions.slice(0, 2), third);
    await database.playlists.recordExpansion(ID, third, {
      ...{ ...result, announcedCount: 9, foundCount: 2, complete: false },
    });
  });

  test('shows its figures, what is missing by id, and no markup of others', async () => {
    const text = await page(PATH);
    const $ = load(text);
    const figures = Object.fromEntries(
      $('#figures dl > div')
        .toArray()
        .map((element) => [$(element).find('dt').text(), $(element).find('dd').text().trim()]),
    );
    expect(figures).toMatchObject({
      announced: '9',
      found: '2',
      stored: '2',
      waiting: '1',
      failed: '1',
      skipped: '1',
      'removed at the source': '1',
      'not found again': '2',
      'announced, never seen': '7',
    });
    expect($('script').text()).not.toContain('alert');
    expect($('h1').text()).toBe(HOSTILE);
    expect($('#entries tbody tr')).toHaveLength(5);
    expect($('#entries tbody tr').eq(4).text()).toContain('removed');
    expect($('#entries tbody tr').eq(2).text()).toContain('failed');
    expect($('#figures').attr('hx-select')).toBe('#figures');
  });

  test.each([
    ['removed', [5]],
    ['unseen', [3, 4]],
    ['all', [1, 2, 3, 4, 5]],
    ['nonsense', [1, 2, 3, 4, 5]],
  ])('lists its entries: %s', async (selection, numbers) => {
    const text = await page(`${PATH}?selection=${selection}`);
    const ids = load(text)('#entries tbody small')
      .toArray()
      .map((element) => load(element).text())
      .filter((id) => id.startsWith('youtube.'));
    expect(ids).toEqual(numbers.map((number) => videoDocumentId(keyOf(number))));
  });

  test('a failed reading says why and what to do; the list has the worst first', async () => {
    const error = new TransientError('network', HOSTILE);
    await environment.database.playlists.recordFailure(ID, error, new Date());
    const $ = load(await page(PATH));
    expect($('.trouble').text()).toContain(HOSTILE);
    expect($('.trouble p').eq(1).text().length).toBeGreaterThan(20);
    const list = load(await page('/playlists'));
    expect(list('#playlists tbody tr').first().find('a').first().text()).toBe(HOSTILE);
    expect(list('#playlists tbody tr').first().text()).toContain('could not be read');
    expect(list('#playlists tbody tr').first().find('td').eq(3).text().trim()).toBe('2');
    const filtered = load(await page('/playlists?state=failed&text=ALERT'));
    expect(filtered('#playlists tbody tr')).toHaveLength(1);
    expect(filtered('h2').first().text().trim()).toBe('1 of 2 playlists');
    expect(await page('/playlists?text=nothing-like-this')).toContain('No playlist matches');
  });

  test('is paused, resumed, read now', async () => {
    expect(await page(PATH)).toContain('value="pause"');
    const paused = await send(PATH, { action: 'pause' });
    expect(textOf(await page(paused.headers.get('location') ?? ''), '.notice')).toContain('It is paused');
    expect(await recorded()).toMatchObject({ enabled: false });
    expect(textOf(await page('/playlists?state=paused'), 'tbody')).toContain('paused');
    await send(PATH, { action: 'resume' });
    expect(await recorded()).toMatchObject({ enabled: true });
    const read = await send(PATH, { action: 'read' });
    expect(read.headers.get('location')).toBe(`${PATH}?done=resumed`);
  });

  test('its settings are set in a form, which shows what is wrong', async () => {
    const fields = {
      titleInclude: 'lesson',
      minDuration: '1',
      priority: '3',
      language: 'fr',
      profile: 'original',
    };
    const saved = await send(`${PATH}/settings`, fields);
    expect(saved.headers.get('location')).toBe(`${PATH}?done=saved`);
    expect((await recorded())?.settings).toMatchObject({
      ...{ title_include: ['lesson'], min_duration: 60, priority: 3, language: 'fr', profile: 'original' },
    });
    const again = await send(`${PATH}/settings`, fields);
    expect(again.headers.get('location')).toBe(`${PATH}?done=unchanged`);
    const wrong = await send(`${PATH}/settings`, { ...fields, minDuration: HOSTILE });
    expect(wrong.status).toBe(422);
    const $ = load(await wrong.text());
    expect($('#settings-problems').text()).toContain('Shortest, in minutes');
    expect($('[name="minDuration"]').attr('value')).toBe(HOSTILE);
    expect($('[name="minDuration"]').attr('aria-invalid')).toBe('true');
    expect((await recorded())?.settings).toMatchObject({ min_duration: 60 });
    expect((await environment.database.audit.ofTarget(ID, 1))[0]).toMatchObject({
      operation: 'playlists.set',
    });
    await send(`${PATH}/settings`, {});
    expect((await recorded())?.settings).toMatchObject({ title_include: [], min_duration: null });
  });

  test('is forgotten after a confirmation, with or without its videos', async () => {
    const ask = await page(`${PATH}/forget`);
    expect(textOf(ask, 'h1')).toBe(`Forget “${HOSTILE}”?`);
    expect(textOf(ask, 'form')).toContain('5 videos that no other playlist contains');
    expect((await send(`${PATH}/forget`, {})).status).toBe(422);
    expect(await recorded()).toMatchObject({ enabled: true });
    const forgotten = await send(`${PATH}/forget`, { videos: 'delete' });
    expect(forgotten.headers.get('location')).toMatch(/\?done=forgott(en|ing)$/);
    await eventually(
      'its entries are gone',
      () => environment.database.playlists.countKnown(ID),
      (known) => known === 0,
    );
    expect(await recorded()).toMatchObject({ enabled: false, forgotten_at: expect.any(Date) });
    expect((await environment.database.videos.find(keyOf(1)))?.skip_reason).toBe('deleted');
    const text = await page(PATH);
    expect(text).toContain('forgotten');
    expect(text).not.toContain('value="resume"');
    expect(await page('/playlists')).not.toContain(ID);
  });
});

test.each<[string, string, Record<string, string>]>([
  ['POST', PATH, { action: '__proto__' }],
  ['POST', PATH, { action: 'forget' }],
  ['POST', '/playlists/playlist.PLx', { action: 'pause' }],
  ['POST', '/playlists/playlist.PLx/settings', { priority: '1' }],
  ['POST', '/playlists/playlist.PLx/forget', { videos: 'keep' }],
  ['POST', '/playlists/playlist.PLx/feed', { action: 'make', name: 'x' }],
  ['GET', '/playlists/playlist.PLx', {}],
  ['GET', '/playlists/playlist.PLx/forget', {}],
])('%s %s %j is not found', async (method, path, fields) => {
  const response = method === 'GET' ? await get(path) : await send(path, fields);
  expect(response.status).toBe(404);
});

test('many playlists are shown in pages; a cursor of another kind shows the first', async () => {
  const { database } = environment;
  for (let number = 0; number < 130; number += 1) {
    const id = `playlist.PLmany-${String(number).padStart(5, '0')}`;
    await database.playlists.register({ id, url: `${ADDRESS}${String(number)}` }, new Date());
  }
  const $ = load(await page('/playlists?text=PLmany'));
  expect($('#playlists tbody tr')).toHaveLength(100);
  const next = $('a[rel="next"]').attr('href') ?? '';
  const second = load(await page(next));
  expect(second('#playlists tbody tr')).toHaveLength(30);
  expect(second('a[rel="next"]')).toHaveLength(0);
  const ids = [...$('tbody a').toArray(), ...second('tbody a').toArray()].map((link) => load(link).text());
  expect(new Set(ids).size).toBe(130);
  expect(load(await page('/playlists?text=PLmany&cursor=%00nonsense'))('#playlists tbody tr')).toHaveLength(
    100,
  );
});

describe('who may do what', () => {
  const OPERATOR = { user: 'ama', password: 'correct horse battery' };
  let guarded: Dashboard;
  const basic = `Basic ${Buffer.from(`${OPERATOR.user}:${OPERATOR.password}`).toString('base64')}`;
  const post = (path: string, headers: Record<string, string>) =>
    fetch(new URL(path, guarded.url), {
      ...{ method: 'POST', redirect: 'manual', headers, body: new URLSearchParams({ action: 'pause' }) },
    });

  beforeAll(async () => {
    guarded = await startTestDashboard(environment, OPERATOR);
  });
  afterAll(async () => {
    await guarded.close();
  });

  const posts = ['/playlists', PATH, `${PATH}/settings`, `${PATH}/feed`, `${PATH}/forget`, '/feeds'];
  test.each(posts)('POST %s needs a login and the origin of this site', async (path) => {
    expect((await post(path, {})).status).toBe(401);
    expect((await post(path, { authorization: basic, origin: 'https://evil.example' })).status).toBe(403);
    expect((await post(path, { authorization: basic, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post(path, { authorization: basic })).status).not.toBe(403);
  });
  test.each(['/playlists', PATH, `${PATH}/forget`, '/feeds', '/feeds.opml', `/feeds/${ID}.xml`])(
    'GET %s needs a login',
    async (path) => {
      expect((await fetch(new URL(path, guarded.url), { redirect: 'manual' })).status).toBe(401);
      expect(
        (await fetch(new URL(path, guarded.url), { headers: { authorization: basic } })).status,
      ).toBeLessThan(500);
    },
  );
});
