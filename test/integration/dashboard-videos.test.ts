import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { PermanentError } from '../../src/domain/job-errors.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import {
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';

const HOSTILE = '<script>alert("title")</script>';
const [STORED, FAILED, WAITING] = [keyOf(1), keyOf(2), keyOf(3)];
const never = new AbortController().signal;

let environment: ReconcileEnvironment;
let dashboard: Dashboard;
let content: Buffer;

beforeAll(async () => {
  environment = await openReconcileEnvironment();
  const { database, store } = environment;
  await environment.archive(STORED);
  const { stream } = await store.openRead(`audio/youtube/${STORED.videoId}.mp3`, { signal: never });
  content = Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>));
  await database.videos.discover([
    { key: FAILED, url: 'javascript:alert(1)', title: HOSTILE },
    { key: WAITING, url: 'https://example.org/x', title: 'Rain and wind' },
  ]);
  const failure = new PermanentError('private', 'It is <b>private</b>.');
  await database.videos.markFailed(FAILED, 0, { stage: 'download', resumeAt: 'download' }, failure);
  dashboard = await startTestDashboard(environment, undefined, { azure: environment.config.azure });
});
afterAll(async () => {
  await dashboard.close();
  await environment.close();
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(new URL(path, dashboard.url), { headers, method, redirect: 'manual' });
const page = async (path: string) => await (await get(path)).text();
const act = (path: string, action: string, keys: readonly VideoKey[], headers: Record<string, string> = {}) =>
  fetch(new URL(path, dashboard.url), {
    ...{ method: 'POST', redirect: 'manual', headers },
    body: new URLSearchParams([
      ['action', action],
      ...keys.map((key): [string, string] => ['id', videoDocumentId(key)]),
    ]),
  });
const audioOf = (key: VideoKey) => `/videos/${videoDocumentId(key)}/audio`;

describe('one video', () => {
  test('says why it failed and what to do, and makes no link of a script', async () => {
    const text = await page(`/videos/${videoDocumentId(FAILED)}`);
    expect(text).toContain('private');
    expect(text).toContain('retry -- --class private');
    expect(text).toContain('It is &lt;b&gt;private&lt;/b&gt;.');
    expect(text).not.toContain('href="javascript:');
    expect(text).toContain('value="retry"');
    expect(text).not.toContain('<audio');
  });

  test('that is stored has a player and its checksums', async () => {
    const text = await page(`/videos/${videoDocumentId(STORED)}`);
    expect(text).toContain(`src="${audioOf(STORED)}"`);
    expect(text).toContain('SHA-256');
    expect(text).toContain('value="remirror"');
  });

  test.each(['youtube.unknown0001', 'youtube.x', 'x', '%00', '..%2f'])('%j is not found', async (id) => {
    expect((await get(`/videos/${id}`)).status).toBe(404);
    expect((await get(`/videos/${id}/audio`)).status).toBe(404);
  });
});

describe('the audio of a video', () => {
  test('is sent whole, and only its head for HEAD', async () => {
    const response = await get(audioOf(STORED));
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
    const head = await get(audioOf(STORED), {}, 'HEAD');
    for (const { status, headers } of [response, head]) {
      expect({ status, ...Object.fromEntries(headers) }).toMatchObject({
        status: 200,
        'accept-ranges': 'bytes',
        'content-type': 'audio/mpeg',
        'content-length': String(content.length),
      });
    }
    // Without the second header fetch itself asks for a full answer.
    const known = { 'if-none-match': response.headers.get('etag') ?? '', 'cache-control': 'max-age=0' };
    expect((await get(audioOf(STORED), known)).status).toBe(304);
  });

  test.each([
    ['bytes=0-9', 0, 10],
    ['bytes=5-', 5, undefined],
    ['bytes=-7', -7, undefined],
    ['bytes=3-99999999', 3, undefined],
  ])('is sent in part for %s', async (range, first, end) => {
    const response = await get(audioOf(STORED), { range });
    expect(response.status).toBe(206);
    const wanted = content.subarray(first, end);
    expect(Buffer.from(await response.arrayBuffer()).equals(wanted)).toBe(true);
    const from = first < 0 ? content.length + first : first;
    expect(response.headers.get('content-range')).toBe(
      `bytes ${String(from)}-${String(from + wanted.length - 1)}/${String(content.length)}`,
    );
  });

  test.each([['bytes=99999999-'], ['bytes=0-1,5-6'], ['items=0-1'], ['bytes=x']])(
    'with the range %s that cannot be served in part',
    async (range) => {
      const response = await get(audioOf(STORED), { range });
      if (range === 'bytes=99999999-') {
        expect(response.status).toBe(416);
        expect(response.headers.get('content-range')).toBe(`bytes */${String(content.length)}`);
      } else {
        expect(response.status).toBe(200);
        expect((await response.arrayBuffer()).byteLength).toBe(content.length);
      }
    },
  );

  test('is sent whole when the player had another version', async () => {
    const response = await get(audioOf(STORED), { range: 'bytes=0-9', 'if-range': '"other"' });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });

  test('is a file with a readable name to download', async () => {
    const response = await get(`${audioOf(STORED)}?download=1`);
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename=".*\.mp3"/);
    await response.arrayBuffer();
  });
});

describe('an action', () => {
  test('is done by its operation, says what came of it, and is in the audit', async () => {
    const response = await act(`/videos/${videoDocumentId(FAILED)}`, 'retry', [FAILED]);
    expect(response.status).toBe(303);
    const location = response.headers.get('location') ?? '';
    expect(await page(location)).toContain('1 retried.');
    const { database, queues } = environment;
    expect(await database.videos.find(FAILED)).toMatchObject({ status: 'discovered', round: 1 });
    expect((await database.audit.ofTarget(videoDocumentId(FAILED), 1))[0]).toMatchObject({
      operation: 'videos.retry',
      via: 'page',
    });
    expect((await queues.jobs.counts('download')).waiting).toBe(1);
    // Twice is as once.
    const again = await act(`/videos/${videoDocumentId(FAILED)}`, 'retry', [FAILED]);
    expect(await page(again.headers.get('location') ?? '')).toContain(
      '1 left alone: neither failed nor waiting for a retry.',
    );
  });

  test('downloads and copies again', async () => {
    const { database, queues } = environment;
    const [first] = [await database.videos.find(STORED)];
    await act('/videos', 'remirror', [STORED]);
    expect(await database.videos.find(STORED)).toMatchObject({
      status: 'stored',
      round: (first?.round ?? 0) + 1,
    });
    expect((await queues.jobs.counts('sync')).waiting).toBe(1);
    await act('/videos', 'redownload', [STORED]);
    expect(await database.videos.find(STORED)).toMatchObject({
      status: 'discovered',
      round: (first?.round ?? 0) + 2,
    });
  });

  test('that is unknown does nothing', async () => {
    const response = await act(`/videos/${videoDocumentId(WAITING)}`, 'constructor', [WAITING]);
    expect(await page(response.headers.get('location') ?? '')).toContain('Nothing was done');
    expect(await environment.database.videos.find(WAITING)).toMatchObject({ status: 'discovered' });
  });

  test('deletes the audio after a question, and says so', async () => {
    const { database, store } = environment;
    const [deleted, copied] = [keyOf(8), keyOf(9)];
    await environment.archive(deleted);
    await environment.archive(copied);
    const path = `/videos/${videoDocumentId(deleted)}`;
    expect(await page(path)).toContain(`href="${path}/delete"`);
    const question = await page(`${path}/delete`);
    expect(question).toContain('Delete the audio?');
    expect(question).toContain('name="everywhere"');
    // The question itself changes nothing.
    expect(await store.stat(`audio/youtube/${deleted.videoId}.mp3`, never)).toBeDefined();
    const response = await act(`${path}/delete`, '', []);
    expect(response.status).toBe(303);
    expect(await page(response.headers.get('location') ?? '')).toContain('Its audio is deleted.');
    expect(await store.stat(`audio/youtube/${deleted.videoId}.mp3`, never)).toBeUndefined();
    expect(await database.videos.find(deleted)).toMatchObject({ status: 'skipped', skip_reason: 'deleted' });
    expect((await database.audit.ofTarget(videoDocumentId(deleted), 1))[0]).toMatchObject({
      operation: 'videos.delete',
      via: 'page',
    });
    // There is nothing left to delete.
    expect(await page(path)).not.toContain('/delete"');
    expect((await get(`${path}/delete`)).status).toBe(404);

    const everywhere = await fetch(new URL(`/videos/${videoDocumentId(copied)}/delete`, dashboard.url), {
      ...{ method: 'POST', redirect: 'manual' },
      body: new URLSearchParams({ everywhere: 'yes' }),
    });
    // Reconcile removes the copy in Azure.
    expect(await page(everywhere.headers.get('location') ?? '')).toContain('is being deleted');
    expect(await database.audit.ofTarget(videoDocumentId(copied), 1)).toMatchObject([
      { operation: 'videos.delete everywhere' },
    ]);
  });

  test('that deletes is refused to a page of another site', async () => {
    const path = `/videos/${videoDocumentId(STORED)}/delete`;
    expect((await act(path, '', [], { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(await environment.database.videos.find(STORED)).not.toMatchObject({ skip_reason: 'deleted' });
  });

  test('from a page of another site is refused', async () => {
    expect((await act('/videos', 'skip', [WAITING], { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(await environment.database.videos.find(WAITING)).toMatchObject({ status: 'discovered' });
  });

  test('cannot be made to say anything by a link', async () => {
    expect(await page('/videos?notice=<b>You+are+hacked</b>&operation=hacked')).not.toContain(
      'class="notice"',
    );
  });
});
